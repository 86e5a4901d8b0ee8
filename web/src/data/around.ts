/** The document of /around: what lies around a place. */
import type { Words } from "./types";

export interface Met {
  readonly id: number;
  readonly code: string | null;
  readonly name: string | null;
  readonly facts: readonly { readonly field: string; readonly title: Words; readonly text: Words }[];
  readonly distance_m: number;
  readonly minutes: number | null;
  readonly point: readonly [number, number];
}

export interface Subject {
  readonly name: string;
  readonly title: Words;
  readonly layer: string;
  readonly unit: Words;
  readonly measure: "count" | "sum" | "length";
  readonly by_road: boolean;
  /** The amount inside each ring; null where a reason is told instead. */
  readonly within: readonly number[] | null;
  readonly parts: readonly {
    readonly code: string;
    readonly title: Words;
    readonly within: readonly number[];
  }[];
  readonly nearest: readonly Met[];
  readonly reason: { readonly code: string; readonly text: Words } | null;
}

/** An outline to look around: a line has a width; rings are metres beyond it. */
export interface AroundShape {
  readonly geometry: GeoJSON.Polygon | GeoJSON.LineString;
  readonly radii_m: readonly number[];
  readonly width_m?: number;
}

export interface Around {
  readonly area: {
    readonly kind: "point" | "polygon" | "line";
    readonly lon: number;
    readonly lat: number;
    readonly rings: readonly {
      readonly radius_m: number;
      readonly area_km2: number;
      readonly geometry: GeoJSON.Geometry;
    }[];
  };
  readonly subjects: readonly Subject[];
  readonly sight: {
    readonly seen_by: readonly {
      readonly id: number;
      readonly code: string | null;
      readonly name: string | null;
      readonly distance_m: number;
    }[];
    readonly near: number | null;
    readonly reason: Words | null;
  };
  readonly stock: readonly {
    readonly item: string;
    readonly title: Words;
    readonly quantity: number;
    readonly unit: string;
    readonly below_minimum: boolean;
    readonly store: { readonly id: number; readonly name: string | null; readonly minutes: number };
  }[];
  readonly by_road: boolean;
  readonly note: { readonly words: { readonly zh: NoteWords; readonly en: NoteWords } };
  readonly as_of: string;
}

interface NoteWords {
  readonly method: string;
  readonly limits: readonly string[];
}
