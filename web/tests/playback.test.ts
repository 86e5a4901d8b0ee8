import { describe, expect, it } from "vitest";

import type { Indicator, RegionPart, Series, Trends, ViewOfRegion, ViewSummary } from "../src/data/views";
import {
  asOf,
  dayEnding,
  daysBetween,
  placeOf,
  tellsIncidents,
  usualWindow,
  wallWindows,
} from "../src/state/playback";
import { groupsOf } from "../src/state/views";
import { pathsOf } from "../src/wall/Curve";

describe("days of the clock", () => {
  it("end at midnight with the day before", () => {
    expect(dayEnding("2021-01-01T00:00:00+08:00")).toBe("2020-12-31");
    expect(dayEnding("2020-12-31T09:00")).toBe("2020-12-31");
    expect(daysBetween("2020-12-31", "2020-12-31")).toBe(1);
    expect(daysBetween("2020-01-01", "2020-12-31")).toBe(366);
  });

  it("make the last month and the last year of a wall", () => {
    expect(wallWindows("2020-12-31").map(([, window]) => window)).toEqual([
      "24h",
      "7d",
      "2020-12-02/2020-12-31",
      "2020-01-02/2020-12-31",
    ]);
  });

  it("find the last known day that is not later", () => {
    const days = ["2020-12-01", "2020-12-08"];
    expect(["2020-11-30", "2020-12-01", "2020-12-07", "2020-12-31"].map((day) => placeOf(days, day))).toEqual(
      [-1, 0, 0, 1],
    );
  });
});

describe("a view as it was on a day", () => {
  const figure = { numerator: 1, denominator: 2, missing_share: null, reason: null };
  const indicator = (name: string, value: number) =>
    ({ ...figure, name, value, better: "lower", ranking: ["a", "b", "c"] }) as unknown as Indicator;
  const part = (code: string) =>
    ({
      code,
      figures: { rate: { ...figure, value: 9 }, other: { ...figure, value: 8 } },
    }) as unknown as RegionPart;
  const document = {
    as_of: "2020-12-31",
    indicators: [indicator("rate", 5), indicator("other", 7)],
    parts: [part("a"), part("b"), part("c")],
    targets: [{ indicator: "rate", standing: "missed", gap: 4, pace_per_year: null }],
  } as unknown as ViewOfRegion;
  const days = ["2020-12-30", "2020-12-31"];
  const series: Series = {
    indicator: { name: "rate" },
    days,
    values: [3, 5],
    numerators: [6, 10],
    denominators: null,
    parts: [
      { code: "a", values: [1, 9] },
      { code: "b", values: [null, 9] },
      { code: "c", values: [4, 9] },
    ],
  };
  const trends: Trends = { days, indicators: [{ name: "other", values: [null, 7], change: null }] };

  it("has the values of that day, and none where that day is not known", () => {
    const then = asOf(document, "2020-12-30", { trends, series });
    expect(then.as_of).toBe("2020-12-30");
    expect(then.indicators.map(({ value }) => value)).toEqual([3, null]);
    expect(then.indicators[0]!.numerator).toBe(6);
    expect(then.parts.map(({ figures }) => figures["rate"]!.value)).toEqual([1, null, 4]);
    // What the series does not tell is left as it stands.
    expect(then.parts[0]!.figures["other"]!.value).toBe(8);
  });

  it("ranks its parts by the values of that day, those without one last", () => {
    expect(asOf(document, "2020-12-30", { trends, series }).indicators[0]!.ranking).toEqual(["c", "a", "b"]);
  });

  it("leaves open how a target stood, which the curves do not know", () => {
    const then = asOf(document, "2020-12-30", { trends: null, series });
    expect(then.targets.map(({ standing, gap }) => [standing, gap])).toEqual([["without_value", null]]);
  });

  it("says nothing of days before the curves begin", () => {
    const then = asOf(document, "2019-01-01", { trends, series });
    expect(then.indicators.map(({ value }) => value)).toEqual([null, null]);
  });
});

describe("a small curve", () => {
  it("breaks where nothing is known, stays in its box, and is level where nothing moves", () => {
    const paths = pathsOf([1, 3, null, 2]);
    expect(paths.map((path) => path.length)).toEqual([2, 1]);
    expect(paths[0]![0]!.y).toBeGreaterThan(paths[0]![1]!.y);
    expect(paths.flat().every(({ y }) => y >= 0 && y <= 100)).toBe(true);
    expect(
      pathsOf([4, 4])
        .flat()
        .map(({ y }) => y),
    ).toEqual([50, 50]);
    expect(pathsOf([null, null])).toEqual([]);
  });
});

describe("views in their fields", () => {
  const view = (name: string, group: string, more: Partial<ViewSummary> = {}) =>
    ({ name, group, layers: [], results: [], ...more }) as unknown as ViewSummary;

  it("keep the order of the screen", () => {
    const all = [view("a", "safety"), view("b", "panorama"), view("c", "safety")];
    expect(groupsOf(all).map(({ name, views }) => [name, views.map((one) => one.name)])).toEqual([
      ["safety", ["a", "c"]],
      ["panorama", ["b"]],
    ]);
  });

  it("play incidents only where they tell of them", () => {
    expect(tellsIncidents(view("a", "x", { layers: ["incidents"] }))).toBe(true);
    expect(tellsIncidents(view("a", "x", { results: ["incident_hotspots"] }))).toBe(true);
    expect(tellsIncidents(view("a", "x", { layers: ["cameras"] }))).toBe(false);
    expect(usualWindow(view("a", "x", { layers: ["incidents"] }), "2020-12-31")).toBe("24h");
    expect(usualWindow(view("a", "x"), "2020-12-31")).toBe("2020-12-02/2020-12-31");
  });
});
