/** Going from a row of a run's figures to its place on the map. */
import { client, Problem } from "../data/client";
import type { RadioFinding } from "../data/findings";
import type { Area, Run } from "../data/results";
import { controller } from "../map/current";
import { boxOf } from "../map/geometry";
import { cell } from "../state/results";
import { select } from "../state/select";
import { language } from "../state/store";

/** The cell of a row that is a group of cells: the busiest of a gap, whose id may be a cell that has left it. */
export function cellOf(run: Run, row: Area): string {
  const found = (run.summary?.findings ?? []) as readonly RadioFinding[];
  const gap = found.find((one) => one.what === "gap" && one.id === row.code);
  return gap?.what === "gap" ? gap.cell : row.code;
}

/** Select the region, extent or cell of a row, and show the whole of it; what went wrong, where something did. */
export async function goToArea(run: Run, row: Area): Promise<Problem | null> {
  try {
    if (row.layer === run.kind) {
      const chosen = cellOf(run, row);
      const { geometry, group } = await client.cell(run.id, chosen, language.peek());
      cell.value = { run: run.id, cell: chosen };
      const box = boxOf(group?.geometry ?? geometry);
      if (box) controller.peek()?.fitClear(box, 15);
      return null;
    }
    const feature = await client.withCode(row.layer, row.code, language.peek());
    if (!feature) return null;
    select(row.layer, feature.id);
    const box = feature.geometry && boxOf(feature.geometry);
    if (box) controller.peek()?.fitBeside(box);
  } catch (reason) {
    if (!(reason instanceof Problem)) throw reason;
    return reason;
  }
  return null;
}
