import { describe, expect, it } from "vitest";

import type { Field } from "../src/data/types";
import { en } from "../src/words/en";
import {
  ago,
  clockText,
  codeTitle,
  coordinates,
  type Format,
  instant,
  roundLength,
  shown,
} from "../src/words/format";
import { zh } from "../src/words/zh";

const field = (own: Partial<Field>): Field => ({
  name: "x",
  title: { zh: "", en: "" },
  type: "text",
  ...own,
});
const format: Format = {
  language: "zh",
  timezone: "Asia/Shanghai",
  words: zh,
  codeLists: {
    kinds: { title: { zh: "", en: "" }, codes: [{ code: "ptz", title: { zh: "云台", en: "PTZ" } }] },
  },
};
const text = (own: Partial<Field>, value: unknown) => shown(field(own), value as string, format).text;

function keys(book: object, path = ""): string[] {
  return Object.entries(book).flatMap(([key, value]) =>
    typeof value === "object" ? keys(value as object, `${path}${key}.`) : [`${path}${key}:${typeof value}`],
  );
}

describe("the words", () => {
  it("are complete in both languages", () => {
    expect(keys(en).sort()).toEqual(keys(zh).sort());
  });

  it("have no Chinese left in the English ones", () => {
    const own = Object.entries(en).filter(([key]) => !key.startsWith("otherLanguage"));
    for (const [, value] of own) if (typeof value === "string") expect(value).not.toMatch(/[\u4e00-\u9fff]/);
  });
});

describe("how long ago", () => {
  it("tells whole units that have passed", () => {
    const told = (seconds: number) => [ago(seconds, zh).trim(), ago(seconds, en)];
    expect(told(0)).toEqual(["不到 1 分钟前", "less than a minute ago"]);
    expect(told(61)).toEqual(["1 分钟前", "1 minute ago"]);
    expect(told(12 * 60 + 59)).toEqual(["12 分钟前", "12 minutes ago"]);
    expect(told(2 * 3600)).toEqual(["2 小时前", "2 hours ago"]);
    expect(told(50 * 3600)).toEqual(["2 天前", "2 days ago"]);
  });
});

describe("since when figures are old", () => {
  const now = new Date("2020-12-30T16:30:00Z");

  it.each([
    ["2020-12-31T00:03:00+08:00", "00:03"],
    ["2020-12-30T16:03:00Z", "00:03"],
    ["2020-12-30T23:58:00+08:00", "2020-12-30 23:58"],
  ])("%s has its date where that is not today's in the city", (since, text) =>
    expect(clockText(since, "Asia/Shanghai", now)).toBe(text),
  );
});

describe("a value in words", () => {
  it.each([null, undefined, ""])("that is %j is unknown, never blank or zero", (value) => {
    for (const type of ["text", "number", "boolean", "date", "codes"] as const) {
      expect(shown(field({ type }), value as never, format)).toEqual({ text: "未知", known: false });
    }
  });

  it("an empty list is none, not unknown", () => {
    expect(shown(field({ type: "codes" }), [], format)).toEqual({ text: "无", known: true });
    expect(shown(field({ type: "codes" }), [], { ...format, words: en }).text).toBe("None");
  });

  it("large areas are in square kilometres, small ones as they are", () => {
    const area = (value: number) => text({ type: "number", unit: "m²" }, value);
    expect(area(37_400_917.4)).toBe("37.4 km²");
    expect(area(1_234_567_890)).toBe("1,235 km²");
    expect(area(100_000)).toBe("0.1 km²");
    expect(area(99_999.5)).toBe("99,999.5 m²");
    expect(area(0)).toBe("0 m²");
  });

  it("zero is a value: a camera that looks north has a direction", () => {
    expect(shown(field({ type: "number", unit: "°" }), 0, format)).toEqual({ text: "0°", known: true });
    expect(shown(field({ type: "boolean" }), false, format)).toEqual({ text: "否", known: true });
  });

  it("numbers have their unit and grouping, years have none", () => {
    expect(text({ type: "number", unit: "mm" }, 1200.5)).toBe("1,200.5 mm");
    expect(text({ type: "integer", name: "built" }, 2012)).toBe("2012");
    expect(text({ type: "integer", name: "residents" }, 2012)).toBe("2,012");
  });

  it("codes are translated, unknown ones shown as they are", () => {
    expect(text({ type: "code", codes: "kinds" }, "ptz")).toBe("云台");
    expect(text({ type: "code", codes: "kinds" }, "drone")).toBe("drone");
    expect(text({ type: "codes", codes: "kinds" }, ["ptz", "drone"])).toBe("云台、drone");
    expect(codeTitle("ptz", format.codeLists["kinds"], "en")).toBe("PTZ");
  });

  it("instants stand in the city's time zone, days in none", () => {
    expect(instant("2020-12-31T23:30:00Z", "Asia/Shanghai")).toBe("2021-01-01 07:30");
    expect(text({ type: "datetime" }, "2020-12-31T00:15:00Z")).toBe("2020-12-31 08:15");
    expect(text({ type: "date" }, "2020-12-31")).toBe("2020-12-31");
    expect(instant("not a time", "Asia/Shanghai")).toBe("not a time");
  });
});

describe("scale and place", () => {
  it.each([
    [0.7, 0.5],
    [1, 1],
    [19, 10],
    [20, 20],
    [49.9, 20],
    [999, 500],
    [12_345, 10_000],
  ])("%d m is drawn as %d", (metres, round) => {
    expect(roundLength(metres)).toBeCloseTo(round);
  });

  it("coordinates name their hemisphere", () => {
    expect(coordinates(115.9, 31.8)).toBe("115.90000°E 31.80000°N");
    expect(coordinates(-0.5, -1)).toBe("0.50000°W 1.00000°S");
  });
});
