/** The document of /explain/radio: why a point has the signal it has. */
export const TECHNOLOGIES = ["5g", "4g", "nb_iot", "pdt"] as const;
export type Technology = (typeof TECHNOLOGIES)[number];

export type Obstacle = "building" | "hill";

export interface RadioSector {
  readonly id: number;
  readonly code: string | null;
  /** Path-loss model of its surroundings. */
  readonly model: string;
  readonly distance_m: number;
  readonly off_axis_deg: number | null;
  readonly below_horizon_deg: number;
  readonly element_dbm: number;
  readonly gain_dbi: number;
  readonly peak_dbi: number;
  readonly loss_db: number;
  readonly free_space_db: number;
  readonly terrain_db: number;
  readonly level_dbm: number;
  /** Probability of line of sight; 0 or 1 where buildings decide, null where the model knows none. */
  readonly chance: number | null;
  /** What is known to stand in the line of sight. */
  readonly in_the_way: readonly Obstacle[];
  /** Null where no more than a probability is known. */
  readonly line_of_sight: boolean | null;
  readonly blocked_by?: { readonly id: number; readonly code: string | null; readonly over_m: number };
}

export interface RadioRemedy {
  readonly kind: string;
  readonly id: number | null;
  readonly level_dbm: number | null;
  readonly sentence: { readonly zh: string; readonly en: string };
}

/** Of the outer wall: plain windows, or coated glass. */
export type BuildingClass = "low_loss" | "high_loss";

/** What is left of the signal inside. */
export interface Indoors {
  readonly building_class: BuildingClass;
  /** The building that holds the place; null where none does. */
  readonly building: { readonly id: number; readonly code: string | null } | null;
  readonly depth_m: number;
  readonly level_dbm: number | null;
  readonly sinr_db: number | null;
  readonly class: SignalClass;
  readonly covered: boolean;
}

export const SIGNAL_CLASSES = ["excellent", "good", "fair", "weak", "none"] as const;
export type SignalClass = (typeof SIGNAL_CLASSES)[number];

export interface RadioExplanation {
  readonly point: { readonly lon: number; readonly lat: number };
  readonly technology: Technology;
  /** Name of the level that is measured: SS-RSRP, RSRP, … */
  readonly reference: string;
  readonly model: string;
  readonly release: string;
  readonly thresholds: { readonly dbm: number; readonly sinr_db: number };
  /** This level or less is no signal; on the map it stands for all below it too. */
  readonly no_signal_dbm: number;
  readonly level_dbm: number | null;
  readonly sinr_db: number | null;
  readonly class: SignalClass;
  readonly covered: boolean;
  readonly indoor: Indoors;
  /** What decides it; none where the model knows no line of sight. */
  readonly line_of_sight: "probability" | "buildings" | "none";
  readonly terrain: boolean;
  /** What the prediction on the map says of the cell that holds the point. */
  readonly map: {
    readonly run: number;
    readonly scenario: string | null;
    readonly level_dbm: number | null;
    /** Of the points that the cell is judged by. */
    readonly low_dbm: number | null;
    readonly high_dbm: number | null;
    readonly class: SignalClass;
  } | null;
  readonly sectors: readonly RadioSector[];
  readonly remedies: readonly RadioRemedy[];
  readonly assumed: Readonly<Record<string, number>>;
}

/** A place, a technology, and the run whose prediction is to be explained; the published one where none is. */
export interface RadioAsked {
  readonly lat: number;
  readonly lng: number;
  readonly technology: Technology;
  readonly run: number | null;
}

export function radioAddress({ lat, lng, technology, run }: RadioAsked): string {
  const place = `lon=${lng.toFixed(6)}&lat=${lat.toFixed(6)}&technology=${technology}`;
  return `/explain/radio?${place}${run === null ? "" : `&run=${run}`}`;
}
