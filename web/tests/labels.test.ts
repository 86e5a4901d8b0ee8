import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Style } from "../src/data/types";
import { layAlong, pointAt } from "../src/map/labels/along";
import { anchorOf, inside, piecesOf } from "../src/map/labels/anchors";
import { clipLine, joinLines, lengthOf } from "../src/map/labels/chains";
import type { AreaName, LineName, Name, PointName } from "../src/map/labels/collect";
import { Collisions } from "../src/map/labels/collide";
import { layOut } from "../src/map/labels/layout";
import { compile } from "../src/map/styles";

const measure = (text: string) => [...text].length * 10;

describe("cutting a line to its tile", () => {
  it("keeps what lies inside and parts what leaves and comes back", () => {
    expect(clipLine([-10, 5, 10, 5], 20)).toEqual([[0, 5, 10, 5]]);
    expect(clipLine([5, 5, 30, 5, 30, 15, 5, 15], 20)).toEqual([
      [5, 5, 20, 5],
      [20, 15, 5, 15],
    ]);
    expect(clipLine([30, 0, 40, 10], 20)).toEqual([]);
  });

  it("never makes a line longer or leaves the tile", () => {
    const value = fc.integer({ min: -50, max: 150 });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 8 }), (points) => {
        const line = points.flat();
        const pieces = clipLine(line, 100);
        expect(pieces.reduce((sum, piece) => sum + lengthOf(piece), 0)).toBeLessThanOrEqual(
          lengthOf(line) + 1e-6,
        );
        for (const one of pieces.flat()) {
          expect(one).toBeGreaterThanOrEqual(-1e-6);
          expect(one).toBeLessThanOrEqual(100 + 1e-6);
        }
      }),
    );
  });
});

describe("joining the pieces of a street", () => {
  it("goes straight on through a crossing and over a tile edge", () => {
    const chains = joinLines([
      [0, 0, 50, 0],
      [50, 1, 100, 1],
      [50, 0, 50, 40],
      [150, 0, 100, 0],
    ]);
    expect(chains).toHaveLength(2);
    expect(lengthOf(chains[0]!)).toBeCloseTo(150, 0);
  });

  it("keeps every piece exactly once", () => {
    const lines = [
      [0, 0, 10, 0],
      [10, 0, 20, 0],
      [20, 0, 20, 10],
      [100, 100, 110, 100],
    ];
    const total = lines.reduce((sum, line) => sum + lengthOf(line), 0);
    expect(joinLines(lines).reduce((sum, line) => sum + lengthOf(line), 0)).toBeCloseTo(total);
  });

  it("does not run round in circles", () => {
    const ring = [
      [0, 0, 10, 0],
      [10, 0, 15, 9],
      [15, 9, 10, 18],
      [10, 18, 0, 18],
      [0, 18, -5, 9],
      [-5, 9, 0, 0],
    ];
    expect(joinLines(ring).flat().length).toBeLessThan(40);
  });
});

describe("a name along a line", () => {
  it("reads from left to right, whichever way the line runs", () => {
    for (const line of [
      [0, 0, 100, 0],
      [100, 0, 0, 0],
    ]) {
      const glyphs = layAlong(line, 50, "人民路", measure, 0)!;
      expect(glyphs.map((glyph) => glyph.text).join("")).toBe("人民路");
      expect(glyphs[0]!.x).toBeLessThan(glyphs[2]!.x);
      expect(glyphs.every((glyph) => Math.abs(glyph.angle) < 1e-9)).toBe(true);
    }
  });

  it("stands upright and reads downwards on a steep street when it is Chinese", () => {
    for (const line of [
      [0, 0, 4, 100],
      [4, 100, 0, 0],
    ]) {
      const glyphs = layAlong(line, 50, "人民路", measure, 0)!;
      expect(glyphs.map((glyph) => glyph.text).join("")).toBe("人民路");
      expect(glyphs[0]!.y).toBeLessThan(glyphs[2]!.y);
      expect(glyphs.every((glyph) => Math.abs(glyph.angle) < 0.1)).toBe(true);
    }
  });

  it("gives digits of an upright name the room of a character", () => {
    const narrow = (text: string) => [...text].reduce((sum, one) => sum + (/\d/.test(one) ? 4 : 10), 0);
    const glyphs = layAlong([0, 0, 4, 100], 50, "105国道", narrow, 0)!;
    const steps = glyphs.slice(1).map((glyph, i) => glyph.y - glyphs[i]!.y);
    expect(Math.min(...steps)).toBeGreaterThan(9.5);
  });

  it("is left out where it does not fit or the street turns sharply", () => {
    expect(layAlong([0, 0, 20, 0], 10, "人民路", measure, 0)).toBeNull();
    expect(layAlong([0, 0, 40, 0, 40, 40], 40, "人民东路", measure, 0)).toBeNull();
  });

  it("finds points by their distance", () => {
    expect(pointAt([0, 0, 10, 0, 10, 10], 15)).toEqual([10, 5]);
    expect(pointAt([0, 0, 10, 0], 99)).toEqual([10, 0]);
  });
});

describe("the anchor of an area", () => {
  const square = (x: number, y: number, side: number) => [
    x,
    y,
    x + side,
    y,
    x + side,
    y + side,
    x,
    y + side,
    x,
    y,
  ];

  it("is the centroid over all its pieces", () => {
    expect(anchorOf([[square(0, 0, 10)], [square(10, 0, 10)]])).toEqual([10, 5]);
  });

  it("lies inside even where the centroid does not", () => {
    const horseshoe = [0, 0, 30, 0, 30, 30, 20, 30, 20, 10, 10, 10, 10, 30, 0, 30, 0, 0];
    const [x, y] = anchorOf([[horseshoe]]);
    expect(inside([horseshoe], x, y)).toBe(true);
  });

  it("keeps holes with their outer ring", () => {
    const hole = [...square(2, 2, 4)].reverse();
    const swapped = hole.map((_, i) => hole[i % 2 === 0 ? i + 1 : i - 1]!);
    expect(piecesOf([square(0, 0, 10), swapped, square(20, 0, 10)]).map((piece) => piece.length)).toEqual([
      2, 1,
    ]);
  });
});

const style: Style = {
  group: "base_map",
  order: 1,
  visible: true,
  symbol: {},
  classes: [],
  label: { field: "name", min_zoom: 0, size: 12, weight: 400, along: true },
};
const layerOf = (name: string, own: Partial<Style>) =>
  compile([
    {
      name,
      title: { zh: name, en: name },
      description: { zh: "", en: "" },
      geometry: "line",
      classification: "public",
      owner: { zh: "", en: "" },
      fields: [],
      source: "",
      licence: "",
      zoom: { min: 0, max: 16 },
      style: { ...style, ...own },
    },
  ])[0]!;

describe("placing names", () => {
  const options = { width: 400, height: 300, sizeOf: (size: number) => size, measure };
  const points = fc.array(
    fc.record({
      x: fc.integer({ min: -20, max: 420 }),
      y: fc.integer({ min: -20, max: 320 }),
      text: fc.stringMatching(/^[a-z]{1,8}$/),
    }),
    { maxLength: 60 },
  );
  const layer = layerOf("key_places", {});
  const pointName = (one: { x: number; y: number; text: string }): PointName => ({
    kind: "point",
    layer,
    classIndex: -1,
    radius: 3,
    ...one,
  });

  it("lets no name lie over another", () => {
    fc.assert(
      fc.property(points, (places) => {
        const placed = layOut(places.map(pointName), options);
        const taken = new Collisions();
        for (const { glyphs } of placed) {
          const boxes = glyphs.map((g) => ({
            left: g.x - g.width / 2,
            right: g.x + g.width / 2,
            top: g.y - 6,
            bottom: g.y + 6,
          }));
          expect(taken.free(boxes)).toBe(true);
          taken.take(boxes);
        }
      }),
    );
  });

  it("cuts no name at the edge of what is seen", () => {
    const seen = { left: 60, top: 40, right: 340, bottom: 260 };
    fc.assert(
      fc.property(points, (places) => {
        for (const { glyphs } of layOut(places.map(pointName), { ...options, seen })) {
          const [left, right] = [glyphs[0]!.x - glyphs[0]!.width / 2, glyphs[0]!.x + glyphs[0]!.width / 2];
          const apart = right <= seen.left || left >= seen.right;
          const within = left >= seen.left && right <= seen.right;
          const [top, bottom] = [glyphs[0]!.y - 6, glyphs[0]!.y + 6];
          expect(apart || within || bottom <= seen.top || top >= seen.bottom).toBe(true);
        }
      }),
    );
    // to the left of its point where there is no room at the right
    const [placed] = layOut([pointName({ x: 320, y: 100, text: "checkpoint" })], { ...options, seen });
    expect(placed!.glyphs[0]!.x).toBeLessThan(320);
  });

  it("moves a region's name from under what stands over the map, and drops what has no room", () => {
    const town = layerOf("towns", {
      group: "regions",
      label: { field: "name", min_zoom: 0, size: 14, weight: 600, along: false },
    });
    const region = (y: number, height: number): AreaName => ({
      kind: "area",
      muted: false,
      layer: town,
      classIndex: -1,
      text: "town",
      x: 100,
      y,
      width: 180,
      height,
    });
    const covered = [{ left: 0, top: 0, right: 300, bottom: 60 }];
    const [moved] = layOut([region(50, 120)], { ...options, covered });
    expect(moved!.glyphs[0]!.y).toBeGreaterThan(60);
    expect(layOut([region(20, 60)], { ...options, covered })).toEqual([]);
    expect(layOut([pointName({ x: 100, y: 30, text: "point" })], { ...options, covered })).toEqual([]);
  });

  it("does not depend on the order in which tiles came", () => {
    fc.assert(
      fc.property(points, (places) => {
        const unique = places.filter((one, i) => places.findIndex((other) => other.text === one.text) === i);
        const texts = (list: typeof unique) =>
          layOut(list.map(pointName), options)
            .map((one) => one.name.text)
            .sort();
        expect(texts([...unique].reverse())).toEqual(texts(unique));
      }),
    );
  });

  it("prefers towns to streets and streets to points", () => {
    const town = {
      ...layerOf("towns", { label: { field: "name", min_zoom: 0, size: 14, weight: 600, along: false } }),
    };
    const names: Name[] = [
      pointName({ x: 190, y: 100, text: "point" }),
      {
        kind: "line",
        layer,
        classIndex: 0,
        text: "street",
        chain: [0, 100, 400, 100],
        length: 400,
        width: 3,
        shield: false,
      },
      {
        kind: "area",
        muted: false,
        layer: town,
        classIndex: -1,
        text: "town",
        x: 200,
        y: 100,
        width: 300,
        height: 200,
      },
    ];
    const placed = layOut(names, options);
    expect(placed[0]!.name.text).toBe("town");
    expect(placed[1]!.name.text).toBe("street");
  });

  it("repeats a street's name only far from itself", () => {
    const line = (y: number): LineName => ({
      kind: "line",
      layer,
      classIndex: 0,
      text: "aaaa",
      chain: [0, y, 400, y],
      length: 400,
      width: 3,
      shield: false,
    });
    expect(layOut([line(100), line(130)], options)).toHaveLength(1);
  });
});
