/** What is at stake in a gap, in words. */
import type { Area } from "../data/results";
import { language } from "../state/store";
import { words } from ".";
import { count, number } from "./format";

const figureOf = (row: Area, column: string): number => {
  const value = row[column];
  return typeof value === "number" ? value : 0;
};

/** People where some live, road where there is some, and the area; the first is what matters most. */
export function stakes(row: Area): readonly [string, ...string[]] {
  const w = words.value.radioFindings;
  const text = (value: number, scale: number) => number(Math.round(value * scale) / scale, language.value);
  const [people, road] = [figureOf(row, "people"), figureOf(row, "roads_km")];
  const area = w.area(text(figureOf(row, "area_km2"), 100));
  const rest: [string, ...string[]] = road >= 0.05 ? [w.road(text(road, 10)), area] : [area];
  return people >= 0.5 ? [w.people(count(Math.round(people), language.value)), ...rest] : rest;
}
