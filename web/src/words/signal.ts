/** A level of signal in words. */
import type { RadioSector, SignalClass } from "../data/radio";
import { words } from ".";
import { decibels } from "./results";

/** The class of a level; under the lowest one something may still be received, down to no signal at all. */
export function levelWord(of: SignalClass, level: number | null, nothing: number): string {
  const w = words.value.signal;
  return of === "none" && level !== null && level > nothing ? w.faint : w.classes[of];
}

/** A level of a cell: the least that is told stands for all below it too. */
export const cellLevel = (level: number, nothing: number): string =>
  `${level <= nothing ? "≤ " : ""}${decibels(level)}`;

/** What stands between a sector and the place; that nothing does, where that is known. */
export function inTheWay(sector: RadioSector): string[] {
  const w = words.value.signal;
  const house = sector.blocked_by;
  const told = sector.line_of_sight ? [w.clear] : [];
  if (house) told.push(w.blocked(house.code ?? `#${house.id}`, house.over_m.toFixed(1)));
  if (sector.in_the_way.includes("hill")) told.push(w.hill(sector.terrain_db.toFixed(1)));
  return told;
}
