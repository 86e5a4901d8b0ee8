/** Two to four scenarios side by side: which, what their runs say, where two of them differ. */
import { batch, computed, effect, signal } from "@preact/signals";

import { client, Problem } from "../data/client";
import type { DemandCells, RunCells } from "../data/siteModel";
import type { ComparedCells, ComparedKind, Comparison, ScenarioSummary } from "../data/siting";
import { followOne } from "./following";
import { runs, startRun } from "./results";
import { ask, sitingRef } from "./sitingPage";
import * as store from "./store";

/** What is compared with scenarios: the city as it is. */
export const PRESENT = "present";
export const MOST_SIDES = 4;

export const scenarios = signal<readonly ScenarioSummary[]>([]);
export const scenariosProblem = signal<Problem | null>(null);
/** Names of the sides, the present first. */
export const sides = signal<readonly string[]>([PRESENT]);
/** The side whose difference from the first is on the map; null: the plan is. */
export const shownSide = signal<string | null>(null);
export const comparison = signal<Comparison | null>(null);
export const compareProblem = signal<Problem | null>(null);
export const differing = signal<ComparedCells | null>(null);
export const differingProblem = signal<Problem | null>(null);

/** What is missing in the first side. */
export const stateCells = signal<DemandCells | null>(null);

/** Cells of a coverage with what is missing in each: people without signal, or the share of ground unseen. */
export function missingOf({ resolution, features }: RunCells): DemandCells {
  const found = features.map(({ id, geometry, properties }) => {
    const value = (name: string) => properties[name] ?? 0;
    const people = properties["people"] !== undefined;
    const missing = people ? value("people") - value("people_covered") : 1 - value("seen_1");
    return { id, geometry, properties: { missing: Math.max(0, missing), gained: 0 } };
  });
  const most = found.reduce((most, { properties }) => Math.max(most, properties.missing), 0);
  return { resolution, most, features: found };
}

export const comparedKind = computed<ComparedKind>(() =>
  ask.value.device === "cameras" ? "camera_coverage" : "radio_coverage",
);

export async function loadScenarios(): Promise<void> {
  try {
    scenarios.value = (await client.scenarios(store.language.peek())).scenarios;
    scenariosProblem.value = null;
  } catch (reason) {
    if (!(reason instanceof Problem)) throw reason;
    scenariosProblem.value = reason;
  }
}

/** Put a scenario beside the others, or take it away. */
export function toggleSide(name: string): void {
  const chosen = sides.peek();
  batch(() => {
    if (chosen.includes(name)) {
      sides.value = chosen.filter((one) => one !== name);
      if (shownSide.peek() === name) shownSide.value = null;
    } else if (chosen.length < MOST_SIDES) sides.value = [...chosen, name];
  });
}

/** Runs that are missing for the comparison. */
export const missing = computed(() => (comparison.value?.sides ?? []).filter((side) => side.run === null));

/** Runs that were asked for here and go on. */
const asked = signal<ReadonlySet<number>>(new Set());
export const computing = computed(
  () =>
    runs.value.filter(({ id, state }) => asked.value.has(id) && (state === "queued" || state === "running"))
      .length,
);
/** Grows when one of them has ended. */
const ended = computed(
  () =>
    runs.value.filter(({ id, state }) => asked.value.has(id) && state !== "queued" && state !== "running")
      .length,
);

export async function computeMissing(): Promise<void> {
  try {
    for (const { order } of missing.peek()) {
      if (!order) continue;
      const run = await startRun(order.kind, order.parameters, order.region || null, { show: false });
      asked.value = new Set(asked.peek()).add(run);
    }
  } catch (reason) {
    if (!(reason instanceof Problem)) throw reason;
    compareProblem.value = reason;
  }
}

export function followComparing(): void {
  effect(() => {
    void store.language.value;
    if (sitingRef.value && store.catalogue.value) void loadScenarios();
  });
  // Who opens a scenario compares it with the present.
  effect(() => {
    const name = sitingRef.value?.scenario;
    if (!name) return;
    batch(() => {
      if (!sides.peek().includes(name)) sides.value = [PRESENT, name];
      shownSide.value = name;
    });
  });
  const chosen = computed(() =>
    sitingRef.value && sides.value.length > 1
      ? { sides: sides.value, kind: comparedKind.value, region: ask.value.region, ended: ended.value }
      : null,
  );
  followOne(chosen, comparison, compareProblem, (one, language, signal) =>
    client.compare(one.sides, one.kind, one.region, language, signal),
  );
  const two = computed(() => {
    const found = comparison.value;
    const first = found?.sides[0];
    const other = found?.sides.find((side) => side.name.replace(/@\d+$/, "") === shownSide.value);
    if (!found || !first || !other || first === other || first.run === null || other.run === null)
      return null;
    return { of: [first.name, other.name] as const, kind: found.kind, region: found.region ?? "" };
  });
  followOne(two, differing, differingProblem, (one, language, signal) =>
    client.comparedCells(one.of, one.kind, one.region, language, signal),
  );
  const first = computed(() => {
    const run = comparison.value?.sides[0]?.run;
    const resolution = differing.value?.resolution;
    return run === null || run === undefined || resolution === undefined ? null : { run, resolution };
  });
  followOne(first, stateCells, differingProblem, async ({ run, resolution }, language, signal) =>
    missingOf(await client.cellsOf(run, resolution, language, signal)),
  );
}
