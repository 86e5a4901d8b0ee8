/** The tool that tells why a place has the signal it has: whether it is in hand, the place, and the answer. */
import { batch, computed, signal } from "@preact/signals";

import { client, type Problem } from "../data/client";
import {
  TECHNOLOGIES,
  type RadioAsked,
  type RadioExplanation,
  type RadioSector,
  type Technology,
} from "../data/radio";
import { followOne } from "./following";
import { cell, cellBelow, shownResults } from "./results";
import { alternatives, selection } from "./store";
import type { SignalRef } from "./url";

/** Whether a click on the map asks for the signal there. */
export const asking = signal(false);
export const signalAt = signal<SignalRef | null>(null);
export const explanation = signal<RadioExplanation | null>(null);
export const signalProblem = signal<Problem | null>(null);
/** The sector whose budget is shown; null: the strongest. */
export const budgetOf = signal<number | null>(null);

const PREDICTIONS = new Set(["radio_coverage", "radio_gaps"]);
/** The prediction of a technology that the map shows last: the answer explains that one, scenario and all. */
const shownRun = computed(
  () =>
    shownResults.value
      .filter(
        ({ name, parameters }) =>
          PREDICTIONS.has(name) && parameters.technology === signalAt.value?.technology,
      )
      .at(-1)?.run ?? null,
);
const asked = computed<RadioAsked | null>(() =>
  signalAt.value ? { ...signalAt.value, run: shownRun.value } : null,
);

/** The technology that a shown run predicts; null for one that predicts no signal. */
export function technologyOf(run: number): Technology | null {
  const layer = shownResults.peek().find((one) => one.run === run);
  if (!layer || !PREDICTIONS.has(layer.name)) return null;
  return TECHNOLOGIES.find((one) => one === layer.parameters.technology) ?? null;
}

/** Ask for the signal at a place. */
export function askSignal(lat: number, lng: number, technology?: Technology): void {
  batch(() => {
    signalAt.value = { lat, lng, technology: technology ?? signalAt.peek()?.technology ?? "5g" };
    budgetOf.value = null;
    selection.value = null;
    cell.value = null;
    cellBelow.value = null;
    alternatives.value = [];
  });
}

/** Take the tool in hand or lay it down, with its answer. */
export function toggleSignal(): void {
  batch(() => {
    asking.value = !asking.value;
    if (!asking.value) closeSignal();
  });
}

export function closeSignal(): void {
  batch(() => {
    asking.value = false;
    signalAt.value = null;
    budgetOf.value = null;
  });
}

/** The sector whose budget is shown. */
export const budgetSector = computed<RadioSector | null>(() => {
  const sectors = explanation.value?.sectors ?? [];
  return sectors.find((one) => one.id === budgetOf.value) ?? sectors[0] ?? null;
});

/** One line of a link budget: what is added or lost, in dB; sums are in dBm. */
export interface BudgetLine {
  readonly name: "element" | "peak" | "pattern" | "freeSpace" | "clutter" | "terrain" | "level";
  readonly value: number;
  readonly sum: boolean;
}

/** The budget of a sector line by line; the lines add up to its level. */
export function budgetLines(sector: RadioSector): BudgetLine[] {
  const lines: BudgetLine[] = [
    { name: "element", value: sector.element_dbm, sum: true },
    { name: "peak", value: sector.peak_dbi, sum: false },
    { name: "pattern", value: sector.gain_dbi - sector.peak_dbi, sum: false },
    { name: "freeSpace", value: -sector.free_space_db, sum: false },
    { name: "clutter", value: sector.free_space_db - sector.loss_db, sum: false },
  ];
  if (sector.terrain_db > 0) lines.push({ name: "terrain", value: -sector.terrain_db, sum: false });
  return [...lines, { name: "level", value: sector.level_dbm, sum: true }];
}

/** Keep the answer in step with the place that is asked for. */
export function followSignal(): void {
  followOne(asked, explanation, signalProblem, (at, language, signal) => client.radio(at, language, signal));
}
