/** Plans of new sites and the scenarios that are drafted from them, as the service tells them. */
import type { Box } from "./types";

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
}

export type SiteFinding = SiteProof | SiteCurve | SiteYear | SiteTarget;

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
}

export interface Scenario {
  readonly name: string;
  readonly version: number;
  readonly state: "draft" | "review" | "final";
  readonly changes: readonly unknown[];
}
