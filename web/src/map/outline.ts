/** An outline that is drawn by hand: its length, its area, and what is wrong with it. */
export interface Corner {
  readonly lng: number;
  readonly lat: number;
}

export type OutlineKind = "polygon" | "line";

/** What the service takes; the same as `layers.around.area`, with fewer corners: nobody sets more by hand. */
export const MOST_CORNERS = 200;
export const MOST_AREA_KM2 = 5_000;
export const LEAST_WIDTH_M = 1;
export const MOST_WIDTH_M = 5_000;

/** Mean radius of the earth (IUGG). */
const RADIUS_M = 6_371_008.8;
const RAD = Math.PI / 180;

export type OutlineProblem =
  | { readonly reason: "corners"; readonly least: number }
  | { readonly reason: "many" }
  | { readonly reason: "crosses"; readonly sides: readonly [number, number] }
  | { readonly reason: "area" }
  | { readonly reason: "width" };

/** Metres from one place to another (haversine). */
export function distance(from: Corner, to: Corner): number {
  const [dlat, dlng] = [(to.lat - from.lat) * RAD, (to.lng - from.lng) * RAD];
  const half =
    Math.sin(dlat / 2) ** 2 + Math.cos(from.lat * RAD) * Math.cos(to.lat * RAD) * Math.sin(dlng / 2) ** 2;
  return 2 * RADIUS_M * Math.asin(Math.min(1, Math.sqrt(half)));
}

/** Metres along corners. */
export const lengthOf = (corners: readonly Corner[]): number =>
  corners.slice(1).reduce((sum, corner, at) => sum + distance(corners[at]!, corner), 0);

/** Square metres inside corners, on the sphere (Chamberlain and Duquette 2007, JPL 07-03). */
export function areaOf(corners: readonly Corner[]): number {
  const size = corners.length;
  let sum = 0;
  for (let at = 0; at < size; at++) {
    const [before, here, after] = [corners[(at + size - 1) % size]!, corners[at]!, corners[(at + 1) % size]!];
    sum += (after.lng - before.lng) * RAD * Math.sin(here.lat * RAD);
  }
  return Math.abs((sum * RADIUS_M * RADIUS_M) / 2);
}

/** On which side of a line a place lies: positive at the left. */
const side = (from: Corner, to: Corner, place: Corner) =>
  (to.lng - from.lng) * (place.lat - from.lat) - (to.lat - from.lat) * (place.lng - from.lng);

/** The first two sides of a closed outline that cross each other, counted from 1; null where none do. */
export function crossing(corners: readonly Corner[]): readonly [number, number] | null {
  const size = corners.length;
  const end = (at: number) => corners[(at + 1) % size]!;
  for (let one = 0; one < size; one++)
    for (let other = one + 2; other < size; other++) {
      // The last side meets the first one at its corner.
      if (one === 0 && other === size - 1) continue;
      const [a, b, c, d] = [corners[one]!, end(one), corners[other]!, end(other)];
      if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0) return [one + 1, other + 1];
    }
  return null;
}

/** What keeps an outline from being asked for; null: nothing. */
export function problemOf(
  kind: OutlineKind,
  corners: readonly Corner[],
  widthM: number,
): OutlineProblem | null {
  const least = kind === "polygon" ? 3 : 2;
  if (corners.length < least) return { reason: "corners", least };
  if (corners.length > MOST_CORNERS) return { reason: "many" };
  if (kind === "line") return widthM >= LEAST_WIDTH_M && widthM <= MOST_WIDTH_M ? null : { reason: "width" };
  const sides = crossing(corners);
  if (sides) return { reason: "crosses", sides };
  return areaOf(corners) > MOST_AREA_KM2 * 1e6 ? { reason: "area" } : null;
}

/** The outline as GeoJSON, degrees with seven decimals. */
export function geometryOf(
  kind: OutlineKind,
  corners: readonly Corner[],
): GeoJSON.Polygon | GeoJSON.LineString {
  const places = corners.map(({ lng, lat }) => [Number(lng.toFixed(7)), Number(lat.toFixed(7))]);
  if (kind === "line") return { type: "LineString", coordinates: places };
  return { type: "Polygon", coordinates: [[...places, places[0]!]] };
}
