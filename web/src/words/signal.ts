/** A level of signal in words. */
import type { RadioSector, SignalClass } from "../data/radio";
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

/** Diffraction loss from which a hill stands in the line of sight: 6 dB at grazing incidence (ITU-R P.526-15). */
const HILL_DB = 6;

/** What stands between a sector and the place; that nothing does, where that is known. */
export function inTheWay(sector: RadioSector): string[] {
  const w = words.value.signal;
  const house = sector.blocked_by;
  const told = house ? [w.blocked(house.code ?? `#${house.id}`, house.over_m.toFixed(1))] : [];
  if (sector.terrain_db >= HILL_DB) told.push(w.hill(sector.terrain_db.toFixed(1)));
  const isSeen = sector.line_of_sight ?? sector.chance === 1;
  return told.length === 0 && isSeen ? [w.clear] : told;
}
