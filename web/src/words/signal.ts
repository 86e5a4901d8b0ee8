/** A level of signal in words. */
import type { SignalClass } from "../data/radio";
import { words } from ".";

/** Stands for no signal at all. */
const NOTHING_DBM = -140;

/** The class of a level; under the lowest one something may still be received. */
export function levelWord(of: SignalClass, level: number | null): string {
  const w = words.value.signal;
  return of === "none" && level !== null && level > NOTHING_DBM ? w.faint : w.classes[of];
}
