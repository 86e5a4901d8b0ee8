import { describe, expect, it } from "vitest";

import type { Layer } from "../src/data/types";
import { collectInView } from "../src/map/inView";
import { compile } from "../src/map/styles";
import { foundText } from "../src/words/found";
import { en } from "../src/words/en";
import { zh } from "../src/words/zh";
import { EXTENT, placementOf, type Properties, type TileFeatures, toLonLat } from "../src/map/tiles";

type Point = readonly [id: number, x: number, y: number, properties: Properties];

const layer = compile([
  {
    name: "roads",
    geometry: "point",
    label: "code",
    title: { zh: "道路", en: "Roads" },
    zoom: { min: 5, max: 18 },
    style: {
      group: "transport",
      order: 1,
      visible: true,
      by: "class",
      symbol: {},
      classes: [
        { values: ["main"], title: { zh: "主", en: "Main" }, symbol: {} },
        { values: ["lane"], title: { zh: "巷", en: "Lane" }, symbol: { min_zoom: 15 } },
      ],
    },
  } as unknown as Layer,
])[0]!;

const left = { z: 12, x: 3365, y: 1665 };
const right = { ...left, x: left.x + 1 };

function tile(key: typeof left, points: readonly Point[]) {
  const features: TileFeatures = {
    count: points.length,
    ids: Float64Array.from(points, ([id]) => id),
    kinds: Uint8Array.from(points, () => 1),
    rings: Uint32Array.from({ length: points.length + 1 }, (_, index) => index),
    vertices: Uint32Array.from({ length: points.length + 1 }, (_, index) => index),
    coordinates: Int16Array.from(points.flatMap(([, x, y]) => [x, y])),
    properties: points.map(([, , , properties]) => properties),
  };
  return { parts: [{ layer, features, placement: placementOf(key, 18) }] };
}

function look(tiles: ReturnType<typeof tile>[]) {
  const { lng: west, lat: north } = toLonLat(left, -100, -100);
  const { lng: east, lat: south } = toLonLat(right, EXTENT + 100, EXTENT + 100);
  return collectInView({ west, south, east, north, zoom: 12, theme: "light" }, tiles);
}

describe("counting what is in view", () => {
  it("counts a feature on the edge of two tiles once", () => {
    const main = { class: "main" };
    const { counts, thinned } = look([
      tile(left, [
        [1, 10, 10, main],
        [2, EXTENT + 5, 10, main],
      ]),
      tile(right, [[2, 5, 10, main]]),
    ]);
    expect(counts.get("roads")).toBe(2);
    expect(thinned.size).toBe(0);
  });

  it("counts classes that are drawn only from a closer zoom on", () => {
    const { counts } = look([
      tile(left, [
        [1, 10, 10, { class: "main" }],
        [2, 20, 10, { class: "lane" }],
      ]),
    ]);
    expect([counts.get("roads"), counts.get("roads/0"), counts.get("roads/1")]).toEqual([2, 1, 1]);
  });

  it("adds up what the points of thinned tiles stand for, each place in one tile only", () => {
    const { counts, thinned } = look([
      tile(left, [
        [1, 10, 10, { class: "main", point_count: 40 }],
        [2, EXTENT + 5, 10, { class: "main", point_count: 3 }],
      ]),
      tile(right, [
        [2, 5, 10, { class: "main", point_count: 30 }],
        [3, -5, 10, { class: "main", point_count: 2 }],
      ]),
    ]);
    expect(counts.get("roads")).toBe(70);
    expect(counts.has("roads/0"), "classes are not known of what is not drawn").toBe(false);
    expect([...thinned]).toEqual(["roads"]);
  });

  it("lists a point that stands for several as so many, those that stand for most first", () => {
    const { found } = look([
      tile(left, [
        [1, 10, 10, { class: "main", point_count: 3 }],
        [2, 90, 10, { class: "main", point_count: 40, code: "R-2" }],
        [3, 50, 90, { class: "main", point_count: 1, code: "R-3" }],
      ]),
    ]);
    expect(found.map((one) => foundText(one, "道路", zh))).toEqual(["道路 ×40", "道路 ×3", "R-3"]);
    expect(foundText({ ...found[0]!, name: "Lane" }, "Roads", en)).toBe("Lane and 39 more");
  });

  it("gives no number for lines and areas of which some are left out", () => {
    const { counts, thinned } = look([
      tile(left, [[1, 10, 10, { class: "main", thinned: true }]]),
      tile(right, [[2, 10, 10, { class: "main" }]]),
    ]);
    expect([...counts.keys()]).toEqual([]);
    expect([...thinned]).toEqual(["roads"]);
  });
});
