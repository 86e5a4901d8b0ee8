/** The one clock of incidents: its window, its steps and the step that map, list and charts show. */
import { batch, computed, effect, signal } from "@preact/signals";

import { client, type Problem } from "../data/client";
import type { IncidentCounts, StepName } from "../data/counts";
import { followOne } from "./following";
import * as store from "./store";
import { nameRegion } from "./start";
import type { TimeRef } from "./url";

export const WINDOWS = ["1h", "6h", "24h", "7d"] as const;
export const SPEEDS = [1, 2, 4, 8] as const;
/** Milliseconds of a step at single speed. */
const STEP_MS = 800;
/** Cells that the list names. */
export const LISTED_CELLS = 8;

/** null: the tool is laid down. */
export const clock = signal<TimeRef | null>(null);
export const counts = signal<IncidentCounts | null>(null);
export const countsProblem = signal<Problem | null>(null);
/** The step that is shown; null: the whole window. */
export const frame = signal<number | null>(null);
export const playing = signal(false);
export const speed = signal<(typeof SPEEDS)[number]>(1);
/** Code of the region whose incidents are counted; empty: the whole city. */
export const clockRegion = signal("");
/** Whether the cells of the counts are drawn: a view that is not about incidents only uses the clock. */
export const cellsDrawn = signal(true);
/** Whether the panel of hotspots stands in front of the counts. */
export const hotspotsInFront = signal(false);

/** Sums by place (cell or class) of the steps that are shown. */
export function sumsAt(
  bins: IncidentCounts["bins"],
  size: number,
  shown: number | null,
  cumulative: boolean,
): number[] {
  const sums = new Array<number>(size).fill(0);
  for (const [place, step, n] of bins)
    if (shown === null || step === shown || (cumulative && step < shown))
      sums[place] = (sums[place] ?? 0) + n;
  return sums;
}

/** Metres from the middle to a corner of a cell of resolution 0 (H3 4.x); each finer one is √7 shorter. */
const EDGE_M = 1_281_256;
const [COARSEST, FINEST] = [6, 10];
/** Pixels that a cell's edge has at least. */
const EDGE_PIXELS = 9;

/** The finest cells that can be seen at a zoom and a latitude. */
export function resolutionAt(zoom: number, lat: number): number {
  const metres = (40_075_016.686 * Math.cos((lat * Math.PI) / 180)) / (256 * 2 ** zoom);
  const fine = Math.floor((2 * Math.log(EDGE_M / (EDGE_PIXELS * metres))) / Math.log(7));
  return Math.min(Math.max(fine, COARSEST), FINEST);
}

const resolution = computed(() => {
  const at = store.view.value;
  return at ? resolutionAt(at.zoom, at.lat) : FINEST;
});

export const cumulative = computed(() => clock.value?.cumulative ?? false);

/** Incidents by cell at the present frame. */
export const cellSums = computed(() => {
  const found = counts.value;
  return found ? sumsAt(found.bins, found.cells.length, frame.value, cumulative.value) : [];
});

export const classSums = computed(() => {
  const found = counts.value;
  return found ? sumsAt(found.class_bins, found.classes.length, frame.value, cumulative.value) : [];
});

/** The counts whose cells are on the map. */
export const drawnCounts = computed(() => (cellsDrawn.value ? counts.value : null));

/** Incidents at the present frame. */
export const shownTotal = computed(() => {
  const [found, at] = [counts.value, frame.value];
  if (!found) return 0;
  const step = at === null ? null : found.steps[at];
  return step ? (cumulative.value ? step.cumulative : step.n) : found.n;
});

/** Lower ends of the classes of colour for numbers up to a most: each about twice the one before. */
export function breaksFor(most: number): number[] {
  return [...new Set([1, ...[8, 4, 2].map((part) => Math.max(1, Math.ceil(most / part)))])];
}

/** The breaks stay the same while time runs, so that a colour always means the same. */
export const breaks = computed(() => {
  const found = counts.value;
  if (!found) return [1];
  const single = frame.value !== null && !cumulative.value;
  const values = single
    ? found.bins.map(([, , n]) => n)
    : sumsAt(found.bins, found.cells.length, null, false);
  return breaksFor(values.reduce((most, n) => Math.max(most, n), 1));
});

/** Cells with most incidents at the present frame, as places in the document. */
export const topCells = computed(() =>
  cellSums.value
    .map((n, place) => ({ n, place }))
    .filter(({ n }) => n > 0)
    .sort((one, other) => other.n - one.n || one.place - other.place)
    .slice(0, LISTED_CELLS),
);

/** Points of other layers that stand aside while the clock is in hand; null where the reader chose layers. */
let aside: ReadonlySet<string> | null = null;

/** Take the clock in hand with the last day, or lay it down. */
export function toggleClock(): void {
  if (clock.peek()) closeClock();
  else
    batch(() => {
      if (store.chosenVisible.peek() === null) {
        const points = store.drawnLayers.peek().filter(({ geometry }) => geometry === "point");
        const names = new Set(points.map(({ name }) => name));
        aside = new Set([...store.visible.peek()].filter((name) => !names.has(name)));
        store.chosenVisible.value = aside;
      }
      openWindow("24h");
    });
}

export function closeClock(): void {
  batch(() => {
    clock.value = null;
    if (aside !== null && store.chosenVisible.peek() === aside) store.chosenVisible.value = null;
    aside = null;
    playing.value = false;
    frame.value = null;
  });
}

/** Show a window by its name, or an interval of days; steps add up as before, or as is said. */
export function openWindow(window: string, cumulative = clock.peek()?.cumulative ?? false): void {
  batch(() => {
    clock.value = { window, step: null, cumulative };
    hotspotsInFront.value = false;
    playing.value = false;
    frame.value = null;
  });
}

export function chooseStep(step: StepName): void {
  const now = clock.peek();
  if (!now) return;
  batch(() => {
    clock.value = { ...now, step };
    playing.value = false;
    frame.value = null;
  });
}

export function toggleCumulative(): void {
  const now = clock.peek();
  if (now) clock.value = { ...now, cumulative: !now.cumulative };
}

/** Stand on a step; beyond the ends is the nearest one. */
export function stand(at: number): void {
  const last = (counts.peek()?.steps.length ?? 0) - 1;
  if (last >= 0) frame.value = Math.min(Math.max(at, 0), last);
}

export function togglePlaying(): void {
  const last = (counts.peek()?.steps.length ?? 0) - 1;
  if (!playing.peek() && (frame.peek() === null || frame.peek() === last)) stand(0);
  playing.value = !playing.peek();
}

/** Keep counts in step with the clock, and let time run. */
export function followClock(): void {
  const asked = computed(
    () =>
      clock.value &&
      `${clock.value.window} ${resolution.value} ${clock.value.step ?? ""} ${clockRegion.value}`,
  );
  followOne(asked, counts, countsProblem, (text, language, signal) => {
    const [window = "", cells, step = "", region = ""] = text.split(" ");
    return client.incidentCounts(window, step as StepName | "", Number(cells), region, language, signal);
  });
  effect(() => {
    // What was shown before may have fewer steps.
    if (counts.value && (frame.peek() ?? 0) >= counts.value.steps.length) frame.value = null;
  });
  effect(() => {
    const found = counts.value;
    // What lies outside of all regions has no code.
    const codes = topCells.value.map(({ place }) => found?.regions[place]).filter(Boolean);
    for (const code of codes) void nameRegion(code, store.language.peek());
  });
  effect(() => {
    if (!playing.value) return;
    const timer = window.setInterval(() => {
      const last = (counts.peek()?.steps.length ?? 0) - 1;
      const next = (frame.peek() ?? -1) + 1;
      if (next > last) playing.value = false;
      else frame.value = next;
    }, STEP_MS / speed.value);
    return () => window.clearInterval(timer);
  });
}
