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
