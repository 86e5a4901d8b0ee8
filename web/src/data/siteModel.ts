/** What the service tells of the model of a plan: candidates, what is missing where, what a site gains elsewhere. */

/** A place where a site could stand. */
export interface SiteCandidate {
  readonly number: number;
  readonly lon: number;
  readonly lat: number;
  readonly source: string;
  readonly host: string | null;
  readonly name: string | null;
  readonly owner: string | null;
  readonly power: string | null;
  readonly height_m: number | null;
  readonly cost: number;
}

/** The same with what is against it, and the ranks of the sites that the plan puts there. */
export interface PlanCandidate extends SiteCandidate {
  readonly reasons: readonly string[];
  readonly ranks: readonly number[];
}

/** A site as it stands now: at which candidate, in which of its settings. */
export interface Stand {
  readonly rank: number;
  readonly number: number;
  readonly setting: number;
}

/** What a site gains in a setting, and the hexagons of which it brings a part worth drawing. */
export interface Gain {
  readonly setting: number;
  readonly gain: number;
  /** Numbers of hexagons of the answer. */
  readonly hexagons: readonly number[];
}

/** A candidate with the setting in which a site gains most there; null where others fill the place. */
export interface ReachedCandidate extends SiteCandidate {
  readonly best: Gain | null;
}

/** What a site that is taken out of a plan would gain at the candidates around a place, beside all others. */
export interface Reach {
  /** What the plan gains as it stands, without the sites that are taken out. */
  readonly covered: number;
  /** Corners of hexagons, longitude and latitude in turn. */
  readonly hexagons: readonly (readonly number[])[];
  readonly candidates: readonly ReachedCandidate[];
  /** Sites that are taken out, as they stood, and what each gains there. */
  readonly taken: readonly (Stand & Gain)[];
}

/** Hexagons with what is missing without a plan, and what it gains. */
export interface DemandCells {
  readonly resolution: number;
  readonly most: number;
  readonly features: readonly {
    readonly id: string;
    readonly geometry: GeoJSON.Polygon;
    readonly properties: { readonly missing: number; readonly gained: number };
  }[];
}

/** A site of a plan that is taken out to be moved, and the place around which candidates are wanted. */
export interface ReachRef {
  readonly run: number;
  readonly rank: number;
  readonly lng: number;
  readonly lat: number;
  /** Sites that were moved before: rank:candidate:setting, with commas between. */
  readonly moved: string;
}

/** Cells of one resolution of a run with their values. */
export interface RunCells {
  readonly resolution: number;
  readonly features: readonly {
    readonly id: string;
    readonly geometry: GeoJSON.Polygon;
    readonly properties: Readonly<Record<string, number | null>>;
  }[];
}
