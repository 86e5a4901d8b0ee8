/** Opening: read the address, ask for the catalogue and the city, then follow both ways. */
import { batch, effect } from "@preact/signals";

import { client, Problem } from "../data/client";
import type { Region } from "../data/types";
import * as results from "./results";
import { aroundAt, showAround } from "./around";
import { chosenDay, mapDay } from "./asOf";
import { clock } from "./clock";
import { chosenPicture } from "./pictures";
import * as asked from "./signal";
import * as store from "./store";
import { nextStep, openOf, trailOf } from "./trail";
import { readUrl, type UrlState, writeUrl } from "./url";

/** Which surface a window is: a phone, a wall of screens, or a desk. */
export function surfaceOf(width: number, height: number, ratio: number): store.Surface {
  if (width <= 640 || (height <= 480 && width <= 960)) return "field";
  return width >= 2560 && height >= 1400 && ratio < 1.5 ? "wall" : "desk";
}

/** Put what an address says on the screen, all at once: a state between two views is never an address. */
export function applyUrl(query: string): void {
  batch(() => apply(readUrl(query)));
}

function apply(state: UrlState): void {
  if (state.language) store.language.value = state.language;
  store.chosenTheme.value = state.theme;
  store.chosenVisible.value = state.layers ? new Set(state.layers) : null;
  store.chosenRasters.value = state.rasters;
  store.selection.value = state.selection;
  results.chosenResults.value = state.results;
  chosenPicture.value = state.picture;
  results.cell.value = state.cell;
  results.table.value = state.table;
  asked.signalAt.value = state.signal;
  asked.asking.value = state.signal !== null;
  // a phone has no card for it
  showAround(store.surface.peek() === "field" ? null : state.around);
  clock.value = state.time;
  chosenDay.value = state.day;
  if (state.panel) store.panel.value = state.panel;
  store.viewChosen.value = state.view !== null;
  if (state.view) store.view.value = state.view;
}

function present(): UrlState {
  const { view, viewChosen, chosenVisible, selection, language, chosenTheme, panel } = store;
  return {
    view: viewChosen.value ? view.value : null,
    layers:
      chosenVisible.value &&
      store.drawnLayers.value.map((layer) => layer.name).filter((name) => chosenVisible.value?.has(name)),
    rasters: store.chosenRasters.value,
    selection: selection.value,
    results: results.chosenResults.value,
    picture: chosenPicture.value,
    cell: results.cell.value,
    table: results.table.value,
    signal: asked.signalAt.value,
    around: aroundAt.value,
    time: clock.value,
    day: chosenDay.value,
    panel: panel.value === "layers" || panel.value === "none" ? null : panel.value,
    language: language.value === "en" ? "en" : null,
    theme: chosenTheme.value,
  };
}

/**
 * Keep the address in step: a selection is a step back can undo, a pan is not. What is closed goes back to where
 * it was opened from, so that going back does not lead through closed cards.
 */
export function followAddress(restore: (state: UrlState) => void): void {
  let trail = trailOf(history.state) ?? [openOf(readUrl(location.search))];
  let returning = false;
  const keep = () => {
    const state = present();
    const step = nextStep(trail, openOf(state));
    const query = writeUrl(state);
    if (step.kind === "back") {
      returning = true;
      history.go(-step.by);
      return;
    }
    if (step.kind === "stay" && query === location.search) return;
    trail = step.trail;
    const address = `${location.pathname}${query}${location.hash}`;
    if (step.kind === "push") history.pushState({ trail }, "", address);
    else history.replaceState({ trail }, "", address);
  };
  effect(() => {
    // Read first: the effect follows what the address is made of.
    present();
    if (store.catalogue.value && !returning) keep();
  });
  window.addEventListener("popstate", (event) => {
    const state = readUrl(location.search);
    trail = trailOf(event.state) ?? [openOf(state)];
    if (!returning) {
      restore(state);
      return;
    }
    // The card was closed where the map stands now: it stays there.
    returning = false;
    keep();
  });
}

/** Ask for what the screen needs; a failure is shown with a way to try again. */
export async function open(): Promise<void> {
  store.startProblem.value = null;
  try {
    const language = store.language.peek();
    const [layers, city] = await Promise.all([client.layers(language), client.city(language)]);
    store.city.value = city;
    store.catalogue.value = layers;
    const region = city.region === null ? null : await regionOf(city.region, language);
    store.parents.value = region?.parents ?? [];
  } catch (reason) {
    if (!(reason instanceof Problem)) throw reason;
    store.startProblem.value = reason;
  }
}

/** Fetch the selected feature, and the name of its region. */
export function followSelection(): void {
  let aborter = new AbortController();
  effect(() => {
    const chosen = store.selection.value;
    const language = store.language.value;
    const day = mapDay.value;
    void store.itemChanges.value;
    aborter.abort();
    aborter = new AbortController();
    const { signal } = aborter;
    store.itemProblem.value = null;
    if (!chosen) {
      store.item.value = null;
      return;
    }
    if (store.item.peek()?.id !== chosen.id || store.itemLayer !== chosen.layer) store.item.value = null;
    client.item(chosen.layer, chosen.id, language, signal, day).then(
      (item) => {
        store.setItem(chosen.layer, item);
        void nameRegion(item.properties["region_code"], language);
      },
      (reason: unknown) => {
        if (!signal.aborted && reason instanceof Problem) store.itemProblem.value = reason;
      },
    );
  });
}

/** Ask for the names of the regions that runs and results are about. */
export function followRegions(): void {
  const asked = new Set<string>();
  effect(() => {
    const { published, shownResults, runs, tableRun } = results;
    const about = [...published.value, ...shownResults.value, ...runs.value, tableRun.value];
    for (const code of about.map((one) => one?.region)) {
      if (!code || asked.has(code)) continue;
      asked.add(code);
      void nameRegion(code, store.language.peek());
    }
  });
}

/** Read a region; null where it may not be read or nothing answers: its code then stands for it. */
async function regionOf(code: string, language: string): Promise<Region | null> {
  try {
    return await client.region(code, language);
  } catch (reason) {
    if (!(reason instanceof Problem)) throw reason;
    return null;
  }
}

export async function nameRegion(code: unknown, language: string): Promise<void> {
  if (typeof code !== "string" || store.regionNames.peek().has(code)) return;
  const region = await regionOf(code, language);
  if (region) store.regionNames.value = new Map(store.regionNames.peek()).set(code, region.name);
}
