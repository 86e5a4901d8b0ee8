/** Small questions to GeoJSON geometries. */
import type { Box } from "../data/types";

function* positions(geometry: GeoJSON.Geometry): Generator<GeoJSON.Position> {
  if (geometry.type === "GeometryCollection") {
    for (const part of geometry.geometries) yield* positions(part);
    return;
  }
  const walk = function* (value: unknown): Generator<GeoJSON.Position> {
    if (!Array.isArray(value)) return;
    if (typeof value[0] === "number") yield value as GeoJSON.Position;
    else for (const part of value) yield* walk(part);
  };
  yield* walk(geometry.coordinates);
}

/** West, south, east, north; null for an empty geometry. */
export function boxOf(geometry: GeoJSON.Geometry): Box | null {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lng = NaN, lat = NaN] of positions(geometry)) {
    west = Math.min(west, lng);
    east = Math.max(east, lng);
    south = Math.min(south, lat);
    north = Math.max(north, lat);
  }
  return west <= east && south <= north ? [west, south, east, north] : null;
}

/** The middle of a box. */
export const middleOf = ([west, south, east, north]: Box): { lng: number; lat: number } => ({
  lng: (west + east) / 2,
  lat: (south + north) / 2,
});

/** Whether a polygon or several hold a place; holes count. */
export function contains(geometry: GeoJSON.Geometry, lng: number, lat: number): boolean {
  const polygons =
    geometry.type === "Polygon"
      ? [geometry.coordinates]
      : geometry.type === "MultiPolygon"
        ? geometry.coordinates
        : [];
  return polygons.some((rings) => rings.filter((ring) => encloses(ring, lng, lat)).length % 2 === 1);
}

function encloses(ring: readonly GeoJSON.Position[], lng: number, lat: number): boolean {
  let inside = false;
  for (let at = 0, before = ring.length - 1; at < ring.length; before = at++) {
    const [ax = 0, ay = 0] = ring[at] ?? [];
    const [bx = 0, by = 0] = ring[before] ?? [];
    if (ay > lat !== by > lat && lng < ((bx - ax) * (lat - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/** The place at a share of the way from one place to another. */
export function between(from: GeoJSON.Position, to: GeoJSON.Position, share: number): [number, number] {
  const [ax = 0, ay = 0] = from;
  const [bx = 0, by = 0] = to;
  return [ax + (bx - ax) * share, ay + (by - ay) * share];
}
