/** Lists and counts what the drawn tiles show inside the view. */
import type { Found } from "../state/store";
import type { Part } from "./paint";
import { type DrawLayer, resolve, type ThemeName } from "./styles";
import { EXTENT, fromLonLat, type Properties, tileName, toLonLat } from "./tiles";

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
  /** By layer (`cameras`) and by class (`cameras/0`); only numbers that are true. */
  readonly counts: ReadonlyMap<string, number>;
  /** Layers whose tiles here stand for more than they hold: without a number, or with one that is about right. */
  readonly thinned: ReadonlySet<string>;
}

/**
 * Tell whether a tile was thinned (`tilecache/render.py`), and for points how many one of them stands for: every
 * feature of such a tile says so.
 */
function thinningOf(properties: Properties | undefined): "points" | "shapes" | null {
  if (properties?.["point_count"] !== undefined) return "points";
  return properties?.["thinned"] === true ? "shapes" : null;
}

/** A feature of a tile as lists and cards know it. */
export function foundOf(
  layer: DrawLayer,
  id: number,
  properties: Properties,
  place: { readonly lat: number; readonly lng: number },
): Found {
  const standsFor = Number(properties["point_count"] ?? 1);
  const field = layer.definition.label ?? "name";
  // A code is that of one of several: it says nothing of the others, as a name of a place may.
  const label =
    standsFor > 1
      ? properties[field === "code" ? "name" : field]
      : (properties[field] ?? properties["name"] ?? properties["code"]);
  return {
    layer: layer.name,
    id,
    name: label === undefined ? "" : String(label),
    standsFor,
    classIndex: layer.classOf(properties),
    lat: place.lat,
    lng: place.lng,
  };
}

/** Collect features whose box meets the view. The list holds the layers above the base map, top layer first. */
export function collectInView(view: ViewBox, tiles: Iterable<{ parts: readonly Part[] }>): InView {
  const seen = new Set<string>();
  const sources = new Set<string>();
  const counts = new Map<string, number>();
  const thinned = new Set<string>();
  const partly = new Set<string>();
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
      const thinning = thinningOf(features.properties[0]);
      if (thinning) thinned.add(layer.name);
      if (thinning === "shapes") partly.add(layer.name);
      for (let index = 0; index < features.count; index++) {
        const key = `${layer.name}/${features.ids[index]}`;
        if (seen.has(key)) continue;
        const box = boxOf(features.coordinates, features.vertices, features.rings, index);
        if (box.right < left || box.left > right || box.bottom < top || box.top > bottom) continue;
        const properties = features.properties[index] ?? {};
        const classIndex = layer.classOf(properties);
        // Points beside their tile are counted by the neighbour that holds their cell.
        const beside = box.left < 0 || box.top < 0 || box.left >= EXTENT || box.top >= EXTENT;
        if (thinning === "points" && beside) continue;
        seen.add(key);
        const standsFor = thinning === "points" ? Number(properties["point_count"]) : 1;
        counts.set(layer.name, (counts.get(layer.name) ?? 0) + standsFor);
        if (classIndex >= 0) {
          const name = `${layer.name}/${classIndex}`;
          counts.set(name, (counts.get(name) ?? 0) + 1);
        }
        if (layer.base || !resolve(layer.style, classIndex, view.theme, view.zoom).shown) continue;
        const group = byLayer.get(layer.name) ?? { order: layer.style.order, found: [] };
        byLayer.set(layer.name, group);
        if (group.found.length >= LIST_LIMIT) continue;
        const x = Math.min(right, Math.max(left, (box.left + box.right) / 2));
        const y = Math.min(bottom, Math.max(top, (box.top + box.bottom) / 2));
        const place = features.kinds[index] === 1 ? { x: box.left, y: box.top } : { x, y };
        const at = toLonLat(placement.key, place.x, place.y);
        group.found.push(foundOf(layer, features.ids[index] ?? 0, properties, at));
      }
    }
  }
  for (const name of counts.keys()) {
    const [layer = "", classIndex] = name.split("/");
    if (partly.has(layer) || (classIndex !== undefined && thinned.has(layer))) counts.delete(name);
  }
  const order = (a: Found, b: Found) =>
    a.name.localeCompare(b.name, "zh") || b.standsFor - a.standsFor || a.id - b.id;
  const found = [...byLayer.values()]
    .sort((a, b) => b.order - a.order)
    .flatMap((group) => group.found.sort(order))
    .slice(0, LIST_LIMIT);
  return { found, counts, thinned };
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
