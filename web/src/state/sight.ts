/** Why a point is not seen, what a camera sees, and the blind spots by rank. */
import { batch, computed, effect, signal } from "@preact/signals";

import { client, Problem } from "../data/client";
import type { Item } from "../data/types";
import type { ResultLayer } from "../data/results";
import type { CameraView, Spot, Why } from "../data/sight";
import { controller } from "../map/current";
import { followOne } from "./following";
import { cell, published, refOf, showResult } from "./results";
import { closeSignal } from "./signal";
import * as store from "./store";

/** Result layer of blind spots. */
export const BLIND_SPOTS = "camera_blind_spots";
/** Cameras of a point that are listed and drawn. */
export const LISTED = 5;
/** How many blind spots a list holds. */
export const MOST_SPOTS = 100;

export interface Asked {
  readonly lng: number;
  readonly lat: number;
  readonly task: string;
}

/** True while the next click on the map asks why that place is not seen. */
export const asking = signal(false);
export const task = signal("detect");
export const asked = signal<Asked | null>(null);
export const why = signal<Why | null>(null);
export const whyProblem = signal<Problem | null>(null);

/** The blind spot that was opened from the list. */
export const chosenSpot = signal<string | null>(null);
export const spots = signal<readonly Spot[]>([]);
export const spotsProblem = signal<Problem | null>(null);

/** What the cameras of the explanation see, by their ids; they come after the sentences. */
export const views = signal<ReadonlyMap<number, CameraView>>(new Map());
/** What the selected camera sees. */
export const cameraView = signal<CameraView | null>(null);

/** The grid of the reader, by its code; kept in the browser. */
export interface Grid {
  readonly code: string;
  readonly name: string;
  readonly geometry: GeoJSON.Geometry;
}
export const grid = signal<Grid | null>(null);
/** Cameras of the grid that are offline; null while nobody knows. */
export const gridOffline = signal<number | null>(null);

/** Blind spots of the whole city, as published. */
export const blindSpots = computed<ResultLayer | undefined>(() =>
  published.value.find((one) => one.name === BLIND_SPOTS && one.region === null),
);

export function askWhy(lng: number, lat: number, of: string = task.peek(), spot: string | null = null): void {
  batch(() => {
    asking.value = false;
    closeSignal();
    store.selection.value = null;
    cell.value = null;
    chosenSpot.value = spot;
    asked.value = { lng, lat, task: of };
  });
}

export function closeWhy(): void {
  batch(() => {
    asked.value = null;
    chosenSpot.value = null;
  });
}

/** Open a blind spot: the map goes there, the result is on it, and its place is explained. */
export function openSpot(spot: Spot): void {
  const layer = blindSpots.peek();
  if (layer) showResult(refOf(layer));
  controller.peek()?.fit(spot.bbox, true, 18);
  if (spot.lon !== null && spot.lat !== null) askWhy(spot.lon, spot.lat, spot.task ?? task.peek(), spot.id);
}

/** Make a grid the reader's own. */
export function takeGrid(found: Item): void {
  if (!found.geometry) return;
  grid.value = { code: textOf(found, "code"), name: gridName(found), geometry: found.geometry };
}

const textOf = ({ properties }: Item, name: string) => {
  const value = properties[name];
  return typeof value === "string" ? value : "";
};

export const gridName = (found: Item): string =>
  textOf(found, "short_name") || textOf(found, "name") || textOf(found, "code");

const KEPT = "onemap.grid";

/** Keep the documents in step with what was asked. */
export function followSight(): void {
  try {
    grid.value = JSON.parse(localStorage.getItem(KEPT) ?? "null") as Grid | null;
  } catch {
    grid.value = null;
  }
  effect(() => {
    if (grid.value) localStorage.setItem(KEPT, JSON.stringify(grid.value));
  });
  followOne(
    asked,
    why,
    whyProblem,
    (one, language, signal) => client.why(one.lng, one.lat, one.task, language, signal),
    { forget: true },
  );
  const camera = computed(() =>
    store.selection.value?.layer === "cameras" ? store.selection.value.id : null,
  );
  followOne(
    camera,
    cameraView,
    signal<Problem | null>(null),
    (id, language, signal) => client.cameraView(id, task.peek(), language, signal),
    { forget: true },
  );
  effect(() => {
    const found = why.value;
    views.value = new Map();
    for (const { id } of found?.cameras.slice(0, LISTED) ?? []) void viewOf(id, found);
  });
  const wanted = computed(() => {
    const layer = blindSpots.value;
    return layer && store.panel.value === "sight" ? layer.run : null;
  });
  const within = computed(() => (store.surface.value === "field" ? (grid.value?.code ?? null) : ""));
  const list = signal<readonly Spot[] | null>(null);
  followOne(
    computed(() =>
      wanted.value === null || within.value === null ? null : { run: wanted.value, grid: within.value },
    ),
    list,
    spotsProblem,
    async ({ run, grid }, language, signal) =>
      (await client.ranking(run, grid, MOST_SPOTS, language, signal)).features,
    { forget: true },
  );
  effect(() => {
    spots.value = list.value ?? [];
  });
  followOne(
    computed(() => (store.surface.value === "field" && store.panel.value === "sight" ? grid.value : null)),
    gridOffline,
    signal<Problem | null>(null),
    (own, language, signal) => client.offlineIn(own.geometry, language, signal),
    { forget: true },
  );
  // A feature or cell that is selected takes the place of the explanation.
  effect(() => {
    if (store.selection.value || cell.value) closeWhy();
  });
}

async function viewOf(id: number, of: Why | null): Promise<void> {
  if (!of) return;
  try {
    const view = await client.cameraView(id, of.task, store.language.peek());
    if (why.peek() === of) views.value = new Map(views.peek()).set(id, view);
  } catch (reason) {
    // Without its view a camera still has its sight line and its sentence.
    if (!(reason instanceof Problem)) throw reason;
  }
}
