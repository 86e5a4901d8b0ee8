/** What is at stake in a gap, in words. */
import type { Area } from "../data/results";
import { language } from "../state/store";
import { words } from ".";
import { decimal } from "./figures";
import { lengthText } from "./lengths";
import { count } from "./format";

const figureOf = (row: Area, column: string): number => {
  const value = row[column];
  return typeof value === "number" ? value : 0;
};

/** People where some live, road where there is some, and the area; the first is what matters most. */
export function stakes(row: Area): readonly [string, ...string[]] {
  const w = words.value.radioFindings;
  const text = (value: number, decimals: number) => decimal(value, decimals, language.value, decimals);
  const [people, road] = [figureOf(row, "people"), figureOf(row, "roads_km")];
  const area = w.area(text(figureOf(row, "area_km2"), 2));
  const rest: [string, ...string[]] =
    road >= 0.05 ? [w.road(lengthText(road * 1000, language.value)), area] : [area];
  return people >= 0.5 ? [w.people(count(Math.round(people), language.value)), ...rest] : rest;
}
