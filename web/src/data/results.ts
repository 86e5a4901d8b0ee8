/** Analyses, their runs and their results, as the service tells them. */
import type { SiteFinding } from "./siting";
import type { Box, Words } from "./types";

export interface Column {
  readonly name: string;
  readonly title: Words;
  readonly unit: string | null;
  readonly decimals: number;
  /** Whether values of regions side by side add up; one that does not say so is never added. */
  readonly amount?: boolean;
  /** What the whole numbers from 0 on stand for, where they are codes. */
  readonly words?: readonly Words[];
}

/** What one resolution of a result shows, from its smallest zoom on. */
export interface Level {
  readonly min_zoom: number;
  /** null: the result is shapes, not cells. */
  readonly resolution: number | null;
  readonly cells: number;
  readonly empty: number;
  readonly no_data: number;
  readonly least: number | null;
  readonly most: number | null;
  /** Upper bounds of the classes but the last. */
  readonly breaks: readonly number[];
  /** Cells of each fixed class; null where classes were found from the values. */
  readonly in_class?: readonly number[] | null;
}

/** A group of hot cells, in data; the words of category and rule come with it. */
export interface Hotspot {
  readonly cell: string;
  readonly cells: number;
  readonly category: string;
  readonly category_title: Words;
  readonly rule: Words;
  /** null: too few of a sensitive class to be shown. */
  readonly n: number | null;
  /** null: a group of points that is held against nothing. */
  readonly expected: number | null;
  /** Of its cells; what stands beside the tested cells has none. */
  readonly resolution?: number;
  /** Rings about its cells. */
  readonly outline?: readonly (readonly GeoJSON.Position[])[];
  readonly edge?: boolean;
  readonly z?: number;
  readonly p?: number;
  readonly trend_z?: number;
  readonly trend_p?: number;
  /** Incidents step by step; null: too few of a sensitive class to be shown. */
  readonly series?: readonly (number | null)[];
  /** By step 1 where it was hot. */
  readonly hot_steps?: readonly number[];
  /** What the cell one resolution up says by itself. */
  readonly above?: {
    readonly category: string;
    readonly category_title: Words;
    readonly n: number | null;
    readonly expected: number;
  } | null;
  readonly since: string;
  readonly until?: string;
  readonly classes: readonly (readonly [string, number])[];
  readonly hours: readonly (readonly [number, number])[];
  readonly coarser?: boolean | null;
  readonly lon: number;
  readonly lat: number;
  readonly region_name: string | null;
}

/** A place of a priority class with a hole in its coverage. */
export interface PriorityHole {
  readonly layer: string;
  readonly code: string;
  readonly name: string;
  readonly share: number;
  readonly lon: number;
  readonly lat: number;
}

/**
 * Coverage along lines of a kind, a stretch of one without signal, sites built against what plans ask for, the
 * places of a priority class, or where the busiest cell of a gap is.
 */
export type RadioFinding =
  | {
      readonly what: "priority";
      readonly class: string;
      readonly title: Words;
      readonly places: number;
      /** Without a hole. */
      readonly whole: number;
      readonly area_km2: number;
      readonly area_covered_km2: number;
      readonly people: number;
      readonly people_covered: number;
      readonly holes: readonly PriorityHole[];
    }
  | {
      readonly what: "gap";
      readonly id: string;
      readonly cell: string;
      readonly lon: number;
      readonly lat: number;
    }
  | {
      readonly what: "lines";
      readonly layer: string;
      readonly length_km: number;
      readonly covered_km: number;
    }
  | {
      readonly what: "line_gap";
      readonly layer: string;
      readonly name: string | null;
      readonly ref: string | null;
      /** The community that its middle lies in. */
      readonly place?: string | null;
      readonly from_m: number;
      readonly to_m: number;
      readonly length_m: number;
      readonly lon: number;
      readonly lat: number;
      readonly line?: readonly GeoJSON.Position[];
    }
  | {
      readonly what: "sites";
      readonly counting_unit: string;
      readonly now: number;
      /** In service, but nobody knows since when. */
      readonly undated: number;
      readonly years: readonly { readonly year: number; readonly built: number }[];
      readonly targets: readonly {
        readonly year: number;
        readonly at_least: number;
        readonly source: string;
        readonly same_unit: boolean | null;
        readonly missing: number;
      }[];
    };

/** A stretch of road with more accidents than its class, or one that the official rule names. */
export interface AccidentStretch {
  readonly id: string;
  readonly road: string | null;
  readonly events: number;
  readonly killed: number;
  readonly injured: number;
  /** Accidents on the stretch and beside it, against how many its class of road would have there. */
  readonly around: number;
  readonly expected: number;
  readonly z: number;
  readonly length_m: number;
  readonly bbox: readonly [number, number, number, number];
  readonly lines?: readonly (readonly GeoJSON.Position[])[];
  readonly named_by: "test" | "rule" | "both";
  readonly rule: Words | null;
}

export type Finding = Hotspot | RadioFinding | AccidentStretch | SiteFinding;

export interface NoteWords {
  readonly method: string;
  readonly source: string;
  readonly limits: readonly string[];
}

export interface MethodNote {
  readonly facts: Readonly<Record<string, number | string | null>>;
  readonly words: {
    readonly zh: NoteWords;
    readonly en: NoteWords;
    readonly facts: Readonly<Record<string, Words>>;
  };
}

export type Parameters = Readonly<Record<string, unknown>>;

/** Cells that follow each change of the input, shown in place of those of the published run. */
export interface LiveResult {
  /** Under which the cells are asked for; another one after each publishing. */
  readonly run: number;
  /** When a cell last changed. */
  readonly as_of: string;
  readonly out_of_date: boolean;
}

/** How the map draws a result. */
export interface ResultStyle {
  readonly by: string;
  readonly ramp: { readonly dark: readonly string[]; readonly light: readonly string[] };
  /** Largest zoom first. */
  readonly levels: readonly Level[];
  /** Titles of fixed classes, in the order of the ramp; null where classes are ranges of numbers. */
  readonly classes?: readonly Words[] | null;
  /** What 0 means, where it is a class with a name. */
  readonly zero_title?: Words | null;
  /** Names of the classes by which findings are told, in the order of the ramp. */
  readonly class_names?: readonly string[] | null;
}

export interface Picture {
  readonly title: Words;
  readonly style: ResultStyle;
}

/** A result as a layer of the map. */
export interface ResultLayer {
  /** Fixed name of the kind's result layer. */
  readonly name: string;
  readonly run: number;
  readonly live: LiveResult | null;
  readonly region: string | null;
  /** Tells results of one kind apart; empty where the kind shows one thing only. */
  readonly subject: string;
  readonly title: Words;
  /** What the subject is, in words. */
  readonly about: Words | null;
  readonly description: Words;
  readonly classification: "public" | "internal" | "restricted";
  readonly parameters: Parameters;
  readonly zoom: { readonly min: number; readonly max: number };
  readonly columns: readonly Column[];
  /** Cells at several resolutions, or shapes with ids of their own. */
  readonly result?: "cells" | "features";
  readonly style: ResultStyle;
  /** Ways to colour it, the usual one first; none where there is but one. */
  readonly pictures?: readonly Picture[];
  readonly features: number | null;
  /** How features that lie in several cells are shared out among them. */
  readonly counted?: Words | null;
  readonly note: MethodNote;
  readonly finished_at: string | null;
  readonly out_of_date: boolean | null;
  /** Classes that the reader has switched off, by their place in the ramp. */
  readonly hidden?: ReadonlySet<number>;
}

export type RunState = "queued" | "running" | "succeeded" | "failed" | "cancelled";

export interface RunError {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
}

export interface Progress {
  readonly id: number;
  readonly state: RunState;
  readonly step: string | null;
  readonly share: number | null;
  readonly cancel_requested: boolean;
  readonly error: RunError | null;
  /** Best so far and what nothing can exceed, of a run that proves how good its plan is. */
  readonly standing?: Standing | null;
}

export interface Standing {
  readonly covered: number;
  readonly already: number;
  readonly total: number;
  readonly bound: number;
  readonly gap: number;
  readonly seconds: number;
  readonly unit: string;
}

/** Figures of one region or extent. */
export interface Area {
  readonly layer: string;
  readonly code: string;
  readonly name: string;
  readonly [column: string]: string | number | null;
}

export interface Run extends Progress {
  readonly kind: string;
  readonly title: Words;
  readonly about: Words | null;
  readonly parameters: Parameters;
  readonly region: string | null;
  readonly subject: string;
  readonly requested_at: string;
  readonly finished_at: string | null;
  readonly has_results: boolean;
  readonly published: boolean;
  readonly out_of_date: boolean | null;
  readonly columns: readonly Column[];
  /** Columns of the figures by region. */
  readonly area_columns: readonly Column[];
  /** The column that colours the map. */
  readonly shown: string;
  readonly note: MethodNote | null;
  readonly links: Readonly<Record<string, string>>;
  readonly areas?: readonly Area[];
  /** What was found, as a paragraph. */
  readonly finding?: Words | null;
  readonly summary?: { readonly findings?: readonly Finding[] } | null;
  /** Where it has results: how the map shows them. */
  readonly layer?: ResultLayer;
}

export type FormType = "layer" | "field" | "choice" | "choices" | "integer" | "number" | "boolean" | "text";

/** One question of a form for an analysis. */
export interface FormField {
  readonly name: string;
  readonly type: FormType;
  readonly title: Words;
  readonly note: Words | null;
  readonly required: boolean;
  readonly default: unknown;
  readonly unit: string | null;
  readonly of?: string;
  readonly options?: readonly { readonly value: string | number; readonly title: Words }[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly above?: number;
  readonly below?: number;
  readonly step?: number;
}

export interface Kind {
  readonly name: string;
  readonly title: Words;
  readonly description: Words;
  readonly form: readonly FormField[];
}

export interface RunsDocument {
  readonly runs: readonly Run[];
  readonly kinds: readonly Kind[];
}

export interface CellRegion {
  readonly id: number;
  readonly code: string;
  readonly name: string;
  readonly level: string;
  readonly path: readonly string[];
  readonly share: number;
}

/** Cells that a run puts together: a gap. */
export interface CellGroup {
  readonly code: string;
  readonly cells: number;
  readonly geometry: GeoJSON.MultiPolygon;
}

export interface Cell {
  readonly cell: string;
  readonly resolution: number;
  readonly run: number;
  readonly kind: string;
  readonly values: Readonly<Record<string, number | null>>;
  readonly columns: readonly Column[];
  readonly area_m2: number;
  readonly geometry: GeoJSON.Polygon;
  /** What it belongs to; null where the run puts no cells together. */
  readonly group: CellGroup | null;
  readonly regions: readonly CellRegion[];
}

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
