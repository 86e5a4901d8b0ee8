import { describe, expect, it } from "vitest";

import type { Hotspot, Level, ResultLayer } from "../src/data/results";
import { categoryColour, classTitle } from "../src/map/results";
import { countsByCategory } from "../src/words/results";
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
  const one = (category: string) =>
    ({ category, category_title: { zh: category, en: category } }) as unknown as Hotspot;

  it("counts them by category, most first", () => {
    const found = countsByCategory(["new_hot", "persistent_hot", "persistent_hot"].map(one));
    expect(found.map(({ category, hotspots }) => [category, hotspots])).toEqual([
      ["persistent_hot", 2],
      ["new_hot", 1],
    ]);
  });

  it("says in both languages when there is none", () => {
    expect(zh.hotspotAnswer(0, "")).toBe("没有显著的热点");
    expect(en.hotspotAnswer(0, "")).toBe("No significant hotspot");
    expect(zh.hotspotAnswer(3, "持续热点 2、新增热点 1")).toBe("3 处热点：持续热点 2、新增热点 1");
  });
});
