/** Blind spots, and which camera sees a point, as the service tells it. */
import type { Box, Words } from "./types";

/** One blind spot as the list shows it. */
export interface Spot {
  readonly id: string;
  readonly bbox: Box;
  readonly rank: number;
  /** Exposure: per cent of all that is at stake in blind spots. */
  readonly score: number;
  readonly people: number;
  readonly incidents: number;
  readonly road_m: number;
  readonly key_places: number;
  readonly area_m2: number;
  readonly cause: string | null;
  readonly camera: string | null;
  readonly task: string | null;
  readonly grid: string | null;
  readonly lon: number | null;
  readonly lat: number | null;
}

export type SightFailure =
  | "unknown_view"
  | "too_far"
  | "too_near"
  | "outside_view"
  | "hidden_by_building"
  | "too_coarse"
  | "offline"
  | "unknown_direction";

/** One camera near a point, and why it does not see it. */
export interface SightCamera {
  readonly id: number;
  readonly code: string | null;
  readonly name: string | null;
  /** GB/T 28181. */
  readonly device_id: string | null;
  readonly video: string | null;
  readonly distance_m: number;
  readonly bearing_deg: number;
  readonly sees: boolean;
  readonly reason: SightFailure | null;
  readonly failing: readonly SightFailure[];
  readonly concerned: boolean;
  readonly facts: Readonly<Record<string, number | string | null>>;
  readonly sight_line: GeoJSON.LineString;
  readonly cut: GeoJSON.Point | null;
  /** Outline of the building that hides the point. */
  readonly building: GeoJSON.Polygon | GeoJSON.MultiPolygon | null;
  readonly sentence: Words;
}

export interface Why {
  readonly point: { readonly lon: number; readonly lat: number };
  readonly task: string;
  readonly seen: boolean;
  readonly cause: string;
  readonly camera: string | null;
  readonly sentence: Words;
  readonly cameras: readonly SightCamera[];
}

/** What one camera sees. */
export interface CameraView {
  readonly id: number;
  readonly geometry: GeoJSON.Geometry | null;
  readonly properties: {
    readonly area_m2: number | null;
    readonly range_m: number | null;
    readonly near_m: number | null;
    readonly state: "ok" | "unknown_direction" | "unknown_view" | "nothing";
    readonly online: boolean | null;
  };
}
