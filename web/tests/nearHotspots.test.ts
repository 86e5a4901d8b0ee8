import { describe, expect, it } from "vitest";

import type { Hotspot } from "../src/data/findings";
import { hotspotsNear } from "../src/field/hotspots";

const square = (lng: number, lat: number, half: number) => [
  [
    [lng - half, lat - half],
    [lng + half, lat - half],
    [lng + half, lat + half],
    [lng - half, lat + half],
    [lng - half, lat - half],
  ],
];
const hotspot = (cell: string, lon: number, lat: number) =>
  ({ cell, lon, lat, outline: square(lon, lat, 0.001) }) as unknown as Hotspot;

const [far, near, inside] = [
  hotspot("far", 115.95, 31.85),
  hotspot("near", 115.915, 31.85),
  hotspot("in", 115.9005, 31.85),
];
const grid: GeoJSON.Polygon = { type: "Polygon", coordinates: square(115.9, 31.85, 0.002) };

describe("hotspots for who is outside", () => {
  it("begin with those in one's own grid, then go by distance", () => {
    const found = hotspotsNear([far, near, inside], grid);
    expect(found.map(({ one }) => one.cell)).toEqual(["in", "near", "far"]);
    expect(found.map((one) => one.inside)).toEqual([true, false, false]);
    // haversine from the grid's middle to the near corner: 0.014 degrees of longitude at 31.85 N
    expect(found[1]!.metres).toBeGreaterThan(1300);
    expect(found[1]!.metres).toBeLessThan(1340);
  });

  it("go by distance from where the phone is", () => {
    const found = hotspotsNear([inside, near, far], { lng: 115.9505, lat: 31.8502 });
    expect(found.map(({ one }) => one.cell)).toEqual(["far", "near", "in"]);
    expect(found.map((one) => one.inside)).toEqual([true, false, false]);
  });

  it("keep the order of the result where nobody said where", () => {
    const found = hotspotsNear([far, near, inside], null);
    expect(found.map(({ one }) => one)).toEqual([far, near, inside]);
    expect(found.every(({ metres }) => metres === null)).toBe(true);
  });
});
