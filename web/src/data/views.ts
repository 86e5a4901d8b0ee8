/** Views as the service tells them: indicators with parts or reasons, targets of plans, parts of the region. */
import type { Box, Words } from "./types";

export interface ViewSummary {
  readonly name: string;
  readonly title: Words;
  readonly short_title: Words;
  readonly description: Words;
  readonly group: string;
  readonly layers: readonly string[];
  /** Zooms from which on layers are drawn that would cover others farther out. */
  readonly drawn_from?: Readonly<Record<string, number>>;
  readonly results: readonly string[];
  readonly indicators: readonly string[];
  readonly ranking: string;
}

/** Whether figures are the last ones, because new ones are added up or cannot be had: since when, and why. */
export interface Ageing {
  /** From this moment on they may be out of date; null: they are the present ones. */
  readonly stale_since: string | null;
  readonly stale_reason: string | null;
}

export interface Figure {
  readonly value: number | null;
  readonly numerator: number | null;
  readonly denominator: number | null;
  readonly missing_share: number | null;
  readonly reason: Reason | null;
}

/** Why a figure has no value. */
export interface Reason {
  readonly code: string;
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly text: Words;
}

/** How one amount of an indicator is made. */
export interface Amount {
  readonly title: Words;
  readonly layer: string | null;
  readonly run: string | null;
  readonly column: string | null;
  readonly where: string | null;
  readonly window: { readonly days: number; readonly ends_days_ago: number } | null;
  readonly extent: Words | null;
  readonly measure: Words | null;
  /** True of counts and people, which have no fractions even where they are shared out by area. */
  readonly whole: boolean;
  /** Further conditions in words, with their thresholds. */
  readonly tests?: readonly Words[];
}

export interface Indicator extends Figure {
  readonly name: string;
  readonly title: Words;
  readonly short_title: Words;
  readonly definition: Words;
  readonly unit: Words | null;
  readonly decimals: number;
  readonly per: number;
  readonly better: "higher" | "lower" | "neither";
  readonly source: Words;
  readonly parts: { readonly numerator: Amount; readonly denominator?: Amount };
  /** True where it can be told of an earlier day. */
  readonly past?: boolean;
  /** As for the whole view. */
  readonly stale_since?: string | null;
  /** Codes of the region's parts, the worst first. */
  readonly ranking: readonly string[];
}

export type Standing = "met" | "missed" | "reached" | "not_reached" | "without_value";

export interface Target {
  /** null: no indicator tells it yet. */
  readonly indicator: string | null;
  readonly title: Words;
  readonly unit: Words | null;
  readonly decimals: number;
  readonly year: number;
  readonly value: number;
  readonly comparison: "at_least" | "above" | "at_most";
  readonly plan: {
    readonly name: string;
    readonly title: Words;
    readonly short_title: Words;
    readonly region: string;
  };
  readonly place: string;
  readonly place_words: Words;
  readonly quote: string;
  readonly standing: Standing;
  readonly gap: number | null;
  readonly pace_per_year: number | null;
  readonly current: boolean;
}

export interface Place {
  readonly code: string;
  readonly name: string;
  readonly level: string;
  readonly bbox: Box;
}

export interface RegionPart extends Place {
  readonly figures: Readonly<Record<string, Figure>>;
}

export interface ViewOfRegion extends Ageing {
  readonly view: ViewSummary;
  readonly region: Place;
  readonly parents: readonly Place[];
  readonly as_of: string;
  /** The city's own day. */
  readonly today: string;
  readonly sample: boolean;
  readonly indicators: readonly Indicator[];
  readonly parts: readonly RegionPart[];
  readonly targets: readonly Target[];
  readonly runs: readonly { readonly kind: string; readonly run: number; readonly out_of_date: boolean }[];
}

/** All indicators of a view over the last days. */
export interface Trends {
  readonly days: readonly string[];
  readonly indicators: readonly {
    readonly name: string;
    /** One a day; null where that day is not known. */
    readonly values: readonly (number | null)[];
    /** Share by which the last value differs from the first one known. */
    readonly change: number | null;
  }[];
}

/** One indicator over time, of a region and its parts. */
export interface Series {
  readonly indicator: { readonly name: string };
  readonly days: readonly string[];
  readonly values: readonly (number | null)[];
  readonly numerators: readonly (number | null)[];
  readonly denominators: readonly (number | null)[] | null;
  readonly parts: readonly { readonly code: string; readonly values: readonly (number | null)[] }[];
}

/** What a region holds: people, places, things, matters, organisations. */
export interface RegionCardDocument extends Ageing {
  readonly region: Place;
  readonly parents: readonly Place[];
  readonly as_of: string;
  readonly sample: boolean;
  readonly groups: readonly {
    readonly name: string;
    readonly title: Words;
    readonly lines: readonly RegionLine[];
  }[];
}

export interface RegionLine {
  readonly name: string;
  readonly title: Words;
  readonly definition: Words;
  readonly layer: string;
  readonly unit: Words | null;
  readonly decimals: number;
  readonly value: number | null;
  readonly reason: { readonly code: string; readonly text: Words } | null;
}
