/** What runs have found, one by one, as the service tells it. */
import type { SiteFinding } from "./siting";
import type { Words } from "./types";

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
