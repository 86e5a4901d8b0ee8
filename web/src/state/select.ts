/** Selecting a feature: one path for the map, the lists, the search and the keyboard. */
import { batch } from "@preact/signals";

import { cell, cellBelow } from "./results";
import { alternatives, type Found, inView, roving, selection, surface, panel } from "./store";
import type { CellRef } from "./url";

/** Select a feature; `others` and the cell `below` are what else lies at the same place. */
export function select(
  layer: string,
  id: number,
  others: readonly Found[] = [],
  below: CellRef | null = null,
): void {
  batch(() => {
    alternatives.value = others;
    cellBelow.value = below;
    cell.value = null;
    selection.value = { layer, id };
    if (surface.value === "field") panel.value = "none";
  });
}

/** Select a cell of a result; `others` are the features at the same place. */
export function selectCell(chosen: CellRef, others: readonly Found[] = []): void {
  batch(() => {
    alternatives.value = others;
    selection.value = null;
    cell.value = chosen;
    if (surface.value === "field") panel.value = "none";
  });
}

/** Close the card; focus goes back to where the reader was. */
export function deselect(): void {
  batch(() => {
    selection.value = null;
    cell.value = null;
    cellBelow.value = null;
    alternatives.value = [];
  });
}

/** Move the keyboard's mark through the features in view by a number of steps. */
export function step(by: number): Found | undefined {
  const found = inView.value;
  if (found.length === 0) return undefined;
  const next =
    roving.value < 0 ? (by > 0 ? 0 : found.length - 1) : (roving.value + by + found.length) % found.length;
  roving.value = next;
  return found[next];
}
