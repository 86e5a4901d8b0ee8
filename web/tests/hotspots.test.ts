import { describe, expect, it } from "vitest";

import type { Hotspot } from "../src/data/findings";
import type { Level, ResultLayer } from "../src/data/results";
import { categoryColour, classTitle } from "../src/map/results";
import { polygonOf, toggleClass, withHidden } from "../src/state/findings";
import {
  across,
  beside,
  byChange,
  changeOf,
  changeText,
  hotCells,
  ofLevel,
  trendOf,
} from "../src/words/hotspots";
import { en } from "../src/words/en";
import { zh } from "../src/words/zh";

const NAMES = ["cold", "historical_hot", "diminishing_hot", "new_hot"];
const RAMP = ["#a", "#b", "#c", "#d"];
const layer = {
  style: {
    by: "category",
    ramp: { dark: RAMP, light: RAMP },
    levels: [{ breaks: [-0.5, 1.5, 2.5] } as unknown as Level],
    classes: NAMES.map((name) => ({ zh: `中${name}`, en: name })),
    class_names: NAMES,
    zero_title: { zh: "无显著模式", en: "No pattern" },
  },
} as unknown as ResultLayer;

describe("a result with named classes", () => {
  it("tells a value by the title of its class", () => {
    expect([-6, -1, 0, 1, 2, 3].map((value) => classTitle(layer, value)?.en)).toEqual([
      "cold",
      "cold",
      "No pattern",
      "historical_hot",
      "diminishing_hot",
      "new_hot",
    ]);
    expect(classTitle(layer, null)).toBeUndefined();
  });

  it("has no titles where classes are ranges of numbers", () => {
    const plain = { ...layer, style: { ...layer.style, classes: null } } as ResultLayer;
    expect(classTitle(plain, 3)).toBeUndefined();
  });

  it("gives each category its colour, and all cold ones the same", () => {
    expect(categoryColour(layer, "new_hot", "dark")).toBe("#d");
    expect(categoryColour(layer, "persistent_cold", "light")).toBe("#a");
  });
});

describe("hotspots in words", () => {
  const one = (facts: Partial<Hotspot>) => ({ z: 3, cell: "x", ...facts }) as Hotspot;

  it("lists those of the cells that the map draws, and apart what was found beside", () => {
    const found = [one({ resolution: 10 }), one({ resolution: 9 }), { cell: "scan" } as Hotspot];
    expect(ofLevel(found, { resolution: 9 } as Level)).toEqual([found[1]]);
    expect(beside(found)).toEqual([found[2]]);
  });

  it("counts hot cells as the legend does, without the cold ones", () => {
    const level = { in_class: [7, 0, 2, 3] } as unknown as Level;
    expect(hotCells(layer, level)).toEqual([
      { name: "diminishing_hot", cells: 2 },
      { name: "new_hot", cells: 3 },
    ]);
  });

  it("holds the last sixth of the steps against the one before", () => {
    const year = one({ series: [1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 5, 7] });
    expect(changeOf(year)).toEqual({ steps: 2, now: 12, before: 4 });
    expect(changeText({ steps: 2, now: 12, before: 4 })).toBe("+200%");
    expect(changeText({ steps: 2, now: 3, before: 4 })).toBe("−25%");
    expect(changeText({ steps: 2, now: 3, before: 0 })).toBe("+3");
    expect(changeOf(one({ series: [9, 9, null, 9, 9, 9] }))).toEqual({ steps: 1, now: 9, before: 9 });
    expect(changeOf(one({ series: [9, 9, 9, 9, 9, null] }))).toBeNull();
    expect(changeOf(one({}))).toBeNull();
  });

  it("orders by change those that grew", () => {
    const [up, more, down, few] = [
      [5, 5, 5, 5, 10, 12],
      [5, 5, 5, 5, 10, 30],
      [5, 5, 5, 5, 10, 8],
      [0, 0, 0, 0, 1, 4],
    ].map((series) => one({ series }));
    expect(byChange([up!, more!, down!, few!])).toEqual([more, up]);
  });

  it("calls a trend one only where the test does", () => {
    expect(trendOf(one({ trend_z: 3, trend_p: 0.01 }), 0.05)).toBe("rising");
    expect(trendOf(one({ trend_z: -3, trend_p: 0.01 }), 0.05)).toBe("falling");
    expect(trendOf(one({ trend_z: 1, trend_p: 0.3 }), 0.05)).toBe("steady");
    expect(trendOf(one({}), 0.05)).toBeNull();
  });

  it("says how wide cells are in two digits at most", () => {
    expect([8, 9, 10].map(across)).toEqual([1100, 400, 150]);
  });

  it("says in both languages when there is none", () => {
    expect(zh.hotspots.none).toBe("没有明显偏多的地方");
    expect(zh.hotspots.answer("3", "14")).toBe("3 处事件明显偏多，共 14 格");
    expect(en.hotspots.answer("3", "14")).toBe("3 places with clearly more than usual, 14 cells");
  });
});

describe("the findings a list points at", () => {
  it("switches classes of a run off and on again", () => {
    toggleClass(7, 2);
    const drawn = withHidden({ ...layer, run: 7 });
    expect(drawn.hidden?.has(2)).toBe(true);
    expect(withHidden({ ...layer, run: 8 }).hidden).toBeUndefined();
    toggleClass(7, 2);
    expect(withHidden({ ...layer, run: 7 }).hidden).toBeUndefined();
  });

  it("draws rings by themselves, so that a hole has its line too", () => {
    const ring = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 0],
    ];
    expect(polygonOf([ring, ring]).coordinates).toEqual([[ring], [ring]]);
  });
});
