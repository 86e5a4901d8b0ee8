/** Which features lie under a place on the screen, the most telling first. */
import { inside } from "./labels/anchors";
import type { Part } from "./paint";
import { type DrawLayer, resolve, type ThemeName } from "./styles";
import { EXTENT, fromLonLat, TILE_SIZE, tileName, type TileFeatures } from "./tiles";

export interface Hit {
  readonly layer: DrawLayer;
  readonly features: TileFeatures;
  readonly index: number;
  readonly id: number;
  /** 1 point, 2 line, 3 area. */
  readonly kind: number;
  /** Design pixels to the place; for areas the size, so that the smaller one comes first. */
  readonly distance: number;
}

export interface Place {
  readonly lng: number;
  readonly lat: number;
  readonly zoom: number;
  readonly theme: ThemeName;
  /** Design pixels that a finger or a pointer may be off. */
  readonly slack: number;
}

function segmentDistance(features: TileFeatures, index: number, x: number, y: number): number {
  const { rings, vertices, coordinates } = features;
  let best = Infinity;
  for (let ring = rings[index] ?? 0; ring < (rings[index + 1] ?? 0); ring++) {
    const to = vertices[ring + 1] ?? 0;
    for (let vertex = vertices[ring] ?? 0; vertex < to; vertex++) {
      const ax = coordinates[vertex * 2] ?? 0;
      const ay = coordinates[vertex * 2 + 1] ?? 0;
      if (vertex + 1 === to) {
        best = Math.min(best, Math.hypot(x - ax, y - ay));
        continue;
      }
      const dx = (coordinates[vertex * 2 + 2] ?? 0) - ax;
      const dy = (coordinates[vertex * 2 + 3] ?? 0) - ay;
      const square = dx * dx + dy * dy;
      const share = square === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / square));
      best = Math.min(best, Math.hypot(x - ax - share * dx, y - ay - share * dy));
    }
  }
  return best;
}

function ringsAt(features: TileFeatures, index: number): { piece: number[][]; size: number } {
  const { rings, vertices, coordinates } = features;
  const piece: number[][] = [];
  let size = 0;
  for (let ring = rings[index] ?? 0; ring < (rings[index + 1] ?? 0); ring++) {
    const flat = [...coordinates.subarray((vertices[ring] ?? 0) * 2, (vertices[ring + 1] ?? 0) * 2)];
    piece.push(flat);
    const xs = flat.filter((_, i) => i % 2 === 0);
    const ys = flat.filter((_, i) => i % 2 === 1);
    size += (Math.max(...xs) - Math.min(...xs)) * (Math.max(...ys) - Math.min(...ys));
  }
  return { piece, size };
}

/** Find all features at a place among the drawn tiles. */
export function hitTest(place: Place, tiles: Iterable<{ parts: readonly Part[] }>): Hit[] {
  const hits = new Map<string, Hit>();
  const seen = new Set<string>();
  for (const { parts } of tiles) {
    for (const { layer, features, placement } of parts) {
      const source = `${layer.name}/${tileName(placement.key)}`;
      if (seen.has(source)) continue;
      seen.add(source);
      const at = fromLonLat(place.lng, place.lat, placement.key.z);
      const x = at.x + (at.tile.x - placement.key.x) * EXTENT;
      const y = at.y + (at.tile.y - placement.key.y) * EXTENT;
      const pixel = EXTENT / (TILE_SIZE * 2 ** (place.zoom - placement.key.z));
      const margin = 24 * pixel;
      if (x < -margin || y < -margin || x > EXTENT + margin || y > EXTENT + margin) continue;
      for (let index = 0; index < features.count; index++) {
        const hit = hitFeature(place, layer, features, index, x, y, pixel);
        if (!hit) continue;
        const key = `${layer.name}/${hit.id}`;
        const known = hits.get(key);
        if (!known || hit.distance < known.distance) hits.set(key, hit);
      }
    }
  }
  return [...hits.values()].sort(
    (a, b) =>
      a.kind - b.kind ||
      (a.kind === 3
        ? Number(regional(a)) - Number(regional(b)) || a.distance - b.distance
        : a.distance - b.distance || b.layer.style.order - a.layer.style.order),
  );
}

/** A region is the answer only where nothing else is. */
const regional = (hit: Hit) => hit.layer.style.group === "regions";

function hitFeature(
  place: Place,
  layer: DrawLayer,
  features: TileFeatures,
  index: number,
  x: number,
  y: number,
  pixel: number,
): Hit | null {
  const kind = features.kinds[index] ?? 0;
  const symbol = resolve(
    layer.style,
    layer.classOf(features.properties[index] ?? {}),
    place.theme,
    place.zoom,
  );
  if (!symbol.shown) return null;
  const found = (distance: number): Hit => ({
    layer,
    features,
    index,
    id: features.ids[index] ?? 0,
    kind,
    distance,
  });
  if (kind === 3) {
    const { piece, size } = ringsAt(features, index);
    return inside(piece, x, y) ? found(size / (pixel * pixel)) : null;
  }
  const distance = segmentDistance(features, index, x, y) / pixel;
  const reach = kind === 1 ? symbol.radius + place.slack : symbol.width / 2 + place.slack;
  return distance <= reach ? found(distance) : null;
}
