/** The documents that the service answers with, as the front end reads them. */
import type { ResultLayer } from "./results";

export interface Words {
  readonly zh: string;
  readonly en: string;
}

export interface Colour {
  readonly dark: string;
  readonly light: string;
}

/** Pairs of zoom and pixels; interpolated between, constant outside. */
export type Stops = readonly (readonly [number, number])[];

export type Shape = "circle" | "square" | "triangle" | "diamond" | "hexagon" | "cross" | "ring";

export interface Symbol {
  readonly colour?: Colour | null;
  readonly outline?: Colour | null;
  readonly opacity?: number | null;
  readonly width?: Stops | null;
  readonly outline_width?: Stops | null;
  readonly radius?: Stops | null;
  readonly shape?: Shape | null;
  readonly dash?: readonly number[] | null;
  readonly min_zoom?: number | null;
  readonly pattern?: "hatch" | null;
}

export interface StyleClass {
  readonly values: readonly (string | number | boolean)[];
  /** From the first number up to, and without, the second; null leaves a side open. */
  readonly range?: readonly [number | null, number | null] | null;
  readonly title: Words;
  readonly symbol: Symbol;
}

export interface LabelRule {
  readonly field: string;
  readonly min_zoom: number;
  readonly size: number;
  readonly weight: number;
  readonly along: boolean;
}

export interface Style {
  readonly group: string;
  readonly order: number;
  readonly visible: boolean;
  readonly symbol: Symbol;
  readonly by?: string | null;
  readonly classes: readonly StyleClass[];
  readonly label?: LabelRule | null;
}

export type FieldType =
  "text" | "integer" | "number" | "boolean" | "date" | "datetime" | "code" | "codes" | "geometry";

export interface Field {
  readonly name: string;
  readonly title: Words;
  readonly type: FieldType;
  readonly unit?: string | null;
  readonly codes?: string | null;
  readonly note?: Words | null;
  readonly standard?: string | null;
}

export type Geometry = "point" | "line" | "polygon" | "any" | "none";

export interface Layer {
  readonly name: string;
  readonly title: Words;
  readonly description: Words;
  readonly geometry: Geometry;
  readonly classification: "public" | "internal" | "restricted";
  readonly owner: Words;
  readonly label?: string | null;
  readonly zoom?: { readonly min: number; readonly max: number } | null;
  readonly style?: Style | null;
  readonly fields: readonly Field[];
  readonly source: string;
  readonly licence: string;
  readonly bbox?: Box | null;
  readonly part_of?: string | null;
  /** Where it is part of another: what its features have in common. */
  readonly filter?: Readonly<Record<string, Value>> | null;
}

/** West, south, east, north in degrees. */
export type Box = readonly [number, number, number, number];

export interface CodeList {
  readonly title: Words;
  readonly codes: readonly { readonly code: string; readonly title: Words }[];
}

/** A picture of heights under the map. */
export interface Raster {
  readonly name: string;
  readonly title: Words;
  readonly style: "hillshade" | "heights";
  readonly source: string;
  readonly bbox: Box;
  /** Path of a tile with {z}, {x} and {y}. */
  readonly tiles: string;
}

export interface LayersDocument {
  readonly rasters?: readonly Raster[];
  /** Results that are shown, by kind and region. */
  readonly results?: readonly ResultLayer[];
  readonly layers: readonly Layer[];
  readonly code_lists: Readonly<Record<string, CodeList>>;
}

export interface City {
  readonly name: Words;
  readonly region: string | null;
  readonly bbox: Box | null;
  readonly as_of: string | null;
  readonly timezone: string;
  readonly sample: boolean;
  readonly approval_number: string | null;
  readonly producer: string | null;
  /** Lines that the licences of imported data ask every map to print. */
  readonly credits?: readonly string[];
  readonly crs: string;
  readonly version: string;
}

export interface SearchResult {
  readonly layer: string;
  readonly id: number;
  readonly code: string | null;
  readonly name: string | null;
  readonly title: Words;
  readonly bbox: Box | null;
  readonly point: readonly [number, number] | null;
  /** The town where it lies. */
  readonly region: { readonly code: string; readonly name: string } | null;
}

/** A place that a search gives as numbers, and how they were taken. */
export interface FoundCoordinates {
  readonly point: readonly [number, number];
  readonly text: Words;
}

export interface Region {
  readonly id: number;
  readonly code: string;
  readonly name: string;
  /** From the top down. */
  readonly parents?: readonly Region[];
  /** Right below it. */
  readonly children?: readonly Region[];
}

export type Value = string | number | boolean | null | readonly string[];

export interface Item {
  readonly type: "Feature";
  readonly id: number;
  readonly geometry: GeoJSON.Geometry | null;
  readonly properties: Readonly<Record<string, Value>>;
}

/** Since when a layer is known: its first record, and the first day that a feature states. */
export interface LayerRecord {
  readonly recorded_from: string | null;
  readonly stated_from: string | null;
  readonly features: number;
  /** Features that state from when they are there. */
  readonly dated: number;
}

export interface LayerRecords {
  readonly today: string;
  /** The first day of which anything is known. */
  readonly first_day: string | null;
  readonly layers: Readonly<Record<string, LayerRecord>>;
}
