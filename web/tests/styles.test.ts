import { describe, expect, it } from "vitest";

import type { Layer, Style } from "../src/data/types";
import { classifier, compile, isHollow, resolve, sizeAt } from "../src/map/styles";

const style: Style = {
  group: "sensing",
  order: 10,
  visible: true,
  by: "online",
  symbol: {
    colour: { dark: "#000001", light: "#000002" },
    radius: [
      [10, 1],
      [14, 3],
    ],
    outline: { dark: "#000003", light: "#000004" },
  },
  classes: [
    { values: [true], title: { zh: "在线", en: "Online" }, symbol: {} },
    {
      values: [false, 0],
      title: { zh: "离线", en: "Offline" },
      symbol: { colour: { dark: "#000005", light: "#000006" }, shape: "ring", min_zoom: 13 },
    },
  ],
};

describe("sizes between stops", () => {
  it.each([
    [5, 1],
    [10, 1],
    [12, 2],
    [14, 3],
    [20, 3],
  ])("at zoom %d is %d", (zoom, size) => {
    expect(sizeAt(style.symbol.radius, zoom, 9)).toBe(size);
  });

  it("falls back where there are none", () => {
    expect(sizeAt(null, 12, 9)).toBe(9);
    expect(sizeAt([], 12, 9)).toBe(9);
  });

  it("takes the later of two stops at one zoom from there on", () => {
    expect(
      sizeAt(
        [
          [13, 0],
          [13, 2],
          [16, 8],
        ],
        13.5,
        0,
      ),
    ).toBeCloseTo(3);
  });
});

describe("classes", () => {
  it("are found by value and type", () => {
    const classOf = classifier(style);
    expect(classOf({ online: true })).toBe(0);
    expect(classOf({ online: false })).toBe(1);
    expect(classOf({ online: "true" })).toBe(-1);
    expect(classOf({})).toBe(-1);
  });

  it("take from the layer what they leave out", () => {
    const online = resolve(style, 0, "dark", 12);
    expect(online).toMatchObject({
      fill: "#000001",
      outline: "#000003",
      radius: 2,
      shape: "circle",
      shown: true,
    });
    const offline = resolve(style, 1, "light", 12);
    expect(offline).toMatchObject({ fill: "#000006", shape: "ring", shown: false });
  });
});

describe("features", () => {
  it.each(["planned", "building", "fault", "out_of_service", "removed"])(
    "that are %s are hollow",
    (status) => {
      expect(isHollow({ status })).toBe(true);
    },
  );

  it("in service, or without a status, are solid", () => {
    expect(isHollow({ status: "in_service" })).toBe(false);
    expect(isHollow({})).toBe(false);
  });
});

describe("compiling", () => {
  const layer = (name: string, group: string): Layer => ({
    name,
    title: { zh: name, en: name },
    description: { zh: name, en: name },
    geometry: "point",
    classification: "public",
    owner: { zh: "", en: "" },
    fields: [],
    source: "",
    licence: "",
    zoom: { min: 3, max: 16 },
    style: { ...style, group },
  });

  it("leaves out layers that cannot be drawn and knows the base map", () => {
    const table: Layer = {
      ...layer("region_statistics", "statistics"),
      geometry: "none",
      zoom: null,
      style: null,
    };
    const drawn = compile([layer("roads", "base_map"), table, layer("cameras", "sensing")]);
    expect(drawn.map((one) => [one.name, one.base])).toEqual([
      ["roads", true],
      ["cameras", false],
    ]);
  });
});
