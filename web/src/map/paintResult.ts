/** Draws a result in one tile: cells and areas filled by class, lines and points drawn in its colour. */
import type { ResultLayer } from "../data/results";
import { type Easel, place, trace } from "./paint";
import { PALETTES } from "./palette";
import { classOf, colours, levelAt, NO_DATA, ZERO } from "./results";
import { EXTENT, type Placement, type TileFeatures, type TileKey } from "./tiles";

export interface ResultPart {
  readonly layer: ResultLayer;
  readonly features: TileFeatures;
  readonly placement: Placement;
}

/** Streets must be felt under the cells, and cells seen above the fields. */
export const OPACITY = { dark: 0.72, light: 0.74 } as const;
/** Design pixels of a line of a result: as much as streets have room for. */
const lineWidth = (zoom: number) => Math.min(5, Math.max(2, zoom - 9.5));
/** Design pixels across a point of a result: near by it is wider than the symbol of what stands at the same place. */
const pointWidth = (zoom: number) => Math.min(28, Math.max(12, 12 + 5 * (zoom - 13)));
/** Kinds of geometry in a tile. */
const POINTS = 1;
const LINES = 2;
/** Design pixels between the lines of the hatch. */
const HATCH = 6;

/** Whether a result has lines or points here, which areas and dots of the city would bury. */
export const isThin = ({ features }: ResultPart): boolean =>
  features.kinds.length > 0 && features.kinds.every((kind) => kind <= LINES);

/**
 * Draw one result in one tile; `tile` is the drawn tile, whose place keeps the hatch unbroken over the seams. Over
 * cells of another result it is hatched: two ramps on one place would read as one.
 */
export function paintResult(easel: Easel, part: ResultPart, tile: TileKey, over = false): void {
  const { pen, theme } = easel;
  const { layer, features, placement } = part;
  const level = levelAt(layer, placement.key.z);
  if (!level || features.count === 0) return;
  const groups = grouped(part, level.breaks);
  if (over) {
    place(easel, placement);
    hatch(easel, tile, PALETTES[theme].text, () => {
      pen.beginPath();
      for (const [position, members] of groups)
        if (position >= 0) for (const index of members) trace(pen, features, index, true);
    });
    pen.setTransform(1, 0, 0, 1, 0, 0);
    return;
  }
  const ramp = colours(layer, level, theme);
  const pixel = place(easel, placement);
  const edges = edgesOf(level.resolution === null ? Infinity : cellPixels(easel, level.resolution, tile));
  const outline = (members: readonly number[]) => {
    pen.beginPath();
    for (const index of members) trace(pen, features, index, true);
  };
  pen.lineJoin = "round";
  const filled: number[] = [];
  for (const [position, members] of groups) {
    if (position < 0 || layer.hidden?.has(position)) continue;
    const colour = ramp[position] ?? "";
    const areas = members.filter((index) => (features.kinds[index] ?? 0) > LINES);
    filled.push(...areas);
    pen.globalAlpha = OPACITY[theme];
    pen.fillStyle = colour;
    outline(areas);
    pen.fill();
    pen.globalAlpha = 1;
    const { land, text } = PALETTES[theme];
    strokes(easel, features, members, LINES, { colour, rim: land, width: lineWidth(easel.zoom) * pixel });
    strokes(easel, features, members, POINTS, { colour, rim: text, width: pointWidth(easel.zoom) * pixel });
  }
  // Where 0 has a name (no pattern), there is nothing to say of a cell: it stays bare.
  if (edges > 0 && !layer.style.zero_title) {
    pen.globalAlpha = 0.5 * edges;
    pen.strokeStyle = ramp[0] ?? "";
    pen.lineWidth = 0.75 * pixel;
    outline(groups.get(ZERO) ?? []);
    pen.stroke();
  }
  pen.globalAlpha = 0.9;
  pen.strokeStyle = PALETTES[theme].land;
  pen.lineWidth = (0.25 + 0.75 * edges) * pixel;
  outline(filled);
  pen.stroke();
  pen.globalAlpha = 1;
  const missing = groups.get(NO_DATA) ?? [];
  if (missing.length > 0) hatch(easel, tile, PALETTES[theme].border, () => outline(missing));
  pen.setTransform(1, 0, 0, 1, 0, 0);
}

/** Trace a point: as a line that is as good as nothing long, whose round ends are the dot. */
function dot(pen: CanvasRenderingContext2D, { rings, vertices, coordinates }: TileFeatures, index: number) {
  for (let part = rings[index] ?? 0; part < (rings[index + 1] ?? 0); part++) {
    const at = 2 * (vertices[part] ?? 0);
    const x = coordinates[at] ?? 0;
    const y = coordinates[at + 1] ?? 0;
    pen.moveTo(x, y);
    pen.lineTo(x + 0.01, y);
  }
}

interface Stroke {
  readonly colour: string;
  /** Colour of the edge, which must be told from the ground and for points also from the symbols around. */
  readonly rim: string;
  readonly width: number;
}

/** Draw lines or points with a rim that keeps them apart from what lies below; a point is a line without length. */
function strokes(
  { pen, pixel }: Easel,
  features: TileFeatures,
  members: readonly number[],
  kind: number,
  { colour, rim, width }: Stroke,
): void {
  const own = members.filter((index) => features.kinds[index] === kind);
  if (own.length === 0) return;
  pen.beginPath();
  for (const index of own) {
    if (kind === POINTS) dot(pen, features, index);
    else trace(pen, features, index, false);
  }
  pen.lineCap = "round";
  for (const [style, wide] of [
    [rim, width + 2.5 * pixel],
    [colour, width],
  ] as const) {
    pen.strokeStyle = style;
    pen.lineWidth = wide;
    pen.stroke();
  }
  pen.lineCap = "butt";
}

/** Mean edge of a cell of resolution 0 in metres (H3 4.x, table of cell statistics); each finer one is √7 shorter. */
const EDGE = 1_281_256;
const EARTH = 2 * Math.PI * 6_378_137;

/** Design pixels from corner to corner of a cell of a resolution where a tile lies. */
export function cellPixels(
  { scale, pixel }: Pick<Easel, "scale" | "pixel">,
  resolution: number,
  tile: TileKey,
): number {
  const north = Math.PI * (1 - (2 * (tile.y + 0.5)) / 2 ** tile.z);
  const metres = EARTH / Math.cosh(north) / 2 ** tile.z / (scale * EXTENT);
  return (2 * EDGE * 7 ** (-resolution / 2)) / metres / pixel;
}

/** How strong edges are, 0 to 1: those of small cells would be all that one sees. */
export const edgesOf = (size: number) => Math.min(Math.max((size - 8) / 16, 0), 1);

function grouped({ layer, features }: ResultPart, breaks: readonly number[]): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (let index = 0; index < features.count; index++) {
    const position = classOf(features.properties[index]?.[layer.style.by], breaks);
    const members = groups.get(position);
    if (members) members.push(index);
    else groups.set(position, [index]);
  }
  return groups;
}

/** Slanted lines inside a path, at the same places whichever tile draws them. */
function hatch(easel: Easel, tile: TileKey, colour: string, path: () => void): void {
  const { pen, pixel } = easel;
  pen.save();
  path();
  pen.clip();
  pen.setTransform(1, 0, 0, 1, 0, 0);
  const side = easel.scale * EXTENT;
  const step = HATCH * pixel * Math.SQRT2;
  const first = -(((tile.x + tile.y) * side) % step);
  pen.beginPath();
  for (let at = first; at < 2 * side + step; at += step) {
    pen.moveTo(at, 0);
    pen.lineTo(at - 2 * side, 2 * side);
  }
  pen.globalAlpha = 0.7;
  pen.strokeStyle = colour;
  pen.lineWidth = pixel;
  pen.stroke();
  pen.restore();
}
