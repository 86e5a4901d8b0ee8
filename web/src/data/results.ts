/** Analyses, their runs and their results, as the service tells them. */
import type { Finding } from "./findings";
import type { Words } from "./types";

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
