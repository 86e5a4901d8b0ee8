/** Results on the map, the cell that is selected, and the runs that bring results. */
import { batch, computed, effect, signal } from "@preact/signals";

import { client, Problem } from "../data/client";
import { watchRun } from "../data/events";
import type { IncidentCounts } from "../data/counts";
import type { Cell, Kind, Parameters, Progress, ResultLayer, Run } from "../data/results";
import { drawnRun } from "../map/results";
import { say, words } from "../words";
import { followOne } from "./following";
import { asChosen } from "./pictures";
import * as store from "./store";
import { type CellRef, type ResultRef, writeReference } from "./url";

/** Each watched run holds a connection, and a browser opens six to one origin. */
const MOST_WATCHED = 2;

/** What is published, by kind, region and subject; the catalogue brings it first. */
export const published = signal<readonly ResultLayer[]>([]);
/** Results of runs that the address or the reader named, whether published or not. */
const named = signal<ReadonlyMap<number, ResultLayer>>(new Map());
export const chosenResults = signal<readonly ResultRef[]>([]);

export const refOf = (layer: ResultLayer): ResultRef => ({
  kind: layer.name,
  subject: layer.subject,
  region: layer.region,
  run: null,
});

/**
 * The published result that a reference means. Without a subject it is the one that has none, or else the
 * newest: links from before results had subjects say no more.
 */
export function publishedAs(reference: ResultRef, from: readonly ResultLayer[]): ResultLayer | undefined {
  const alike = from.filter((one) => one.name === reference.kind && one.region === reference.region);
  const exact = alike.find((one) => one.subject === reference.subject);
  if (exact || reference.subject !== "") return exact;
  return alike.reduce<ResultLayer | undefined>(
    (newest, one) => (newest && newest.run > one.run ? newest : one),
    undefined,
  );
}

/** References in full: what stood for the newest of its kind names its subject from now on. */
export function inFull(references: readonly ResultRef[], from: readonly ResultLayer[]): ResultRef[] {
  const full = references.map((one) => {
    const found = one.run === null && one.subject === "" ? publishedAs(one, from) : undefined;
    return found ? refOf(found) : one;
  });
  return full.filter(
    (one, index) => full.findIndex((other) => writeReference(other) === writeReference(one)) === index,
  );
}

function layerOf(reference: ResultRef): ResultLayer | undefined {
  if (reference.run !== null) {
    const own = published.value.find((one) => one.name === reference.kind && one.run === reference.run);
    // Who names a run means its own cells, which never change.
    return own ? { ...own, live: null } : named.value.get(reference.run);
  }
  return publishedAs(reference, published.value);
}

/** What the address names and nobody has published for this reader. */
export const missingResults = computed<readonly ResultRef[]>(() =>
  store.catalogue.value === null
    ? []
    : chosenResults.value.filter((one) => one.run === null && !layerOf(one)),
);

export function forgetResult(reference: ResultRef): void {
  chosenResults.value = chosenResults.value.filter((one) => one !== reference);
}

/** What the map draws, lowest first. One result stays one layer, also where two references name it. */
export const shownResults = computed<readonly ResultLayer[]>(() => {
  const found = chosenResults.value.flatMap((reference) => layerOf(reference) ?? []);
  return found
    .filter((one, index) => found.findIndex((other) => other.run === one.run) === index)
    .map(asChosen);
});

/** A page that draws what it shows itself hides the tiles of results. */
export const resultsHidden = signal(false);
/** Results whose tiles the map draws. */
export const drawnResults = computed(() => (resultsHidden.value ? [] : shownResults.value));

export const isShown = (layer: ResultLayer) => shownResults.value.some((one) => one.run === layer.run);

/** Switch a published result on or off; results of one kind replace each other. */
export function toggleResult(layer: ResultLayer): void {
  if (isShown(layer)) hideResult(layer);
  else showResult(refOf(layer));
}

export function hideResult(layer: ResultLayer): void {
  batch(() => {
    chosenResults.value = chosenResults.value.filter((one) => layerOf(one)?.run !== layer.run);
    if (cell.value?.run === layer.run) cell.value = null;
  });
}

export function showResult(reference: ResultRef): void {
  chosenResults.value = [...chosenResults.value.filter((one) => one.kind !== reference.kind), reference];
}

/** The selected cell, and what the service tells of it. */
export const cell = signal<CellRef | null>(null);
export const cellDocument = signal<Cell | null>(null);
export const cellProblem = signal<Problem | null>(null);
/** Grows when cells of a live result on the map have changed. */
export const cellChanges = signal(0);

/** The cell under a feature that was clicked. */
export const cellBelow = signal<CellRef | null>(null);

/** The run whose table is open. */
export const table = signal<number | null>(null);
export const tableRun = signal<Run | null>(null);
export const tableProblem = signal<Problem | null>(null);

/** Kinds whose runs tell in words what they found. */
const TELLING: ReadonlySet<string> = new Set([
  "incident_hotspots",
  "radio_coverage",
  "radio_gaps",
  "accident_segments",
  "site_plan",
]);

/** Results on the map that tell what was found, and the one that the reader wants to hear. */
export const telling = computed(() => shownResults.value.filter((one) => TELLING.has(one.name)));
export const listenedTo = signal<number | null>(null);
/** The result that tells: the chosen one, else the uppermost; and its run. */
export const told = computed(
  () => telling.value.find(({ run }) => run === listenedTo.value) ?? telling.value.at(-1) ?? null,
);
const toldId = computed(() => told.value?.run ?? null);
export const toldRun = signal<Run | null>(null);
/** The record of a run whose findings are told; null until it is there. */
export const recordOf = (run: number | undefined): Run | null =>
  toldRun.value?.id === run ? toldRun.value : null;
const toldProblem = signal<Problem | null>(null);
/** The run whose findings the reader has closed. */
export const hotspotsClosed = signal<number | null>(null);

export const kinds = signal<readonly Kind[]>([]);
export const runs = signal<readonly Run[]>([]);
export const runsProblem = signal<Problem | null>(null);

export const kindNamed = (name: string) => kinds.value.find((one) => one.name === name);

const watching = new Map<number, () => void>();

const isOpen = (run: { state: string }) => run.state === "queued" || run.state === "running";

/** Ask for the recent runs and the kinds of analyses, and follow those that go on. */
export async function loadRuns(): Promise<void> {
  try {
    const document = await client.runs(store.language.peek());
    batch(() => {
      kinds.value = document.kinds;
      runs.value = document.runs;
      runsProblem.value = null;
    });
    watchOpen();
  } catch (reason) {
    if (!(reason instanceof Problem)) throw reason;
    runsProblem.value = reason;
  }
}

function watchOpen(): void {
  for (const { id } of runs.peek().filter(isOpen).reverse()) {
    if (watching.size >= MOST_WATCHED) return;
    if (watching.has(id)) continue;
    const stop = watchRun(id, {
      // A run that has ended is taken with all that it left, not its state alone.
      progress: (progress) => isOpen(progress) && takeProgress(progress),
      end: (progress) => {
        watching.delete(id);
        void ended(progress);
      },
    });
    watching.set(id, stop);
  }
}

function takeProgress(progress: Progress): void {
  runs.value = runs.peek().map((run) => (run.id === progress.id ? { ...run, ...progress } : run));
}

async function ended(progress: Progress): Promise<void> {
  await Promise.all([loadRuns(), loadPublished()]);
  if (runsProblem.peek()) takeProgress(progress);
  const run = runs.peek().find((one) => one.id === progress.id);
  if (table.peek() === progress.id) runsEnded.value++;
  if (!run) return;
  store.announcement.value = words.peek().runEnded(say(run.title), words.peek().runStates[run.state]);
  if (run.state !== "succeeded" || !wanted.delete(run.id)) return;
  // Who reads a table is not disturbed: the result waits in the list of layers.
  if (table.peek() === null || table.peek() === run.id) showResult(refOfRun(run));
}

/** A run as a reference: what is published stays the same when it is computed again. */
export const refOfRun = ({ kind, subject, region, published, id }: Run): ResultRef =>
  published ? { kind, subject, region, run: null } : { kind, subject: "", region: null, run: id };

/** Grows when a run has ended whose table is open: it then has figures. */
const runsEnded = signal(0);

/** Runs that this reader asked for: their results come to the map when they are there. */
const wanted = new Set<number>();

/** Ask for a run; returns its number. Its result comes to the map unless `show` says otherwise. */
export async function startRun(
  kind: string,
  parameters: Parameters,
  region: string | null,
  { show = true } = {},
): Promise<number> {
  const run = await client.startRun(kind, parameters, region, store.language.peek());
  if (show) wanted.add(run.id);
  runs.value = [run, ...runs.peek()];
  watchOpen();
  return run.id;
}

/** Ask for the hotspots of a window of time, judged as those on the map are. */
export function windowHotspots({ step, steps, to }: IncidentCounts): Promise<number> {
  const shown = told.peek()?.name === "incident_hotspots" ? told.peek() : null;
  const { classes, against, q } = shown?.parameters ?? {};
  const kept = Object.fromEntries(
    Object.entries({ classes, against, q }).filter(([, value]) => value !== undefined),
  );
  // A window that ends with a day ends before this moment; any other ends now, with the latest incident.
  const end = to.slice(11, 16) === "00:00" ? new Date(Date.parse(`${to.slice(0, 16)}Z`) - 1) : null;
  const until = end && { until: end.toISOString().slice(0, 10) };
  return startRun(
    "incident_hotspots",
    { ...kept, step, steps: steps.length, ...until },
    shown?.region ?? null,
  );
}

export async function callOff(id: number): Promise<void> {
  try {
    takeProgress(await client.callOff(id, store.language.peek()));
  } catch (reason) {
    if (!(reason instanceof Problem)) throw reason;
    runsProblem.value = reason;
  }
  await loadRuns();
}

/** Ask anew what is published; the rest of the catalogue stays. */
export async function loadPublished(): Promise<void> {
  try {
    const { results } = await client.layers(store.language.peek());
    published.value = results ?? [];
  } catch (reason) {
    if (!(reason instanceof Problem)) throw reason;
  }
}

/** Keep the documents in step with what is selected. */
export function followResults(): void {
  effect(() => {
    published.value = store.catalogue.value?.results ?? [];
  });
  effect(() => {
    const full = inFull(chosenResults.value, published.value);
    const written = (references: readonly ResultRef[]) => references.map(writeReference).join();
    if (written(full) !== written(chosenResults.value)) chosenResults.value = full;
  });
  effect(() => {
    void store.language.value;
    if (store.catalogue.value) void loadRuns();
  });
  effect(() => {
    const missing = chosenResults.value.flatMap((one) =>
      one.run !== null && !layerOf(one) ? [one.run] : [],
    );
    if (store.catalogue.value) for (const id of missing) void nameRun(id);
  });
  const selected = computed(() => {
    void cellChanges.value;
    const layer = shownResults.value.find((one) => one.run === cell.value?.run);
    return cell.value && { cell: cell.value.cell, run: layer ? drawnRun(layer) : cell.value.run };
  });
  followOne(selected, cellDocument, cellProblem, (chosen, language, signal) =>
    client.cell(chosen.run, chosen.cell, language, signal),
  );
  const finding = computed(() => (toldId.value === null ? null : { id: toldId.value }));
  followOne(finding, toldRun, toldProblem, ({ id }, language, signal) => client.run(id, language, signal));
  const opened = computed(() => (table.value === null ? null : { id: table.value, ended: runsEnded.value }));
  followOne(opened, tableRun, tableProblem, ({ id }, language, signal) => client.run(id, language, signal));
}

async function nameRun(id: number): Promise<void> {
  try {
    const { layer } = await client.run(id, store.language.peek());
    if (layer) named.value = new Map(named.peek()).set(id, layer);
  } catch (reason) {
    if (!(reason instanceof Problem)) throw reason;
    chosenResults.value = chosenResults.peek().filter((one) => one.run !== id);
  }
}
