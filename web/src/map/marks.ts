/** What the state says of marks on the map: what is selected, where the keyboard stands, incidents by cell. */
import * as clock from "../state/clock";
import { pointed } from "../state/findings";
import * as results from "../state/results";
import * as store from "../state/store";
import type { Mark } from "./drawOverlay";
import type { CountDrawing } from "./incidentCounts";

export function countDrawing(): CountDrawing | null {
  const found = clock.drawnCounts.peek();
  if (!found) return null;
  const sums = clock.cellSums.peek();
  return {
    cells: found.outlines.map((outline, place) => ({ outline, n: sums[place] ?? 0 })),
    breaks: clock.breaks.peek(),
    size: results.drawnResults.peek().length > 0 ? 0.6 : 1,
  };
}

export function selectedMark(): Mark | null {
  const [ref, cell] = [results.cell.peek(), results.cellDocument.peek()];
  if (ref)
    return cell?.cell === ref.cell ? { geometry: cell.geometry, lng: 0, lat: 0, onColour: true } : null;
  const [selection, item] = [store.selection.peek(), store.item.peek()];
  if (!selection) return null;
  const geometry = item && item.id === selection.id ? item.geometry : null;
  if (geometry?.type === "Point") {
    const [lng, lat] = geometry.coordinates;
    return { geometry: null, lng: lng ?? 0, lat: lat ?? 0 };
  }
  return geometry ? { geometry, lng: 0, lat: 0 } : null;
}

/** The whole of what the selected cell is part of. */
export function groupMark(): Mark | null {
  const [ref, cell] = [results.cell.peek(), results.cellDocument.peek()];
  const group = cell && cell.cell === ref?.cell ? cell.group : null;
  return group && { geometry: group.geometry, lng: 0, lat: 0, onColour: true };
}

export function rovingMark(): Mark | null {
  const found = store.inView.peek()[store.roving.peek()];
  return found ? { geometry: null, lng: found.lng, lat: found.lat } : null;
}

/** What the pointer is over in a list. */
export function pointedMark(): Mark | null {
  const geometry = pointed.peek()?.geometry;
  if (geometry?.type !== "Point") return geometry ? { geometry, lng: 0, lat: 0, onColour: true } : null;
  const [lng, lat] = geometry.coordinates;
  return { geometry: null, lng: lng ?? 0, lat: lat ?? 0, onColour: true };
}
