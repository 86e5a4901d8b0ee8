/** Lists and counts what the drawn tiles show inside the view. */
import type { Found } from "../state/store";
import type { Part } from "./paint";
import { resolve, type ThemeName } from "./styles";
import { EXTENT, fromLonLat, tileName, toLonLat } from "./tiles";

/** At most this many go into the list; the counts are always whole. */
export const LIST_LIMIT = 400;

export interface ViewBox {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
  readonly zoom: number;
  readonly theme: ThemeName;
}

export interface InView {
  readonly found: readonly Found[];
  /** By layer (`cameras`) and by class (`cameras/0`). */
  readonly counts: ReadonlyMap<string, number>;
}

/** Collect features whose box meets the view. The list holds the layers above the base map, top layer first. */
export function collectInView(view: ViewBox, tiles: Iterable<{ parts: readonly Part[] }>): InView {
  const seen = new Set<string>();
  const sources = new Set<string>();
  const counts = new Map<string, number>();
  const byLayer = new Map<string, { order: number; found: Found[] }>();
  for (const { parts } of tiles) {
    for (const { layer, features, placement } of parts) {
      const source = `${layer.name}/${tileName(placement.key)}`;
      if (sources.has(source)) continue;
      sources.add(source);
      const a = fromLonLat(view.west, view.north, placement.key.z);
      const b = fromLonLat(view.east, view.south, placement.key.z);
      const left = a.x + (a.tile.x - placement.key.x) * EXTENT;
      const top = a.y + (a.tile.y - placement.key.y) * EXTENT;
      const right = b.x + (b.tile.x - placement.key.x) * EXTENT;
      const bottom = b.y + (b.tile.y - placement.key.y) * EXTENT;
      for (let index = 0; index < features.count; index++) {
        const key = `${layer.name}/${features.ids[index]}`;
        if (seen.has(key)) continue;
        const box = boxOf(features.coordinates, features.vertices, features.rings, index);
        if (box.right < left || box.left > right || box.bottom < top || box.top > bottom) continue;
        const properties = features.properties[index] ?? {};
        const classIndex = layer.classOf(properties);
        if (!resolve(layer.style, classIndex, view.theme, view.zoom).shown) continue;
        seen.add(key);
        counts.set(layer.name, (counts.get(layer.name) ?? 0) + 1);
        if (classIndex >= 0) {
          const name = `${layer.name}/${classIndex}`;
          counts.set(name, (counts.get(name) ?? 0) + 1);
        }
        if (layer.base) continue;
        const group = byLayer.get(layer.name) ?? { order: layer.style.order, found: [] };
        byLayer.set(layer.name, group);
        if (group.found.length >= LIST_LIMIT) continue;
        const x = Math.min(right, Math.max(left, (box.left + box.right) / 2));
        const y = Math.min(bottom, Math.max(top, (box.top + box.bottom) / 2));
        const label =
          properties[layer.definition.label ?? "name"] ?? properties["name"] ?? properties["code"];
        const place = features.kinds[index] === 1 ? { x: box.left, y: box.top } : { x, y };
        group.found.push({
          layer: layer.name,
          id: features.ids[index] ?? 0,
          name: label === undefined ? "" : String(label),
          classIndex,
          ...toLonLat(placement.key, place.x, place.y),
        });
      }
    }
  }
  const order = (a: Found, b: Found) => a.name.localeCompare(b.name, "zh") || a.id - b.id;
  const found = [...byLayer.values()]
    .sort((a, b) => b.order - a.order)
    .flatMap((group) => group.found.sort(order))
    .slice(0, LIST_LIMIT);
  return { found, counts };
}

function boxOf(coordinates: Int16Array, vertices: Uint32Array, rings: Uint32Array, index: number) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  const last = vertices[rings[index + 1] ?? 0] ?? 0;
  for (let vertex = vertices[rings[index] ?? 0] ?? 0; vertex < last; vertex++) {
    const x = coordinates[vertex * 2] ?? 0;
    const y = coordinates[vertex * 2 + 1] ?? 0;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { left, top, right, bottom };
}
