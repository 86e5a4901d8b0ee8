/** Which grids a reader may mean: the one at a place first, then by distance. */
import type { Item } from "../data/types";
import { boxOf, contains, middleOf } from "../map/geometry";
import { type Corner, distance } from "../map/outline";

export interface NearGrid {
  readonly item: Item;
  /** Whether it holds the place. */
  readonly here: boolean;
  /** To the middle of its box. */
  readonly metres: number;
}

/** Grids by distance from a place, the one that holds it first; those without a shape are left out. */
export function nearestGrids(items: readonly Item[], place: Corner): NearGrid[] {
  return items
    .flatMap((item): NearGrid[] => {
      const box = item.geometry && boxOf(item.geometry);
      if (!box || !item.geometry) return [];
      const metres = distance(place, middleOf(box));
      return [{ item, here: contains(item.geometry, place.lng, place.lat), metres }];
    })
    .sort((one, other) => Number(other.here) - Number(one.here) || one.metres - other.metres);
}
