/** Plans of new sites and the scenarios that are drafted from them, as the service tells them. */
import type { Box, Words } from "./types";

/** What a plan reaches, and what proves that no other reaches much more. */
export interface SiteProof {
  readonly what: "proof";
  readonly method: string;
  readonly bound_method: string;
  /** Beyond what stands already; the bound is of this, or of its sum over the years where there are several. */
  readonly covered: number;
  readonly already: number;
  readonly total: number;
  readonly bound: number;
  readonly gap: number;
  readonly proven: boolean;
  readonly seconds: number;
  readonly unit: string;
  /** Where a share is to be reached, bound and cost are of what that costs. */
  readonly objective?: "most_covered" | "least_cost";
  readonly cost?: number;
  readonly bound_unit?: string;
}

/** What is covered after each site, what stands already included. */
export interface SiteCurve {
  readonly what: "curve";
  readonly unit: string;
  /** After so many sites the curve bends most; 0 where it does not. */
  readonly elbow: number;
  readonly covered: readonly number[];
  readonly cost: readonly number[];
}

export interface SiteYear {
  readonly what: "year";
  readonly year: number;
  readonly sites: number;
  readonly cost: number;
  readonly covered: number;
}

/** A number of sites that a plan of the city asks for. */
export interface SiteTarget {
  readonly what: "target";
  readonly year: number;
  readonly at_least: number;
  readonly now: number;
  readonly after: number;
  readonly source: string;
  /** null: not with this plan. */
  readonly met_in: number | null;
  /** The year in which it is met if building goes on at the pace of the plan. */
  readonly met_at_pace?: number | null;
}

/** What each town had and has. */
export interface SiteTowns {
  readonly what: "towns";
  readonly unit: string;
  readonly rows: readonly {
    readonly code: string;
    readonly name: string;
    readonly whole: number;
    readonly before: number;
    readonly after: number;
  }[];
  readonly lowest: string | null;
  readonly spread: number | null;
  readonly spread_before: number | null;
}

/** How many sites stay when range or demand are otherwise. */
export interface SiteSensitivity {
  readonly what: "sensitivity";
  readonly sites: number;
  readonly rows: readonly {
    readonly change: "range" | "demand";
    readonly percent: number;
    readonly stay: number;
    readonly least: number | null;
  }[];
}

export interface SiteCandidates {
  readonly what: "candidates";
  readonly places: number;
  readonly usable: number;
}

/** What poles carry together, and what that saves. */
export interface SharedPoles {
  readonly what: "shared_poles";
  readonly poles: number;
  readonly stations: number;
  readonly cameras: number;
  readonly sensors: number;
  readonly cost: number;
  readonly cost_apart: number;
  readonly saved: number;
}

/** How devices of the city share poles, with the plan. */
export interface Sharing {
  readonly what: "sharing";
  readonly new_roads: {
    readonly km: number;
    readonly with_km_before: number;
    readonly with_km_after: number;
  };
  readonly public_places: {
    readonly count: number;
    readonly with_before: number;
    readonly with_after: number;
  };
  readonly mergeable: { readonly groups: number; readonly poles: number; readonly spare: number };
  readonly devices: {
    readonly count_before: number;
    readonly count_after: number;
    readonly shared_before: number;
    readonly shared_after: number;
  };
}

export type SiteFinding =
  | SiteProof
  | SiteCurve
  | SiteYear
  | SiteTarget
  | SiteTowns
  | SiteSensitivity
  | SiteCandidates
  | SharedPoles
  | Sharing;

/** One place of a plan. */
export interface PlannedSite {
  readonly id: string;
  readonly bbox: Box;
  readonly rank: number;
  readonly year: number;
  readonly gain: number;
  readonly cost: number;
  readonly height_m: number | null;
  readonly azimuth_deg: number | null;
  readonly source: string;
  readonly host: string | null;
  readonly name: string | null;
  readonly owner: string | null;
  readonly power: string | null;
  readonly grid: string | null;
  /** Share of the trials with other ranges and demands in which it stays. */
  readonly stays?: number | null;
  /** What a shared pole carries: 5g,camera,sensor. */
  readonly uses?: string | null;
  readonly saved?: number | null;
}

export interface ScenarioChange {
  readonly op: "add" | "move" | "edit" | "remove";
  readonly layer: string;
  readonly cost: number | null;
  readonly year: number | null;
}

export type ScenarioState = "draft" | "review" | "final";

export interface Scenario {
  readonly name: string;
  readonly version: number;
  readonly newest: number;
  readonly state: ScenarioState;
  readonly note: string;
  readonly made_by: string;
  readonly made_at: string;
  readonly applied: {
    readonly by: string;
    readonly at: string;
    readonly written: readonly unknown[];
    readonly left: readonly number[];
  } | null;
  readonly changes: readonly ScenarioChange[];
}

/** One of the list of scenarios. */
export interface ScenarioSummary {
  readonly name: string;
  readonly version: number;
  readonly state: ScenarioState;
  readonly changes: number;
  readonly applied: boolean;
  readonly changed_at: string;
}

/** Changes of a scenario as places. */
export interface ScenarioPlaces {
  readonly features: readonly {
    readonly id: number;
    readonly geometry: GeoJSON.Geometry | null;
    readonly properties: {
      readonly op: string;
      readonly layer: string;
      readonly code: string | null;
      readonly year: number | null;
      readonly stale: boolean;
    };
  }[];
}

/** A part of something, and what it is a part of. */
export interface Share {
  readonly part: number;
  readonly whole: number;
  readonly share: number | null;
}

export type ComparedKind = "radio_coverage" | "camera_coverage";

/** Scenarios side by side. */
export interface Comparison {
  readonly kind: ComparedKind;
  readonly region: string | null;
  readonly sides: readonly {
    readonly name: string;
    readonly state: ScenarioState | null;
    readonly run: number | null;
    /** What asks for the run where there is none. */
    readonly order: {
      readonly kind: string;
      readonly region: string;
      readonly parameters: Readonly<Record<string, unknown>>;
    } | null;
    readonly changes: Readonly<Record<string, Readonly<Record<string, number>>>>;
    readonly cost: number;
    readonly without_cost: number;
  }[];
  readonly figures: readonly {
    readonly name: string;
    readonly title: Words;
    readonly values: readonly (Share | null)[];
    readonly best: readonly number[];
  }[];
  readonly towns: {
    readonly figure: string;
    readonly sides: readonly {
      readonly towns: readonly (Share & { readonly code: string; readonly name: string })[];
      readonly lowest: string | null;
      readonly spread: number | null;
    }[];
  };
  readonly pareto: readonly {
    readonly cost: number | null;
    readonly reached: number | null;
    readonly dominated: boolean;
  }[];
}

/** Cells in which two sides differ. */
export interface ComparedCells {
  readonly column: string;
  readonly resolution: number;
  readonly features: readonly {
    readonly id: string;
    readonly geometry: GeoJSON.Polygon;
    readonly properties: { readonly before: number; readonly after: number; readonly difference: number };
  }[];
}

type Named = { readonly id: number; readonly code: string | null; readonly name: string | null };

/** One site explained. */
export interface SiteExplained {
  /** Whom a station reaches; of a camera there is ground in its place, and towns gain square metres. */
  readonly people?: { readonly gained: number };
  readonly towns: readonly { readonly code: string; readonly name: string; readonly gained: number }[];
  readonly places: readonly (Named & { readonly before: boolean; readonly after: boolean })[];
  readonly obstacles: readonly (Named & {
    readonly height_m: number | null;
    readonly distance_m: number;
    readonly hides: number;
  })[];
  readonly overlap: readonly {
    readonly id: string;
    readonly rank: number;
    readonly distance_m: number;
    readonly share: number;
  }[];
  readonly overlap_existing: number;
  readonly sentences: readonly Words[];
}
