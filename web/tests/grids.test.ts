import { describe, expect, it } from "vitest";

import type { Item } from "../src/data/types";
import { nearestGrids } from "../src/field/grids";

const square = (id: number, west: number, south: number): Item => ({
  type: "Feature",
  id,
  properties: { code: `g${id}` },
  geometry: {
    type: "Polygon",
    coordinates: [
      [
        [west, south],
        [west + 1, south],
        [west + 1, south + 1],
        [west, south + 1],
        [west, south],
      ],
    ],
  },
});

describe("grids that a reader may mean", () => {
  it("begin with the one at the place, then come by distance; without a shape there is nothing to offer", () => {
    const items = [square(1, 5, 0), square(2, 1, 0), square(3, 0, 0), { ...square(4, 0, 0), geometry: null }];
    // Nearer to the middle of 2 than to that of 3, but inside 3.
    const found = nearestGrids(items, { lng: 0.999, lat: 0.5 });
    expect(found.map(({ item, here }) => [item.id, here])).toEqual([
      [3, true],
      [2, false],
      [1, false],
    ]);
    expect(found[1]!.metres).toBeLessThan(found[2]!.metres);
  });
});
