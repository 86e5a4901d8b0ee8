/** A trial of a camera in words. */
import type { TrialAnswer } from "../data/trial";
import type { Language } from "../state/store";
import { count } from "./format";

/** An area of ground: 1,260 平方米. */
export const areaText = (value: number, language: Language): string =>
  `${count(Math.round(value), language)} ${language === "zh" ? "平方米" : "m²"}`;

/** Shares that differ by less say nothing. */
const LEAST = 0.005;

/** How many cells are seen better, and how many worse. */
export function trialWords({ cells }: Pick<TrialAnswer, "cells">): { better: number; worse: number } {
  return {
    better: cells.filter(({ before, after }) => after - before > LEAST).length,
    worse: cells.filter(({ before, after }) => before - after > LEAST).length,
  };
}
