/** The scenario whose page is open: its changes, its state, and what may follow it. */
import { computed, signal } from "@preact/signals";

import { client, Problem } from "../data/client";
import type { Scenario, ScenarioPlaces, ScenarioState } from "../data/siting";
import { loadScenarios } from "./comparing";
import { followOne } from "./following";
import { sitingRef } from "./sitingPage";
import * as store from "./store";

export interface Opened {
  readonly scenario: Scenario;
  /** What a change must name, so that nobody overwrites what somebody else has written. */
  readonly tag: string;
}

export const opened = signal<Opened | null>(null);
export const openedProblem = signal<Problem | null>(null);
export const places = signal<ScenarioPlaces | null>(null);
const placesProblem = signal<Problem | null>(null);
export const changeProblem = signal<Problem | null>(null);
/** Grows with every change made here: the scenario is then read again. */
const changes = signal(0);

/** What may follow each state. */
export const NEXT: Readonly<Record<ScenarioState, readonly ScenarioState[]>> = {
  draft: ["review"],
  review: ["final", "draft"],
  final: [],
};

export interface Written {
  /** Planned features by layer. */
  readonly adds: readonly (readonly [layer: string, features: number])[];
  /** Changes of what stands, which are for somebody to carry out. */
  readonly left: number;
}

/** What applying a scenario would write. */
export function writtenBy({ changes }: Pick<Scenario, "changes">): Written {
  const adds = new Map<string, number>();
  let left = 0;
  for (const { op, layer } of changes) {
    if (op === "add") adds.set(layer, (adds.get(layer) ?? 0) + 1);
    else left++;
  }
  return { adds: [...adds], left };
}

async function change(act: (name: string, tag: string) => Promise<Scenario>): Promise<void> {
  const one = opened.peek();
  if (!one) return;
  changeProblem.value = null;
  try {
    await act(one.scenario.name, one.tag);
    void loadScenarios();
  } catch (reason) {
    if (!(reason instanceof Problem)) throw reason;
    changeProblem.value = reason;
  }
  changes.value++;
}

export const setState = (state: ScenarioState) =>
  change((name, tag) => client.setScenarioState(name, state, tag, store.language.peek()));

export const apply = () => change((name, tag) => client.applyScenario(name, tag, store.language.peek()));

export function followScenario(): void {
  const asked = computed(() => {
    const name = sitingRef.value?.scenario ?? null;
    return name === null ? null : { name, changes: changes.value };
  });
  followOne(asked, opened, openedProblem, ({ name }, language, signal) =>
    client.scenario(name, language, signal),
  );
  followOne(asked, places, placesProblem, ({ name }, language, signal) =>
    client.scenarioPlaces(name, language, signal),
  );
}
