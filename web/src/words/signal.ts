/** A level of signal in words. */
import type { SignalClass } from "../data/radio";
import { words } from ".";
import { decibels } from "./results";

/** Stands for no signal at all. */
const NOTHING_DBM = -140;

/** The class of a level; under the lowest one something may still be received. */
export function levelWord(of: SignalClass, level: number | null): string {
  const w = words.value.signal;
  return of === "none" && level !== null && level > NOTHING_DBM ? w.faint : w.classes[of];
}

/** A level of a cell: the least that is told stands for all below it too. */
export const cellLevel = (level: number): string => `${level <= NOTHING_DBM ? "≤ " : ""}${decibels(level)}`;
