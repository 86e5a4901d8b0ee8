/** Signs of the categories on the cells of a result: fill and sign both tell them apart. */
import { cellPixels, type ResultPart } from "./paintResult";
import { classOf, levelAt } from "./results";
import { signOf } from "./signs";

export interface CategoryGlyph {
  readonly sign: string;
  /** Middle of the cell, pixels of the drawing. */
  readonly x: number;
  readonly y: number;
  /** Pixels from corner to corner of the cell. */
  readonly size: number;
}

/** Pixels across from which a sign can be told from another. */
const LEAST = 16;
/** Width of the box in which signs are drawn, of which the hexagon has 20. */
const BOX = { width: 22, height: 20, hexagon: 20 };

interface Tile {
  readonly results: readonly ResultPart[];
}

interface Reach {
  readonly sign: string;
  readonly size: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/**
 * Signs of all cells that are drawn, once each: a cell over the edge of tiles is in several of them, cut, and its
 * middle is that of all its pieces together.
 */
export function categoryGlyphs(
  tiles: Iterable<Tile>,
  place: (part: ResultPart) => { scale: number; x: number; y: number },
): CategoryGlyph[] {
  const found = new Map<string, Reach>();
  for (const { results } of tiles) {
    for (const part of results) {
      const { layer, features, placement } = part;
      const names = layer.style.class_names;
      const level = levelAt(layer, placement.key.z);
      if (!names || !level || level.resolution === null) continue;
      const { scale, x, y } = place(part);
      const size = cellPixels({ scale, pixel: 1 }, level.resolution, placement.key);
      if (size < LEAST) continue;
      for (let index = 0; index < features.count; index++) {
        const properties = features.properties[index] ?? {};
        const position = classOf(properties[layer.style.by], level.breaks);
        const sign = position < 0 || layer.hidden?.has(position) ? undefined : signOf(names[position] ?? "");
        if (!sign) continue;
        const key = `${layer.run} ${String(properties["cell"])}`;
        const reach = found.get(key) ?? {
          sign,
          size,
          left: Infinity,
          right: -Infinity,
          top: Infinity,
          bottom: -Infinity,
        };
        found.set(key, reach);
        const last = features.vertices[features.rings[index + 1] ?? 0] ?? 0;
        for (let vertex = features.vertices[features.rings[index] ?? 0] ?? 0; vertex < last; vertex++) {
          const [px, py] = [
            (features.coordinates[vertex * 2] ?? 0) * scale + x,
            (features.coordinates[vertex * 2 + 1] ?? 0) * scale + y,
          ];
          [reach.left, reach.right] = [Math.min(reach.left, px), Math.max(reach.right, px)];
          [reach.top, reach.bottom] = [Math.min(reach.top, py), Math.max(reach.bottom, py)];
        }
      }
    }
  }
  return [...found.values()].map(({ sign, size, left, right, top, bottom }) => ({
    sign,
    size,
    x: (left + right) / 2,
    y: (top + bottom) / 2,
  }));
}

export function paintGlyphs(
  pen: CanvasRenderingContext2D,
  glyphs: readonly CategoryGlyph[],
  colour: string,
): void {
  pen.fillStyle = colour;
  for (const { sign, x, y, size } of glyphs) {
    const scale = Math.min(size, 40) / BOX.hexagon;
    const path = new Path2D();
    path.addPath(
      new Path2D(sign),
      new DOMMatrix([scale, 0, 0, scale, x - (BOX.width / 2) * scale, y - (BOX.height / 2) * scale]),
    );
    pen.fill(path, "evenodd");
  }
}
