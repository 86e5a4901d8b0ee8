/** A result's document to what the painter needs: the level of a zoom, the class of a value, its colour. */
import type { Level, ResultLayer } from "../data/results";
import type { Words } from "../data/types";
import type { ThemeName } from "./styles";
import type { Properties, TileFeatures } from "./tiles";

/** Classes beside those of the ramp. */
export const ZERO = -1;
export const NO_DATA = -2;

/** The run whose cells are drawn. */
export const drawnRun = (layer: ResultLayer) => layer.live?.run ?? layer.run;

/** Name under which tiles of a run are kept and asked for. */
export const sourceName = (layer: ResultLayer) => `${layer.name}:${drawnRun(layer)}`;

/** Whether what is drawn does not show every change of its inputs. */
export const isOutOfDate = (layer: ResultLayer) => (layer.live ?? layer).out_of_date === true;

/** The level whose cells a tile of this zoom holds; undefined for a result without cells. */
export function levelAt(layer: ResultLayer, tileZoom: number): Level | undefined {
  const { levels } = layer.style;
  return levels.find((level) => tileZoom >= level.min_zoom) ?? levels.at(-1);
}

/** Class of a value: its place among the breaks; a break belongs to the class that it bounds from above. */
export function classOf(value: unknown, breaks: readonly number[]): number {
  if (typeof value !== "number" || !Number.isFinite(value)) return NO_DATA;
  if (value === 0) return ZERO;
  const found = breaks.findIndex((bound) => value <= bound);
  return found < 0 ? breaks.length : found;
}

/** Colours of the classes from little to much: few classes are spread over the whole ramp. */
export function colours(layer: ResultLayer, level: Level, theme: ThemeName): string[] {
  const ramp = layer.style.ramp[theme];
  const last = level.breaks.length;
  return Array.from(
    { length: last + 1 },
    (_, index) => ramp[last === 0 ? ramp.length - 1 : Math.round((index * (ramp.length - 1)) / last)] ?? "",
  );
}

/** Title of the fixed class of a value; undefined where the result has none. */
export function classTitle({ style }: Pick<ResultLayer, "style">, value: unknown): Words | undefined {
  const { classes, zero_title, levels } = style;
  const position = classOf(value, levels[0]?.breaks ?? []);
  return position === ZERO ? (zero_title ?? undefined) : classes?.[position];
}

/** Title of the class of a column's value, in whichever picture that column has classes. */
export function columnTitle(layer: ResultLayer, column: string, value: unknown): Words | undefined {
  const found = [layer, ...(layer.pictures ?? [])].find(({ style }) => style.by === column);
  return found && classTitle(found, value);
}

const ofCells = ({ style }: ResultLayer) => style.levels.some(({ resolution }) => resolution !== null);

/**
 * Whether a result picks out some of the cells that another one below it fills: gaps of a coverage. Every other one
 * keeps its own colours.
 */
export function liesOver(layer: ResultLayer, shown: readonly ResultLayer[]): boolean {
  const below = PICKED_FROM[layer.name];
  const at = shown.findIndex(({ run }) => run === layer.run);
  return below !== undefined && ofCells(layer) && shown.slice(0, at).some(({ name }) => name === below);
}

/** Kinds whose cells are some of those of another kind. */
const PICKED_FROM: Readonly<Record<string, string>> = { radio_gaps: "radio_coverage" };

/** Colour of a category, hot or cold; all cold ones share that of the first class. */
export function categoryColour(layer: ResultLayer, category: string, theme: ThemeName): string {
  const position = layer.style.class_names?.indexOf(category) ?? -1;
  return layer.style.ramp[theme][Math.max(position, 0)] ?? "";
}

/**
 * Both ends of each class, for the legend: from above the first number up to the second. The first class begins
 * at 0, or at the least value where that is below 0.
 */
export function classRanges(level: Level): [number, number][] {
  const bounds = [...level.breaks, level.most ?? 0];
  const least = Math.min(0, level.least ?? 0);
  return bounds.map((high, index) => [index === 0 ? least : (bounds[index - 1] ?? 0), high]);
}

export interface CellInTile {
  readonly cell: string;
  readonly properties: Properties;
}

/** The cell at a place in tile units, from the tile's own outlines. */
export function cellAt(features: TileFeatures, x: number, y: number): CellInTile | null {
  const properties = shapeAt(features, x, y);
  const cell = properties?.["cell"];
  return properties && typeof cell === "string" ? { cell, properties } : null;
}

/** The first shape of a result that covers a place in tile units. */
export function shapeAt(features: TileFeatures, x: number, y: number): Properties | null {
  for (let index = 0; index < features.count; index++)
    if (covers(features, index, x, y)) return features.properties[index] ?? {};
  return null;
}

function covers(
  { rings, vertices, coordinates }: TileFeatures,
  index: number,
  x: number,
  y: number,
): boolean {
  let inside = false;
  for (let ring = rings[index] ?? 0; ring < (rings[index + 1] ?? 0); ring++) {
    const [from, to] = [vertices[ring] ?? 0, vertices[ring + 1] ?? 0];
    for (let vertex = from, before = to - 1; vertex < to; before = vertex++) {
      const [ax, ay] = [coordinates[vertex * 2] ?? 0, coordinates[vertex * 2 + 1] ?? 0];
      const [bx, by] = [coordinates[before * 2] ?? 0, coordinates[before * 2 + 1] ?? 0];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
  }
  return inside;
}

/** A place inside a cell: the middle of its box, which a convex outline contains or nearly so. */
export function middleOf(
  { rings, vertices, coordinates }: TileFeatures,
  index: number,
): { x: number; y: number } {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  const last = vertices[rings[index + 1] ?? 0] ?? 0;
  for (let vertex = vertices[rings[index] ?? 0] ?? 0; vertex < last; vertex++) {
    const [x, y] = [coordinates[vertex * 2] ?? 0, coordinates[vertex * 2 + 1] ?? 0];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  return { x: (left + right) / 2, y: (top + bottom) / 2 };
}
