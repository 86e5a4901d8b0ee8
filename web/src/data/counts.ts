/** The document of /incidents/counts: what a window of time holds. */
import type { Words } from "./types";

export const STEPS = ["hour", "day", "week", "month"] as const;
export type StepName = (typeof STEPS)[number];

export interface IncidentCounts {
  /** Ends of the window, with the offset of the city's clock. */
  readonly from: string;
  readonly to: string;
  readonly hours: number;
  readonly step: StepName;
  readonly n: number;
  /** Incidents in none of these numbers: too few of a sensitive class in one cell. */
  readonly left_out: number;
  /** Beginnings by the city's clock, without offset. */
  readonly steps: readonly { readonly start: string; readonly n: number; readonly cumulative: number }[];
  readonly cells: readonly string[];
  /** By cell: longitude and latitude in turn. */
  readonly outlines: readonly (readonly number[])[];
  readonly regions: readonly string[];
  /** Place of the cell, place of the step, incidents. */
  readonly bins: readonly (readonly [number, number, number])[];
  readonly classes: readonly { readonly code: string; readonly title: Words | null; readonly n: number }[];
  readonly class_bins: readonly (readonly [number, number, number])[];
  /** By weekday, Monday first, and hour. */
  readonly profile: readonly (readonly number[])[];
}
