/** The view that the address names, what the service tells of it, and the way from region to region. */
import { batch, computed, effect, signal } from "@preact/signals";

import { client, Problem } from "../data/client";
import type { ResultLayer } from "../data/results";
import type { Indicator, Place, ViewOfRegion, ViewSummary } from "../data/views";
import { controller } from "../map/current";
import { isGround } from "../map/styles";
import { showResult, chosenResults, published, refOf } from "./results";
import { isOld, RENEWED_MS } from "./following";
import * as store from "./store";

/** A number on the wall is asked for again this often; an unchanged one costs an empty answer. */
const AGAIN_MS = 60_000;
/** Nobody stands at a wall to press a button: what failed is asked for again after this. */
const AFTER_FAILURE_MS = 5_000;
/** Changes of layers that come together are told together: after the first of them it takes so long. */
const AFTER_CHANGE_MS = 5_000;
const FIRST_VIEW = "overview";
const PATH = /^\/wall\/([a-z][a-z0-9_]{0,47})(?:\/([0-9A-Z]{4,40}))?\/?$/;

export interface ViewRef {
  readonly name: string;
  /** null: the city's own region. */
  readonly region: string | null;
}

/** Read the view that a path names; null where it names none. */
export function readPath(path: string): ViewRef | null {
  const found = PATH.exec(path);
  return found?.[1] ? { name: found[1], region: found[2] ?? null } : null;
}

export const writePath = ({ name, region }: ViewRef) => `/wall/${name}${region === null ? "" : `/${region}`}`;

export const viewRef = signal<ViewRef | null>(null);
export const views = signal<readonly ViewSummary[]>([]);
export const told = signal<ViewOfRegion | null>(null);
export const viewProblem = signal<Problem | null>(null);
/** The indicator that the reader has put in front; null: the one by which the view ranks. */
const chosenIndicator = signal<string | null>(null);

export const indicator = computed<Indicator | null>(() => {
  const document = told.value;
  if (!document) return null;
  const named = document.indicators.find((one) => one.name === chosenIndicator.value);
  return named ?? document.indicators.find((one) => one.name === document.view.ranking) ?? null;
});

export interface ViewGroup {
  readonly name: string;
  readonly views: readonly ViewSummary[];
}

/** Fields of city operations with their views, in the order of the screen. */
export function groupsOf(all: readonly ViewSummary[]): ViewGroup[] {
  const found = new Map<string, ViewSummary[]>();
  for (const view of all) found.set(view.group, [...(found.get(view.group) ?? []), view]);
  return [...found].map(([name, several]) => ({ name, views: several }));
}

export const groups = computed(() => groupsOf(views.value));
/** The field of the view that is open. */
export const groupNow = computed(() =>
  groups.value.find((group) => group.views.some(({ name }) => name === viewRef.value?.name)),
);

export const bringForward = (name: string) => (chosenIndicator.value = name);

/** Where the city's own views begin. */
export const firstView = computed<ViewRef>(() => ({ name: FIRST_VIEW, region: null }));

/** Go to a view or a region: a step that going back undoes. */
export function goTo(next: ViewRef): void {
  history.pushState(history.state, "", `${writePath(next)}${location.search}`);
  take(next);
}

export const drill = (place: Pick<Place, "code">) =>
  goTo({ name: viewRef.value?.name ?? FIRST_VIEW, region: place.code });

function take(next: ViewRef | null): void {
  batch(() => {
    if (next?.name !== viewRef.value?.name) chosenIndicator.value = null;
    viewRef.value = next;
    store.viewing.value = next !== null;
  });
}

/** How often a layer has changed, as far as views are told. */
const layerChanges = signal(0);
let telling = 0;

/** Tell the open view that a layer has changed. */
export function layersChanged(): void {
  telling ||= window.setTimeout(() => {
    telling = 0;
    layerChanges.value++;
  }, AFTER_CHANGE_MS);
}

/** Figures that could not be renewed say since when that is so. */
export const marked = (document: ViewOfRegion, since: number): ViewOfRegion => ({
  ...document,
  stale_since: document.stale_since ?? new Date(since).toISOString(),
  stale_reason: "not-answered",
});

/** Follow the address and the view that it names, until the page goes. */
export function followViews(): void {
  take(readPath(location.pathname));
  window.addEventListener("popstate", () => take(readPath(location.pathname)));
  let asked = 0;
  let toldAt = 0;
  const ask = async () => {
    const wanted = viewRef.peek();
    const region = wanted?.region ?? store.city.peek()?.region ?? null;
    if (!wanted || region === null) return;
    const turn = ++asked;
    const began = Date.now();
    const again = (delay: number) => window.setTimeout(() => turn === asked && void ask(), delay);
    try {
      // The list comes at once: the map need not wait until all figures are added up.
      const listed = views.peek().length
        ? Promise.resolve()
        : client.views(store.language.peek()).then((list) => void (views.value = list.views));
      const [document] = await Promise.all([
        client.viewOfRegion(wanted.name, region, store.language.peek()),
        listed,
      ]);
      if (turn !== asked) return;
      batch(() => {
        told.value = document;
        viewProblem.value = null;
      });
      toldAt = began;
      if (isOld(document)) again(RENEWED_MS);
    } catch (reason) {
      if (!(reason instanceof Problem)) throw reason;
      if (turn !== asked) return;
      batch(() => {
        viewProblem.value = reason;
        if (reason.status !== 0 && reason.status < 500) return;
        if (told.value) told.value = marked(told.value, toldAt);
        again(AFTER_FAILURE_MS);
      });
    }
  };
  const runs = computed(() => published.value.map(({ run, out_of_date }) => `${run} ${out_of_date}`).join());
  effect(() => {
    void viewRef.value;
    void store.city.value;
    // Indicators of an analysis are there as soon as it is.
    void runs.value;
    void layerChanges.value;
    void ask();
  });
  window.setInterval(() => void ask(), AGAIN_MS);
  followMap();
}

/** Let the map show the layers and results of the view, and the region. */
function followMap(): void {
  let shown = "";
  let place = "";
  effect(() => {
    const wanted = viewRef.value?.name;
    if (wanted === undefined || store.drawnLayers.value.length === 0) return;
    const view = views.value.find((one) => one.name === wanted);
    if (!view) {
      // Until the view is known the map shows the ground alone, not what nobody has asked for.
      if (store.chosenVisible.peek() === null) store.chosenVisible.value = new Set(groundNames());
      return;
    }
    // A result that is published while the view is open comes to the map by itself.
    const there = view.results.filter((name) => resultOfView(name, published.value));
    const now = [view.name, ...there].join(" ");
    if (shown === now) return;
    shown = now;
    showLayers(view);
  });
  effect(() => {
    const document = told.value;
    const map = controller.value;
    if (!document || !viewRef.value || !map) return;
    if (place !== document.region.code) {
      const first = place === "";
      place = document.region.code;
      if (!first || !store.viewChosen.peek()) map.frame(document.region.bbox, !first);
    }
  });
  // A region that is clicked on the map is gone into, as one in the ranking is.
  effect(() => {
    const item = store.item.value;
    const selection = store.selection.peek();
    if (!viewRef.peek() || !item || !selection || selection.layer !== store.itemLayer) return;
    if (!DRILLED.has(selection.layer)) return;
    const code = item.properties["code"];
    store.selection.value = null;
    if (typeof code === "string" && code !== told.peek()?.region.code) drill({ code });
  });
}

const DRILLED: ReadonlySet<string> = new Set(["counties", "towns", "communities", "governance_grids"]);

/** The published result of the whole city that a view names as `kind` or `kind.subject`; never another subject. */
export function resultOfView(name: string, from: readonly ResultLayer[]): ResultLayer | undefined {
  const [kind = "", ...subject] = name.split(".");
  const alike = from.filter((one) => one.name === kind && one.subject === subject.join("."));
  return alike.find((one) => one.region === null) ?? alike[0];
}

/** Layers of the ground that the catalogue shows from the first. */
const groundNames = () =>
  store.drawnLayers
    .peek()
    .filter((layer) => isGround(layer) && layer.style?.visible)
    .map((layer) => layer.name);

/** Show the layers and the published results of a view. */
export function showLayers(view: ViewSummary): void {
  batch(() => {
    store.drawnFrom.value = view.drawn_from ?? {};
    store.chosenVisible.value = new Set([...groundNames(), ...view.layers]);
    chosenResults.value = [];
    for (const name of view.results) {
      const layer = resultOfView(name, published.peek());
      if (layer) showResult(refOf(layer));
    }
  });
}
