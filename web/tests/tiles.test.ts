import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { nearestTowards } from "../src/map/keyboard";
import {
  EXTENT,
  fromLonLat,
  placementOf,
  secondsBehind,
  tileMeets,
  toLonLat,
  worldBox,
} from "../src/map/tiles";
import { surfaceOf } from "../src/state/start";

describe("the state of a tile", () => {
  it("is old for want of the database, and for nothing else", () => {
    expect(secondsBehind("onemap; hit; ttl=-37; detail=database-unavailable")).toBe(37);
    expect(secondsBehind("onemap; hit; ttl=-1; detail=drawing-takes-long")).toBeNull();
    expect(secondsBehind("onemap; hit")).toBeNull();
    expect(secondsBehind(null)).toBeNull();
  });
});

describe("tile arithmetic", () => {
  it("goes to a tile and back", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -179, max: 179, noNaN: true }),
        fc.double({ min: -84, max: 84, noNaN: true }),
        fc.integer({ min: 0, max: 20 }),
        (lng, lat, z) => {
          const { tile, x, y } = fromLonLat(lng, lat, z);
          const back = toLonLat(tile, x, y);
          expect(back.lng).toBeCloseTo(lng, 8);
          expect(back.lat).toBeCloseTo(lat, 8);
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x).toBeLessThanOrEqual(EXTENT);
        },
      ),
    );
  });

  it("draws an ancestor larger where a layer has no deeper tiles", () => {
    expect(placementOf({ z: 14, x: 5, y: 9 }, 16)).toEqual({
      key: { z: 14, x: 5, y: 9 },
      scale: 1,
      dx: -0,
      dy: -0,
    });
    expect(placementOf({ z: 18, x: 7, y: 4 }, 16)).toEqual({
      key: { z: 16, x: 1, y: 1 },
      scale: 4,
      dx: -3 * EXTENT,
      dy: -0,
    });
  });

  it("places a point of an ancestor where it lies on the ground", () => {
    const deep = fromLonLat(115.9, 31.85, 18);
    const { key, scale, dx, dy } = placementOf(deep.tile, 16);
    const shallow = fromLonLat(115.9, 31.85, 16);
    expect(shallow.tile).toEqual(key);
    expect(shallow.x * scale + dx).toBeCloseTo(deep.x, 4);
    expect(shallow.y * scale + dy).toBeCloseTo(deep.y, 4);
  });
});

describe("the keyboard", () => {
  const places = [
    { x: 10, y: 0 },
    { x: 100, y: 5 },
    { x: 0, y: 30 },
    { x: -20, y: 1 },
  ];

  it.each([
    [[1, 0], 0],
    [[0, 1], 2],
    [[-1, 0], 3],
    [[0, -1], -1],
  ] as const)("goes towards %j to the nearest feature there", (direction, index) => {
    expect(nearestTowards(places, { x: 0, y: 0 }, direction)).toBe(index);
  });
});

describe("surfaces", () => {
  it.each([
    [3840, 2160, 1, "wall"],
    [1440, 900, 1, "desk"],
    [2560, 1440, 2, "desk"],
    [390, 844, 3, "field"],
    [844, 390, 3, "field"],
  ] as const)("%d by %d at %d is %s", (width, height, ratio, surface) => {
    expect(surfaceOf(width, height, ratio)).toBe(surface);
  });
});

describe("a change in a box", () => {
  const place = fc.record({
    lng: fc.double({ min: 115, max: 117, noNaN: true }),
    lat: fc.double({ min: 31, max: 33, noNaN: true }),
    z: fc.integer({ min: 0, max: 18 }),
  });

  it("meets the tile of every place in it", () => {
    fc.assert(
      fc.property(place, ({ lng, lat, z }) => {
        const box = worldBox([lng - 1e-4, lat - 1e-4, lng + 1e-4, lat + 1e-4]);
        expect(tileMeets(fromLonLat(lng, lat, z).tile, box)).toBe(true);
      }),
    );
  });

  it("meets the margin of the next tile and not the one after", () => {
    const { tile } = fromLonLat(115.9, 31.85, 15);
    const edge = toLonLat(tile, 4096 + 30, 2048);
    const box = worldBox([edge.lng, edge.lat, edge.lng, edge.lat]);
    const right = (steps: number) => tileMeets({ ...tile, x: tile.x + steps }, box);
    expect([right(0), right(1), right(2), right(-1)]).toEqual([true, true, false, false]);
  });
});
