import { describe, expect, it } from "vitest";

import type { ResultLayer } from "../src/data/results";
import { categoryGlyphs } from "../src/map/categoryGlyphs";
import type { ResultPart } from "../src/map/paintResult";
import { SIGNS } from "../src/map/signs";

const layer = (hidden?: ReadonlySet<number>) =>
  ({
    run: 5,
    hidden,
    style: {
      by: "category",
      levels: [{ resolution: 10, min_zoom: 0, breaks: [-0.5, 1.5] }],
      class_names: ["cold", "historical_hot", "new_hot"],
    },
  }) as unknown as ResultLayer;

function part(cell: string, category: number, corners: number[], hidden?: ReadonlySet<number>): ResultPart {
  return {
    layer: layer(hidden),
    features: {
      count: 1,
      rings: Uint32Array.of(0, 1),
      vertices: Uint32Array.of(0, corners.length / 2),
      coordinates: Int16Array.from(corners),
      properties: [{ cell, category }],
    },
    placement: { key: { z: 14, x: 0, y: 8000 }, scale: 1, x: 0, y: 0 },
  } as unknown as ResultPart;
}

const glyphs = (parts: ResultPart[], scale = 0.2) =>
  categoryGlyphs([{ results: parts }], () => ({ scale, x: 100, y: 0 }));

describe("signs on the map", () => {
  it("puts one sign into the middle of a cell that lies in two tiles", () => {
    const found = glyphs([part("a", 2, [0, 0, 50, 0, 50, 60]), part("a", 2, [50, 0, 100, 0, 100, 60])]);
    expect(found.map(({ sign, x, y }) => ({ sign, x, y }))).toEqual([{ sign: SIGNS["new"], x: 110, y: 6 }]);
  });

  it("draws none on cold cells, on classes that are switched off, and where cells are too small", () => {
    const corners = [0, 0, 50, 0, 50, 60];
    expect(glyphs([part("a", -3, corners)])).toEqual([]);
    expect(glyphs([part("a", 0, corners)])).toEqual([]);
    expect(glyphs([part("a", 2, corners, new Set([2]))])).toEqual([]);
    expect(glyphs([part("a", 2, corners)], 0.001)).toEqual([]);
  });
});
