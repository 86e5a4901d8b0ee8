/** Hotspots in words: how many against how many, how they go, what the grid around says. */
import type { Hotspot } from "../data/findings";
import type { Level, ResultLayer } from "../data/results";
import type { StepName } from "../data/counts";
import { number } from "./format";
import type { Language } from "../state/store";
import type { WordBook } from "./words";

/** Hotspots of the tested cells that the map draws at a level; those of runs before levels had lists of their own. */
export const ofLevel = (found: readonly Hotspot[], level: Level | undefined) =>
  found.filter((one) => one.z !== undefined && (one.resolution ?? level?.resolution) === level?.resolution);

/** What was found beside the tested cells: clusters in space and time, dense groups. */
export const beside = (found: readonly Hotspot[]) => found.filter((one) => one.z === undefined);

/** Hot cells of a level: the numbers that the legend has. */
export function hotCells(layer: ResultLayer, level: Level | undefined): { name: string; cells: number }[] {
  const names = layer.style.class_names ?? [];
  return names.flatMap((name, place) => {
    const cells = level?.in_class?.[place] ?? 0;
    return place > 0 && cells > 0 ? [{ name, cells }] : [];
  });
}

/** Mean edge of a cell of resolution 0 in metres; each finer one is √7 shorter. */
const EDGE = 1_281_256;

/** Metres across a cell, so that they can be remembered: two digits. */
export const across = (resolution: number): number =>
  Number((2 * EDGE * 7 ** (-resolution / 2)).toPrecision(2));

export interface Change {
  readonly steps: number;
  readonly now: number;
  readonly before: number;
}

/** The last sixth of the steps against as many before them; null where numbers are hidden or too few. */
export function changeOf({ series }: Hotspot): Change | null {
  if (!series || series.length < 4) return null;
  const steps = Math.max(1, Math.round(series.length / 6));
  const sum = (values: readonly (number | null)[]) =>
    values.reduce<number>((total, n) => total + (n ?? NaN), 0);
  const [now, before] = [sum(series.slice(-steps)), sum(series.slice(-2 * steps, -steps))];
  return Number.isFinite(now + before) ? { steps, now, before } : null;
}

/** Incidents from which a change is worth an order. */
const LEAST = 5;

/** Those that grew, most in relation first. */
export function byChange(found: readonly Hotspot[]): Hotspot[] {
  const ratio = (one: Hotspot) => {
    const change = changeOf(one);
    return change && change.now >= LEAST ? change.now / Math.max(change.before, 1) : 0;
  };
  return found.filter((one) => ratio(one) > 1).sort((a, b) => ratio(b) - ratio(a));
}

/** Change in percent with its sign; from nothing there is no percentage. */
export function changeText({ now, before }: Change): string {
  if (before === 0) return now > 0 ? `+${now}` : "0";
  const percent = Math.round((now / before - 1) * 100);
  return percent < 0 ? `−${-percent}%` : `+${percent}%`;
}

/** How the strength goes: by the test at the run's level. */
export function trendOf({ trend_z, trend_p }: Hotspot, q: number): "rising" | "falling" | "steady" | null {
  if (trend_z === undefined) return null;
  if ((trend_p ?? 1) > q || trend_z === 0) return "steady";
  return trend_z > 0 ? "rising" : "falling";
}

/** Small numbers with a decimal, others whole. */
export const amount = (value: number, language: Language) =>
  number(Number(value.toFixed(value < 10 ? 1 : 0)), language);

export const stepsText = (step: StepName, n: number, words: WordBook) => words.hotspots.steps[step](n);

/** p as one reads it. */
export const probability = (p: number) => (p < 0.001 ? "< 0.001" : p.toFixed(3));
