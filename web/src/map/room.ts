/** The room that panels, a sheet and the legend leave on a map. */
import type L from "leaflet";

import type { Box } from "../data/types";
import { surface } from "../state/store";
import { legendOver } from "./furniture";

/** More than this share of its height a wall's map does not give to what stands over it. */
const MOST_COVERED = 0.5;

/** Of the phone's height, what a sheet takes that is not drawn up: as in field.css. */
const LOW_SHEET = 0.46;

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Padding {
  readonly right: number;
  readonly lower: number;
}

/**
 * What to leave free so that a box lies clear of the corner, on the side where it is drawn larger: nothing more than
 * the edge where it is clear of it anyway. `box` is in pixels at some scale, `most` how much larger it may be drawn.
 */
export function besideCorner(map: Size, corner: Size, box: Size, most: number, edge: number): Padding {
  const scaleOf = ({ right, lower }: Padding) =>
    Math.min((map.width - edge - right) / box.width, (map.height - edge - lower) / box.height, most);
  const plain = { right: edge, lower: edge };
  const scale = scaleOf(plain);
  const reaches = (whole: number, part: number, covered: number) =>
    (whole + part * scale) / 2 > whole - covered;
  if (!reaches(map.width, box.width, corner.width) || !reaches(map.height, box.height, corner.height))
    return plain;
  const [left, above] = [
    { right: corner.width + edge, lower: edge },
    { right: edge, lower: corner.height + edge },
  ];
  return scaleOf(left) >= scaleOf(above) ? left : above;
}

/** What to leave free so that a box in degrees lies clear of the map's legend; null where there is none. */
export function besideLegend(map: L.Map, box: Box, maxZoom: number, edge: number): Padding | null {
  const corner = legendOver(map.getContainer());
  if (!corner) return null;
  const [west, south, east, north] = box;
  const [low, high] = [map.project([south, west], 0), map.project([north, east], 0)];
  const { x: width, y: height } = map.getSize();
  const size = { width: high.x - low.x, height: low.y - high.y };
  return besideCorner({ width, height }, corner, size, 2 ** maxZoom, edge);
}

/** The headline over the map of a wall, and the band of legends at its foot. */
export function wallFurniture(map: HTMLElement): Record<"over" | "foot", HTMLElement | null> {
  const wall = map.closest(".wall");
  const find = (which: string) => wall?.querySelector<HTMLElement>(which) ?? null;
  return { over: find(".wall-over"), foot: find(".map-lower") };
}

/** What stands over the map of a wall takes no place from its region, where enough is left for that. */
function besideWall(map: HTMLElement, box: DOMRect, edge: number): { upper: number; lower: number } {
  const { over, foot } = wallFurniture(map);
  const [above, below] = [over?.getBoundingClientRect(), foot?.getBoundingClientRect()];
  const upper = Math.max(edge, above?.height ? above.bottom - box.top + edge / 3 : 0);
  const lower = Math.max(edge, below?.height ? box.bottom - below.top + edge / 3 : 0);
  return upper + lower < MOST_COVERED * box.height ? { upper, lower } : { upper: edge, lower: edge };
}

/** Pixels at the top and bottom of a map that its furniture or a sheet covers; `edge` is left at least. */
export function coveredIn(map: HTMLElement, edge: number, below: number): { upper: number; lower: number } {
  const box = map.getBoundingClientRect();
  if (surface.peek() !== "field") return besideWall(map, box, edge);
  const sheet = map.ownerDocument.querySelector(".sheet")?.getBoundingClientRect();
  const upper = 84;
  if (!sheet) return { upper, lower: below };
  // Above a sheet that is drawn up there is no room: then what its low form leaves free counts.
  const height = Math.min(sheet.height, LOW_SHEET * box.height);
  return { upper, lower: box.bottom - sheet.bottom + height + edge };
}
