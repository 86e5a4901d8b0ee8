import { describe, expect, it } from "vitest";

import type { Gain, Reach } from "../src/data/siteModel";
import { gainsOf, nearestOf, outlinesOf } from "../src/state/siteGain";
import { isAtEdge } from "../src/state/siteMoves";

const candidate = (number: number, best: Gain | null): Reach["candidates"][number] => ({
  number,
  lon: 115.9 + number * 0.01,
  lat: 31.85,
  source: "poles",
  host: `P${number}`,
  name: null,
  owner: null,
  power: null,
  height_m: null,
  cost: 1,
  best,
});

const block: Reach = {
  covered: 6,
  hexagons: [
    [115.9, 31.8],
    [116, 31.8],
  ],
  candidates: [
    candidate(0, null),
    candidate(1, { setting: 0, gain: 4, hexagons: [0] }),
    candidate(2, { setting: 1, gain: 7, hexagons: [0, 1] }),
  ],
  taken: [{ rank: 2, number: 1, setting: 0, gain: 4, hexagons: [0] }],
};

describe("the gain of a site that is dragged", () => {
  it("is listed for every candidate that has room, most first", () => {
    expect(gainsOf(block).map(({ number, setting, gain }) => [number, setting, gain])).toEqual([
      [2, 1, 7],
      [1, 0, 4],
    ]);
    expect(outlinesOf(block, block.candidates[2]?.best ?? { setting: 0, gain: 0, hexagons: [] })).toEqual(
      block.hexagons,
    );
  });

  it("is told for the candidate that is nearest, and more candidates are wanted at the edge", () => {
    expect(nearestOf(block, 115.911, 31.851)?.number).toBe(1);
    expect(nearestOf({ ...block, candidates: [] }, 115.9, 31.85)).toBeNull();
    const middle = { lng: 115.91, lat: 31.85 };
    expect(isAtEdge(block, middle, { lng: 115.912, lat: 31.85 })).toBe(false);
    expect(isAtEdge(block, middle, { lng: 115.919, lat: 31.85 })).toBe(true);
  });
});
