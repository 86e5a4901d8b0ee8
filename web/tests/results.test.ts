import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Area, FormField, Kind, Level, ResultLayer } from "../src/data/results";
import {
  cellAt,
  classOf,
  classRanges,
  colours,
  isOutOfDate,
  levelAt,
  middleOf,
  NO_DATA,
  sourceName,
  ZERO,
} from "../src/map/results";
import { cellPixels, edgesOf } from "../src/map/paintResult";
import { tileAddress } from "../src/map/TileSource";
import { EXTENT, type TileFeatures } from "../src/map/tiles";
import { inFull, publishedAs, refOf } from "../src/state/results";
import { agree, levelsOf, rowsOf, sumOf, townOf } from "../src/state/areas";
import { changed, type Draft, emptyDraft, flawOf, parametersOf } from "../src/state/form";
import {
  decimalsOf,
  figure,
  parameterTexts,
  shareText,
  titleOf,
  unitText,
  wordOf,
} from "../src/words/results";

const level = (more: Partial<Level> = {}): Level => ({
  min_zoom: 0,
  resolution: 8,
  cells: 10,
  empty: 1,
  no_data: 0,
  least: 0,
  most: 100,
  breaks: [5, 10, 20, 50],
  ...more,
});

const RAMP = ["#000001", "#000002", "#000003", "#000004", "#000005"];
const layer = (levels: readonly Level[]) =>
  ({
    style: { by: "density", ramp: { dark: RAMP, light: [...RAMP].reverse() }, levels },
  }) as unknown as ResultLayer;

describe("a live result", () => {
  const run = { name: "density", run: 7, live: null, out_of_date: true } as unknown as ResultLayer;
  const live = { ...run, live: { run: 8, as_of: "2026-01-01T00:00:00Z", out_of_date: false } };

  it("is drawn in place of the published run", () => {
    expect([sourceName(run), sourceName(live)]).toEqual(["density:7", "density:8"]);
  });

  it("is out of date by itself, not where the run is that it began as", () => {
    expect([isOutOfDate(run), isOutOfDate(live)]).toEqual([true, false]);
  });
});

describe("the edges of cells", () => {
  // H3 4.x documentation, table of average edge lengths: 0.5314140 km at resolution 8, 0.0758638 km at 10.
  const desk = { scale: 256 / EXTENT, pixel: 1 };
  const onGround = (edge: number, z: number) =>
    (2 * edge * 256 * 2 ** z) / 40_075_016.7 / Math.cos((31.85 * Math.PI) / 180);
  const tileOf = (z: number) => ({
    z,
    x: 0,
    y: Math.floor((2 ** z * (1 - Math.asinh(Math.tan((31.85 * Math.PI) / 180)) / Math.PI)) / 2),
  });

  it.each([
    [8, 0.531414, 11],
    [8, 0.531414, 14],
    [10, 0.0758638, 15],
  ])("of resolution %s are measured on the screen", (resolution, kilometres, z) => {
    const size = cellPixels(desk, resolution, tileOf(z));
    expect(size / onGround(kilometres * 1000, z)).toBeCloseTo(1, 1);
  });

  it("fade where cells are a few pixels wide, on every screen alike", () => {
    expect(edgesOf(7)).toBe(0);
    expect(edgesOf(24)).toBe(1);
    expect(cellPixels({ scale: 512 / EXTENT, pixel: 2 }, 9, tileOf(12))).toBeCloseTo(
      cellPixels(desk, 9, tileOf(12)),
    );
  });
});

describe("results of one kind side by side", () => {
  const one = (run: number, subject: string, region: string | null = null) =>
    ({ name: "density", run, subject, region }) as unknown as ResultLayer;
  const layers = [
    one(2, "incidents"),
    one(9, "roads"),
    one(11, "roads", "341504"),
    one(4, "water.per-people"),
  ];
  const plain = { kind: "density", subject: "", region: null, run: null };

  it("are each found by what they show", () => {
    for (const layer of layers) expect(publishedAs(refOf(layer), layers)).toBe(layer);
    expect(publishedAs({ ...plain, subject: "parts" }, layers)).toBeUndefined();
  });

  it("are told in full where a link says the kind only: the newest is meant", () => {
    expect(inFull([plain], layers)).toEqual([refOf(layers[1]!)]);
    expect(inFull([plain, refOf(layers[1]!)], layers)).toEqual([refOf(layers[1]!)]);
    expect(inFull([plain], [])).toEqual([plain]);
  });

  it("keep the one without a subject for links that name none", () => {
    expect(inFull([plain], [...layers, one(1, "")])).toEqual([plain]);
    expect(publishedAs(plain, [...layers, one(1, "")])?.run).toBe(1);
  });

  it("leave alone who names a run", () => {
    expect(inFull([{ ...plain, run: 3 }], layers)).toEqual([{ ...plain, run: 3 }]);
  });
});

describe("the class of a value", () => {
  it.each([
    [0, ZERO],
    [-0, ZERO],
    [null, NO_DATA],
    [undefined, NO_DATA],
    [NaN, NO_DATA],
    ["5", NO_DATA],
    [0.001, 0],
    [5, 0],
    [5.0001, 1],
    [50, 3],
    [51, 4],
    [1e9, 4],
  ])("of %s is %s", (value, expected) => {
    expect(classOf(value, [5, 10, 20, 50])).toBe(expected);
  });

  it("agrees with the ranges that the legend prints", () => {
    const own = level();
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 100, noNaN: true }), (value) => {
        const [low, high] = classRanges(own)[classOf(value, own.breaks)]!;
        expect(value > low && value <= high).toBe(true);
      }),
    );
  });

  it("begins below zero where there are such values", () => {
    const signal = level({ least: -120, most: -70, breaks: [-110, -100, -90, -80] });
    expect(classRanges(signal)[0]).toEqual([-120, -110]);
    expect(classOf(-115, signal.breaks)).toBe(0);
    expect(classOf(-71, signal.breaks)).toBe(4);
  });

  it("has a colour of the ramp, the strongest for the greatest, however few classes there are", () => {
    for (const breaks of [[], [5], [5, 10], [5, 10, 20], [5, 10, 20, 50]]) {
      const found = colours(layer([]), level({ breaks }), "dark");
      expect(found).toHaveLength(breaks.length + 1);
      expect(found.at(-1)).toBe(RAMP.at(-1));
      expect(new Set(found).size).toBe(found.length);
    }
  });
});

describe("the level of a zoom", () => {
  const levels = [
    level({ min_zoom: 12, resolution: 9 }),
    level({ min_zoom: 11, resolution: 8 }),
    level({ min_zoom: 0, resolution: 7 }),
  ];

  it.each([
    [18, 9],
    [12, 9],
    [11, 8],
    [10, 7],
    [6, 7],
  ])("at %s is resolution %s", (zoom, resolution) => {
    expect(levelAt(layer(levels), zoom)?.resolution).toBe(resolution);
  });

  it("is none where a run has no cells", () => {
    expect(levelAt(layer([]), 10)).toBeUndefined();
  });
});

describe("a tile's cells", () => {
  const hexagon = [10, 0, 20, 6, 20, 16, 10, 22, 0, 16, 0, 6, 10, 0];
  const tile: TileFeatures = {
    count: 2,
    ids: new Float64Array(2),
    kinds: Uint8Array.from([3, 3]),
    rings: Uint32Array.from([0, 1, 2]),
    vertices: Uint32Array.from([0, 7, 14]),
    coordinates: Int16Array.from([...hexagon, ...hexagon.map((value, at) => (at % 2 ? value : value + 20))]),
    properties: [{ cell: "a", n: 1 }, { cell: "b" }],
  };

  it("are found by a place inside them and by none outside", () => {
    expect(cellAt(tile, 10, 11)?.cell).toBe("a");
    expect(cellAt(tile, 30, 11)?.cell).toBe("b");
    expect(cellAt(tile, 1, 1)).toBeNull();
    expect(cellAt(tile, 60, 11)).toBeNull();
  });

  it("are found at their own middles", () => {
    for (const index of [0, 1]) {
      const { x, y } = middleOf(tile, index);
      expect(cellAt(tile, x, y)?.properties).toEqual(tile.properties[index]);
    }
  });

  it("are asked for by run, and layers together by name", () => {
    const key = { z: 9, x: 420, y: 208 };
    expect(tileAddress(["density:12"], key)).toBe("/tiles/density/9/420/208.mvt?run=12");
    expect(tileAddress(["roads", "water"], key)).toBe("/tiles/roads,water/9/420/208.mvt");
  });
});

const title = (text: string) => ({ zh: text, en: text });
const field = (more: Partial<FormField> & Pick<FormField, "name" | "type">): FormField => ({
  title: title(more.name),
  note: null,
  required: false,
  default: null,
  unit: null,
  ...more,
});

const FORM: readonly FormField[] = [
  field({ name: "layer", type: "layer", required: true }),
  field({ name: "weight", type: "field", of: "layer" }),
  field({
    name: "step",
    type: "choice",
    default: 2,
    options: [1, 2].map((value) => ({ value, title: title(`${value}`) })),
  }),
  field({ name: "resolution", type: "integer", minimum: 5, maximum: 12, default: 8 }),
  field({ name: "height", type: "number", above: 0, unit: "m" }),
  field({ name: "terrain", type: "boolean", default: true }),
  field({
    name: "tasks",
    type: "choices",
    options: ["a", "b"].map((value) => ({ value, title: title(value) })),
  }),
];

describe("a form", () => {
  const draft = emptyDraft(FORM);
  const named = (name: string) => FORM.find((one) => one.name === name)!;

  it("begins with the defaults", () => {
    expect(draft).toEqual({
      layer: "",
      weight: "",
      step: "2",
      resolution: "8",
      height: "",
      terrain: "true",
      tasks: [],
    });
  });

  it("sends numbers as numbers, choices with their own type, and nothing that was left open", () => {
    const filled: Draft = { ...draft, layer: "cameras", height: "1.5", tasks: ["b"], terrain: "false" };
    expect(parametersOf(FORM, filled)).toEqual({
      layer: "cameras",
      step: 2,
      resolution: 8,
      height: 1.5,
      terrain: false,
      tasks: ["b"],
    });
  });

  it.each([
    ["layer", "", { kind: "needed" }],
    ["layer", "cameras", null],
    ["weight", "", null],
    ["resolution", "4", { kind: "range", low: 5, high: 12 }],
    ["resolution", "13", { kind: "range", low: 5, high: 12 }],
    ["resolution", "8.5", { kind: "range", low: 5, high: 12 }],
    ["resolution", "x", { kind: "range", low: 5, high: 12 }],
    ["resolution", "12", null],
    ["height", "0", { kind: "range", low: 0, high: null }],
    ["height", "0.1", null],
  ])("says of %s = “%s” what is wrong", (name, text, flaw) => {
    expect(flawOf(named(name), { ...draft, [name]: text })).toEqual(flaw);
  });

  it("empties what named a field of another layer", () => {
    const chosen = { ...draft, layer: "pipes", weight: "diameter_mm" };
    expect(changed(FORM, chosen, "layer", "roads")["weight"]).toBe("");
    expect(changed(FORM, chosen, "resolution", "9")["weight"]).toBe("diameter_mm");
  });
});

describe("a run in words", () => {
  const kind = { name: "density", title: title("密度"), description: title(""), form: FORM } as Kind;
  const naming = { language: "zh" as const, kind, layers: new Map() };

  it("prints parameters by their titles, and leaves out what was left open", () => {
    const told = parameterTexts({ layer: "cameras", weight: null, height: 1.5, terrain: false }, naming);
    expect(told).toEqual([
      { title: "layer", text: "cameras" },
      { title: "height", text: "1.5 米" },
      { title: "terrain", text: "否" },
    ]);
    expect(titleOf({ title: title("密度"), about: title("摄像机") }, "zh")).toBe("密度 · 摄像机");
    expect(titleOf({ title: title("事故"), about: null }, "zh")).toBe("事故");
  });

  it("prints amounts by name in words, and none where there are none", () => {
    const told = parameterTexts({ height: { 姚李: 2, 三元: 1 }, terrain: {} }, naming);
    expect(told).toEqual([{ title: "height", text: "姚李 2、三元 1" }]);
  });

  it("prints parameters of a kind that it does not know", () => {
    const told = parameterTexts({ depth: 3, area: { a: 1 } }, { ...naming, kind: undefined });
    expect(told.map((one) => one.text)).toEqual(["3", '{"a":1}']);
  });

  it.each([
    ["1/km²", "zh", "/平方公里"],
    ["1/km²", "en", "/km²"],
    ["1/1000 people", "zh", "/千人"],
    ["km", "zh", "公里"],
    ["dBm", "zh", "dBm"],
    [null, "zh", ""],
  ] as const)("reads the unit %s in %s as “%s”", (unit, language, expected) => {
    expect(unitText(unit, language)).toBe(expected);
  });

  it("shows whole numbers whole, large ones short, and never a missing one as zero", () => {
    expect(decimalsOf([1, 2, null], 3)).toBe(0);
    expect(decimalsOf([0.0861, 5], 3)).toBe(3);
    expect(decimalsOf([11.6134], 3)).toBe(2);
    expect(decimalsOf([942.007, 3], 3)).toBe(1);
    expect(figure(1234.5, 1, "zh")).toBe("1,234.5");
    expect(figure(null, 1, "zh")).toBeNull();
    expect(figure(NaN, 1, "zh")).toBeNull();
    expect(shareText(0, "zh")).toBe("0%");
    expect(shareText(0.00001, "zh")).toBe("< 0.1%");
    expect([0.23, 0.9999, 1].map((one) => shareText(one, "zh"))).toEqual(["23.0%", "99.9%", "100%"]);
  });
});

describe("figures by region", () => {
  const area = (layerName: string, code: string, n: number | null): Area => ({
    layer: layerName,
    code,
    name: code,
    n,
  });
  const areas = [
    area("towns", "2", 3),
    area("towns", "1", null),
    area("towns", "3", 10),
    area("counties", "0", 13),
  ];

  it("are sorted both ways with what is missing last", () => {
    const codes = (descending: boolean) =>
      rowsOf(areas, "towns", { column: "n", descending }).map((row) => row.code);
    expect(codes(true)).toEqual(["3", "2", "1"]);
    expect(codes(false)).toEqual(["2", "3", "1"]);
    expect(levelsOf(areas)).toEqual(["towns", "counties"]);
  });

  it("have most people first among equal ones, and tell a village with its town", () => {
    const village = (code: string, people: number): Area => ({
      layer: "communities",
      code,
      name: "新桥",
      covered: 0,
      people,
    });
    const all = [
      village("341504100201", 10),
      village("341504101201", 30),
      { ...areas[0]!, layer: "towns", code: "341504101000", name: "三元" },
    ];
    const rows = rowsOf(all, "communities", { column: "covered", descending: false });
    expect(rows.map(({ people }) => people)).toEqual([30, 10]);
    expect(rows.map((row) => townOf(row, all))).toEqual(["三元", null]);
  });

  it("add up", () => {
    const towns = rowsOf(areas, "towns", { column: "n", descending: true });
    expect(sumOf(towns, { name: "n", amount: true })).toBe(13);
    expect(agree(0.1 + 0.2, 0.3)).toBe(true);
    expect(agree(119_986, 120_000)).toBe(false);
  });

  it("have no sum of what is no amount, is not said to be one, or is not known anywhere", () => {
    expect(sumOf(areas, { name: "n", amount: false })).toBeNull();
    expect(sumOf(areas, { name: "n" })).toBeNull();
    expect(sumOf(areas, { name: "expected", amount: true })).toBeNull();
  });
});

describe("codes in words", () => {
  const words = [
    { zh: "附近无站", en: "No site near" },
    { zh: "站点故障", en: "Site out of order" },
  ];
  it("names a code and leaves every other number alone", () => {
    expect(wordOf({ words }, 1)?.zh).toBe("站点故障");
    expect(wordOf({ words }, 0.5)).toBeUndefined();
    expect(wordOf({ words }, null)).toBeUndefined();
    expect(wordOf({}, 1)).toBeUndefined();
  });
});
