/** Which hotspots concern who is outside: those in their grid or at their place first, then by distance. */
import type { Hotspot } from "../data/findings";
import { boxOf, contains, middleOf } from "../map/geometry";
import { type Corner, distance } from "../map/outline";
import { polygonOf } from "../state/findings";

export interface NearHotspot {
  readonly one: Hotspot;
  /** Whether it has ground in the grid, or holds the place. */
  readonly inside: boolean;
  /** From the place, or the middle of the grid, to the nearest corner of it; null where nothing was named. */
  readonly metres: number | null;
}

const isPlace = (from: Corner | GeoJSON.Geometry): from is Corner => "lng" in from;

/** Hotspots by distance from a place or a grid; in their own order where there is neither. */
export function hotspotsNear(
  found: readonly Hotspot[],
  from: Corner | GeoJSON.Geometry | null,
): NearHotspot[] {
  const box = from && !isPlace(from) ? boxOf(from) : null;
  const place = from && isPlace(from) ? from : box && middleOf(box);
  if (!from || !place) return found.map((one) => ({ one, inside: false, metres: null }));
  return found
    .map((one) => {
      const corners = (one.outline ?? []).flat();
      const spots = [[one.lon, one.lat], ...corners] as readonly GeoJSON.Position[];
      const inside =
        contains(polygonOf(one.outline ?? []), place.lng, place.lat) ||
        (!isPlace(from) && spots.some(([lng = 0, lat = 0]) => contains(from, lng, lat)));
      const metres = Math.min(...spots.map(([lng = 0, lat = 0]) => distance(place, { lng, lat })));
      return { one, inside, metres };
    })
    .sort((one, other) => Number(other.inside) - Number(one.inside) || one.metres - other.metres);
}
