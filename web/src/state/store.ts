/** Everything that the screen shows, as signals. Panels and the map read them; no part talks to another. */
import { computed, signal } from "@preact/signals";

import type { Problem } from "../data/client";
import type { City, Item, Layer, LayersDocument, Region } from "../data/types";
import type { Selection, View } from "./url";

export type Language = "zh" | "en";
export type Theme = "light" | "dark";
export type Surface = "desk" | "wall" | "field";

export const language = signal<Language>("zh");
export const chosenTheme = signal<Theme | null>(null);
export const systemDark = signal(false);
export const surface = signal<Surface>("desk");
/** True where a view fills the screen. */
export const viewing = signal(false);
/** The wall is dark in a dark hall, and so is a view; elsewhere the system's wish counts. */
export const theme = computed<Theme>(
  () =>
    chosenTheme.value ?? (surface.value === "wall" || viewing.value || systemDark.value ? "dark" : "light"),
);
/** Design pixels to CSS pixels: the wall is read from eight metres. */
export const unit = computed(() => (surface.value === "wall" ? 2 : 1));

export const catalogue = signal<LayersDocument | null>(null);
export const city = signal<City | null>(null);
export const startProblem = signal<Problem | null>(null);

/** Zooms from which on the open view draws layers that would cover others farther out. */
export const drawnFrom = signal<Readonly<Record<string, number>>>({});
const layers = computed<readonly Layer[]>(() =>
  (catalogue.value?.layers ?? []).map((layer) => {
    const from = drawnFrom.value[layer.name];
    if (from === undefined || !layer.zoom || layer.zoom.min >= from) return layer;
    return { ...layer, zoom: { ...layer.zoom, min: from } };
  }),
);
export const layersByName = computed(() => new Map(layers.value.map((layer) => [layer.name, layer])));
/** Layers that the map can draw, in drawing order. */
export const drawnLayers = computed<readonly Layer[]>(() =>
  layers.value
    .filter((layer) => layer.geometry !== "none" && layer.zoom && layer.style)
    .sort((a, b) => (a.style?.order ?? 0) - (b.style?.order ?? 0)),
);
export const defaultVisible = computed(
  () => new Set(drawnLayers.value.filter((layer) => layer.style?.visible).map((layer) => layer.name)),
);
/** The reader's own choice of layers; null: as the catalogue says. */
export const chosenVisible = signal<ReadonlySet<string> | null>(null);
export const visible = computed<ReadonlySet<string>>(() => chosenVisible.value ?? defaultVisible.value);

/** Names of the rasters that are switched on. */
export const chosenRasters = signal<readonly string[]>([]);
export const shownRasters = computed(() =>
  (catalogue.value?.rasters ?? []).filter((raster) => chosenRasters.value.includes(raster.name)),
);

export const view = signal<View | null>(null);
/** False until the reader has moved the map: the whole city then needs no place in the address. */
export const viewChosen = signal(false);

export const selection = signal<Selection | null>(null);
/** Other features at the place that was clicked. */
export const alternatives = signal<readonly Found[]>([]);
export const item = signal<Item | null>(null);
/** Grows when the selected feature has changed: it is then read again. */
export const itemChanges = signal(0);
export const itemProblem = signal<Problem | null>(null);
/** Layer of `item`: ids are unique within a layer only. */
export let itemLayer = "";

export function setItem(layer: string, value: Item): void {
  itemLayer = layer;
  item.value = value;
}

/** Names of regions that cards have asked for, by code. */
export const regionNames = signal<ReadonlyMap<string, string>>(new Map());

/** A feature as the tiles know it. */
export interface Found {
  readonly layer: string;
  readonly id: number;
  /** Empty where the tile does not tell one. */
  readonly name: string;
  /** How many features its point stands for in a thinned tile; else 1. */
  readonly standsFor: number;
  /** Colour class of its style, -1: none. */
  readonly classIndex: number;
  readonly lat: number;
  readonly lng: number;
}

export const inView = signal<readonly Found[]>([]);
/** Features in view by layer and class, `cameras` and `cameras/0`; only numbers that are true. */
export const counts = signal<ReadonlyMap<string, number>>(new Map());
/** Layers of which the tiles in view hold a part: they have no number, or one that is about right. */
export const thinned = signal<ReadonlySet<string>>(new Set());
/** Which of `inView` the keyboard stands on. */
export const roving = signal(-1);

export const online = signal(true);
export const tilesPending = signal(0);
export const tilesFailed = signal(0);
/** Where the database was away when tiles came: the moment up to which the oldest of them is known to be true. */
export const tilesTrueUntil = signal<number | null>(null);
/** How many seconds ago that was. */
export const tilesAge = signal<number | null>(null);
export const pointer = signal<{ lat: number; lng: number } | null>(null);
/** What the city itself lies in, outermost first. */
export const parents = signal<readonly Region[]>([]);
/** Regions at the centre of the map, outermost first. */
export const path = signal<readonly { layer: string; id: number; name: string }[]>([]);

export type Panel = "layers" | "list" | "analysis" | "sight" | "hotspots" | "gaps" | "none";
export const panel = signal<Panel>("layers");
export const searchOpen = signal(false);
/** Text for the live region. */
export const announcement = signal("");

/** Switch one raster on or off. */
export function toggleRaster(name: string): void {
  const chosen = chosenRasters.value;
  chosenRasters.value = chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name];
}

/** Switch one layer on or off. */
export function toggleLayer(name: string): void {
  const next = new Set(visible.value);
  if (!next.delete(name)) next.add(name);
  chosenVisible.value = next;
}
