import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { CameraView, SightCamera, SightFailure, Why } from "../src/data/sight";
import { between, contains } from "../src/map/geometry";
import { drawingOf, goodShare, sightLine } from "../src/map/sight";
import { en } from "../src/words/en";
import { causeText, TESTS, testsOf } from "../src/words/sight";
import { zh } from "../src/words/zh";

const camera = (more: Partial<SightCamera> = {}): SightCamera => ({
  id: 7,
  code: "SXJ00007",
  name: "一号路口1",
  device_id: null,
  video: null,
  distance_m: 80,
  bearing_deg: 90,
  sees: false,
  reason: "too_far",
  failing: ["too_far"],
  concerned: true,
  facts: { limit_m: 60 },
  sight_line: {
    type: "LineString",
    coordinates: [
      [115, 31],
      [115.008, 31],
    ],
  },
  cut: null,
  building: null,
  sentence: { zh: "太远", en: "Too far" },
  ...more,
});

describe("a sight line", () => {
  it("is good up to the end of the camera's range", () => {
    expect(goodShare(camera())).toBeCloseTo(0.75);
    const { cut, fails } = sightLine(camera());
    expect(cut[0]).toBeCloseTo(115.006);
    expect(fails).toBe(true);
  });

  it("is good up to the building that hides the place", () => {
    const hidden = camera({ reason: "hidden_by_building", failing: ["hidden_by_building"] });
    expect(goodShare({ ...hidden, facts: { cut_m: 20 } })).toBeCloseTo(0.25);
  });

  it("is good to its end for a camera that sees, and nowhere for one that looks elsewhere", () => {
    expect(goodShare(camera({ sees: true, reason: null, failing: [] }))).toBe(1);
    expect(goodShare(camera({ reason: "outside_view", failing: ["outside_view"] }))).toBe(0);
    expect(goodShare(camera({ reason: "offline", failing: ["offline"] }))).toBe(0);
  });

  it("never leaves the way from the camera to the place", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 500, noNaN: true }),
        fc.double({ min: 0, max: 500, noNaN: true }),
        (distance_m, limit_m) => {
          const share = goodShare(camera({ distance_m, facts: { limit_m } }));
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

describe("what is drawn", () => {
  const why: Why = {
    point: { lon: 115.008, lat: 31 },
    task: "detect",
    seen: false,
    cause: "too_far",
    camera: "SXJ00007",
    sentence: { zh: "太远", en: "Too far" },
    cameras: Array.from({ length: 8 }, (_, id) => camera({ id })),
  };
  const view: CameraView = {
    id: 1,
    geometry: { type: "Polygon", coordinates: [] },
    properties: { area_m2: 1, range_m: 1, near_m: 0, state: "ok", online: false },
  };

  it("is the first cameras alone, by letters", () => {
    const drawn = drawingOf(why, new Map([[0, view]]), null, 5);
    expect(drawn?.cameras.map(({ letter }) => letter)).toEqual(["A", "B", "C", "D", "E"]);
    expect(drawn?.cameras.map((one) => one.view)).toEqual([view.geometry, null, null, null, null]);
    expect(drawn?.point).toEqual([115.008, 31]);
  });

  it("marks the view of a camera that is offline", () => {
    expect(drawingOf(null, new Map(), view, 5)?.own?.online).toBe(false);
    expect(drawingOf(null, new Map(), { ...view, geometry: null }, 5)).toBeNull();
  });
});

describe("the words of a cause", () => {
  const failures: readonly SightFailure[] = [
    "unknown_view",
    "too_far",
    "too_near",
    "outside_view",
    "hidden_by_building",
    "too_coarse",
    "offline",
    "unknown_direction",
  ];

  it.each([
    ["zh", zh],
    ["en", en],
  ] as const)("are there for every failure in %s", (_, book) => {
    for (const failure of [...failures, "none_near"]) expect(causeText(failure, book)).not.toBe(failure);
    expect(causeText(null, book)).toBe(book.causeUnknown);
  });

  it("put every failure under one of the four tests", () => {
    expect(Object.values(TESTS).flat().sort()).toEqual([...failures].sort());
    const tests = testsOf(camera({ failing: ["too_far", "offline"] }));
    expect(tests.filter(({ passes }) => !passes).map(({ name }) => name)).toEqual(["online", "distance"]);
  });
});

describe("a polygon", () => {
  const square = (side: number) => [
    [-side, -side],
    [side, -side],
    [side, side],
    [-side, side],
    [-side, -side],
  ];

  it("holds what lies in it, but not in its hole", () => {
    const ring: GeoJSON.Polygon = { type: "Polygon", coordinates: [square(2), square(1)] };
    fc.assert(
      fc.property(
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        (x, y) => {
          const reach = Math.max(Math.abs(x), Math.abs(y));
          fc.pre(reach !== 1 && reach !== 2);
          expect(contains(ring, x, y)).toBe(reach > 1 && reach < 2);
          const several: GeoJSON.MultiPolygon = { type: "MultiPolygon", coordinates: [ring.coordinates] };
          expect(contains(several, x, y)).toBe(contains(ring, x, y));
        },
      ),
    );
  });

  it("is nothing else", () => {
    expect(contains({ type: "Point", coordinates: [0, 0] }, 0, 0)).toBe(false);
    expect(between([0, 0], [4, 8], 0.25)).toEqual([1, 2]);
  });
});
