/** Gathers from the drawn tiles what may get a name: points, areas, and streets joined over their pieces. */
import type { Part } from "../paint";
import { type DrawLayer, resolve, type ThemeName } from "../styles";
import { EXTENT, TILE_SIZE, tileName, type TileKey } from "../tiles";
import { anchorOf, type Piece, piecesOf } from "./anchors";
import { clipLine, joinLines, lengthOf, type Line } from "./chains";

export interface PointName {
  readonly kind: "point";
  readonly layer: DrawLayer;
  readonly classIndex: number;
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

export interface AreaName {
  readonly kind: "area";
  readonly layer: DrawLayer;
  readonly classIndex: number;
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Beyond the city's limit: named, but quietly. */
  readonly muted: boolean;
}

export interface LineName {
  readonly kind: "line";
  readonly layer: DrawLayer;
  readonly classIndex: number;
  readonly text: string;
  readonly chain: Line;
  readonly length: number;
  /** Width of the drawn line: a name that fits goes inside. */
  readonly width: number;
  /** A route number is a shield, not a name along the line. */
  readonly shield: boolean;
}

export type Name = PointName | AreaName | LineName;

export interface Frame {
  readonly zoom: number;
  readonly theme: ThemeName;
  /** World position of the frame's left upper corner in design pixels at this zoom. */
  readonly left: number;
  readonly top: number;
}

/** From units of a source tile to design pixels of the frame. */
export function tileTransform(frame: Frame, tile: TileKey): { scale: number; x: number; y: number } {
  const side = TILE_SIZE * 2 ** (frame.zoom - tile.z);
  return { scale: side / EXTENT, x: tile.x * side - frame.left, y: tile.y * side - frame.top };
}

function ringsOf(part: Part, index: number): number[][] {
  const { rings, vertices, coordinates } = part.features;
  const found: number[][] = [];
  for (let ring = rings[index] ?? 0; ring < (rings[index + 1] ?? 0); ring++) {
    found.push([...coordinates.subarray((vertices[ring] ?? 0) * 2, (vertices[ring + 1] ?? 0) * 2)]);
  }
  return found;
}

const moved = (line: Line, t: { scale: number; x: number; y: number }): number[] =>
  line.map((value, i) => value * t.scale + (i % 2 === 0 ? t.x : t.y));

interface Lines {
  readonly layer: DrawLayer;
  readonly text: string;
  readonly shield: boolean;
  classIndex: number;
  width: number;
  readonly pieces: number[][];
}

interface Area {
  readonly muted: boolean;
  readonly layer: DrawLayer;
  readonly classIndex: number;
  readonly text: string;
  readonly pieces: Piece[];
}

/** Collect names of all labelled layers. Tiles share ancestors and margins; nothing is taken twice. */
export function collectNames(frame: Frame, tiles: Iterable<{ parts: readonly Part[] }>): Name[] {
  const sources = new Set<string>();
  const points = new Map<string, PointName>();
  const lines = new Map<string, Lines>();
  const areas = new Map<string, Area>();
  for (const { parts } of tiles) {
    for (const part of parts) {
      const source = `${part.layer.name}/${tileName(part.placement.key)}`;
      if (sources.has(source)) continue;
      sources.add(source);
      collectPart(frame, part, points, lines, areas);
    }
  }
  const names: Name[] = [...points.values()];
  for (const { pieces, ...rest } of lines.values()) {
    for (const chain of joinLines(pieces)) {
      names.push({ kind: "line", ...rest, chain, length: lengthOf(chain) });
    }
  }
  for (const { pieces, ...rest } of areas.values()) {
    const [x, y] = anchorOf(pieces);
    const outer = pieces.flatMap((piece) => piece[0] ?? []);
    const xs = outer.filter((_, i) => i % 2 === 0);
    const ys = outer.filter((_, i) => i % 2 === 1);
    const spread = (values: readonly number[]) =>
      values.reduce((a, b) => Math.max(a, b), -Infinity) - values.reduce((a, b) => Math.min(a, b), Infinity);
    names.push({ kind: "area", ...rest, x, y, width: spread(xs), height: spread(ys) });
  }
  return names;
}

function collectPart(
  frame: Frame,
  part: Part,
  points: Map<string, PointName>,
  lines: Map<string, Lines>,
  areas: Map<string, Area>,
): void {
  const { layer, features } = part;
  const rule = layer.style.label;
  const transform = tileTransform(frame, part.placement.key);
  for (let index = 0; index < features.count; index++) {
    const kind = features.kinds[index];
    const properties = features.properties[index] ?? {};
    const named = rule && frame.zoom >= rule.min_zoom ? properties[rule.field] : undefined;
    const ref = kind === 2 ? properties["ref"] : undefined;
    if ((named === undefined || named === "") && typeof ref !== "string") continue;
    const classIndex = layer.classOf(properties);
    const symbol = resolve(layer.style, classIndex, frame.theme, frame.zoom);
    if (!symbol.shown) continue;
    const id = `${layer.name}/${features.ids[index]}`;
    if (kind === 2) {
      const pieces = ringsOf(part, index).flatMap((line) => clipLine(line, EXTENT));
      for (const [text, shield] of [
        [named, false],
        [ref, true],
      ] as const) {
        if (text === undefined || text === "") continue;
        const key = `${layer.name}/${shield}/${text}`;
        const group = lines.get(key);
        const placed = pieces.map((line) => moved(line, transform));
        if (group) {
          group.pieces.push(...placed);
          if (classIndex >= 0) group.classIndex = Math.min(group.classIndex, classIndex);
          group.width = Math.max(group.width, symbol.width);
        } else {
          lines.set(key, {
            layer,
            text: String(text),
            shield,
            pieces: placed,
            width: symbol.width,
            classIndex: classIndex < 0 ? Number.MAX_SAFE_INTEGER : classIndex,
          });
        }
      }
      continue;
    }
    if (named === undefined) continue;
    const rings = ringsOf(part, index);
    if (kind === 1) {
      const [x, y] = rings[0] ?? [0, 0];
      points.set(id, {
        kind: "point",
        layer,
        classIndex,
        text: String(named),
        x: x! * transform.scale + transform.x,
        y: y! * transform.scale + transform.y,
        radius: symbol.radius,
      });
    } else {
      const pieces = piecesOf(rings.map((ring) => moved(ring, transform)));
      const area = areas.get(id);
      if (area) area.pieces.push(...pieces);
      else
        areas.set(id, { layer, classIndex, text: String(named), pieces, muted: layer.isForeign(properties) });
    }
  }
}
