import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readReach, type Reach, type ReachedCandidate } from "../src/data/siteModel";
import { bestAt, gainOf, gainsOf, hexagonGains, leftBeside, nearestOf } from "../src/state/siteGain";
import { isAtEdge } from "../src/state/siteMoves";

const place = (number: number) => ({
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
});

const candidate = (
  number: number,
  rows: readonly (readonly (readonly [number, number])[])[],
): ReachedCandidate => {
  const starts = [0];
  for (const row of rows) starts.push((starts.at(-1) ?? 0) + row.length);
  const pairs = rows.flat();
  return {
    ...place(number),
    azimuth_deg: rows.map((_, setting) => setting * 45),
    tilt_deg: rows.map(() => 3),
    starts: Uint32Array.from(starts),
    demand: Uint32Array.from(pairs.map(([demand]) => demand)),
    probability: Float64Array.from(pairs.map(([, probability]) => probability)),
  };
};

const block = (own: Partial<Reach> & { all: readonly ReachedCandidate[] }): Reach => ({
  ofPlace: 1,
  covered: 0,
  standing: [],
  taken: [],
  hexagons: [[], []],
  candidates: new Map(own.all.map((one) => [one.number, one])),
  left: Float64Array.from([5, 1, 4, 3]),
  hexagon: Uint32Array.from([0, 0, 1, 1]),
  ...own,
});

describe("the gain of a site that is dragged", () => {
  // The example of geo.siting.Moving: 4 beside the first row, 7 where demand 2 and 3 are reached.
  const three = [
    candidate(0, [
      [
        [0, 1],
        [1, 1],
      ],
    ]),
    candidate(1, [
      [
        [1, 1],
        [2, 1],
      ],
    ]),
    candidate(2, [
      [[3, 1]],
      [
        [2, 1],
        [3, 1],
      ],
    ]),
  ];

  it("is the sum of what others leave, in the best setting", () => {
    const reach = block({ all: three, standing: [{ rank: 1, number: 0, setting: 0 }] });
    const left = leftBeside(reach);
    expect([...left]).toEqual([0, 0, 4, 3]);
    expect(gainOf(reach, 1, 0, left)).toBe(4);
    expect(bestAt(reach, 2, left)).toEqual({ number: 2, setting: 1, gain: 7 });
    expect(gainsOf(reach).map(({ number, gain }) => [number, gain])).toEqual([
      [2, 7],
      [1, 4],
    ]);
    expect([...hexagonGains(reach, { number: 2, setting: 1, gain: 7 }, left)]).toEqual([0, 7]);
  });

  it("takes a setting that is free where a place carries several", () => {
    const standing = [{ rank: 1, number: 2, setting: 1 }];
    const left = leftBeside(block({ all: three, standing }));
    expect(bestAt(block({ all: three, standing }), 2, left)).toBeNull();
    expect(bestAt(block({ all: three, standing, ofPlace: 2 }), 2, left)).toEqual({
      number: 2,
      setting: 0,
      gain: 0,
    });
  });

  it("adds up with the others to what all together gain, whatever the order", () => {
    const probability = fc.double({ min: 0.01, max: 1, noNaN: true });
    const row = fc.uniqueArray(fc.tuple(fc.nat(3), probability), {
      selector: ([demand]) => demand,
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 5 }), (rows) => {
        const all = rows.map((one, number) => candidate(number, [one]));
        const stands = rows.map((_, number) => ({ rank: number + 1, number, setting: 0 }));
        const total = (count: number) => {
          const left = leftBeside(block({ all, standing: stands.slice(0, count) }));
          return 13 - left.reduce((sum, one) => sum + one, 0);
        };
        let sum = 0;
        for (let count = 0; count < rows.length; count++) {
          const reach = block({ all, standing: stands.slice(0, count) });
          sum += gainOf(reach, count, 0, leftBeside(reach));
        }
        expect(sum).toBeCloseTo(total(rows.length), 9);
      }),
    );
  });

  it("is told for the candidate that is nearest, and more candidates are wanted at the edge", () => {
    const reach = block({ all: three });
    expect(nearestOf(reach, 115.911, 31.851)?.number).toBe(1);
    expect(nearestOf(block({ all: [] }), 115.9, 31.85)).toBeNull();
    const middle = { lng: 115.91, lat: 31.85 };
    expect(isAtEdge(reach, middle, { lng: 115.912, lat: 31.85 })).toBe(false);
    expect(isAtEdge(reach, middle, { lng: 115.919, lat: 31.85 })).toBe(true);
  });
});

describe("a block of cover lists", () => {
  it("is read as it was written", () => {
    const header = JSON.stringify({
      of_place: 2,
      covered: 12.5,
      demands: 3,
      standing: [{ rank: 4, number: 7, setting: 1 }],
      taken: [],
      hexagons: [[115.9, 31.8]],
      candidates: [{ ...place(7), azimuth_deg: [0, 45], tilt_deg: [3, 3], pairs: 3 }],
    });
    const text = new TextEncoder().encode(header.padEnd(Math.ceil(header.length / 8) * 8));
    const pad = (bytes: number) => Math.ceil(bytes / 8) * 8;
    const size = 8 + text.length + 24 + pad(12) + 24 + pad(12 + 12);
    const body = new ArrayBuffer(size);
    new DataView(body).setUint32(0, text.length, true);
    new Uint8Array(body, 8).set(text);
    let at = 8 + text.length;
    new Float64Array(body, at, 3).set([1, 2, 3]);
    at += 24;
    new Uint32Array(body, at, 3).set([0, 0, 0]);
    at += pad(12);
    new Float64Array(body, at, 3).set([0.5, 1, 0.25]);
    at += 24;
    new Uint32Array(body, at, 3).set([0, 1, 3]);
    new Uint32Array(body, at + 12, 3).set([2, 0, 1]);
    const reach = readReach(body);
    expect(reach.covered).toBe(12.5);
    expect([...reach.left]).toEqual([1, 2, 3]);
    const one = reach.candidates.get(7);
    expect([...(one?.starts ?? [])]).toEqual([0, 1, 3]);
    expect([...(one?.demand ?? [])]).toEqual([2, 0, 1]);
    expect(gainOf(reach, 7, 1, reach.left)).toBe(1 * 1 + 2 * 0.25);
  });
});
