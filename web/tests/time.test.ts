import { describe, expect, it } from "vitest";

import type { IncidentCounts } from "../src/data/counts";
import { countClass, countColour } from "../src/map/incidentCounts";
import { breaksFor, resolutionAt, sumsAt } from "../src/state/clock";
import { en } from "../src/words/en";
import { busiest, dayRead, frameText, peak, spanText, stepSpan } from "../src/words/time";
import { zh } from "../src/words/zh";

const found: IncidentCounts = {
  from: "2020-12-31T21:00:00+08:00",
  to: "2021-01-01T00:00:00+08:00",
  hours: 3,
  step: "hour",
  n: 6,
  left_out: 0,
  steps: [
    { start: "2020-12-31T21:00", n: 1, cumulative: 1 },
    { start: "2020-12-31T22:00", n: 3, cumulative: 4 },
    { start: "2020-12-31T23:00", n: 2, cumulative: 6 },
  ],
  cells: ["8a0", "8a1"],
  outlines: [],
  regions: [],
  bins: [
    [0, 0, 1],
    [1, 1, 3],
    [0, 2, 2],
  ],
  classes: [],
  class_bins: [],
  profile: [[0, 1, 4], []],
};

describe("a day that someone types", () => {
  it("is read in the forms that are usual, and no day that there is not", () => {
    for (const text of ["2020-12-01", "2020/12/1", "20201201", "2020年12月1日", " 2020.12.01 "])
      expect(dayRead(text)).toBe("2020-12-01");
    for (const text of ["", "2020-13-01", "2021-02-29", "12/01/2020", "yesterday"])
      expect(dayRead(text)).toBeNull();
  });
});

describe("a window in words", () => {
  it("names one day once, and the midnight at its end as 24:00", () => {
    expect(spanText("2020-12-31T00:00:00+08:00", "2021-01-01T00:00:00+08:00")).toBe("2020-12-31");
    expect(spanText("2020-12-25T00:00", "2021-01-01T00:00")).toBe("2020-12-25 – 2020-12-31");
    expect(spanText("2020-12-31T14:00", "2020-12-31T15:00")).toBe("2020-12-31 14:00–15:00");
    expect(spanText(found.from, found.to)).toBe("2020-12-31 21:00–24:00");
    expect(spanText("2020-02-29T18:00", "2020-03-01T06:00")).toBe("2020-02-29 18:00 – 2020-03-01 06:00");
  });

  it("tells a step, the steps up to it, or all", () => {
    expect(stepSpan(found, 2)).toBe("2020-12-31 23:00–24:00");
    expect(frameText(found, 1, false, zh)).toBe("2020-12-31 22:00–23:00");
    expect(frameText(found, 1, true, zh)).toBe("2020-12-31 21:00–23:00（累计）");
    expect(frameText(found, 1, true, en)).toBe("2020-12-31 21:00–23:00 (cumulative)");
    expect(frameText(found, null, true, en)).toBe("2020-12-31 21:00–24:00");
  });

  it("begins a first step that the window cuts where the window begins", () => {
    const cut = {
      ...found,
      step: "day",
      steps: [{ start: "2020-12-31T00:00", n: 6, cumulative: 6 }],
    } as const;
    expect(stepSpan(cut, 0)).toBe("2020-12-31 21:00–24:00");
  });

  it("finds the highest step and the busiest hour of the week", () => {
    expect(peak(found)).toBe(1);
    expect(peak({ ...found, steps: [{ start: "", n: 0, cumulative: 0 }] })).toBeNull();
    expect(busiest(found.profile)).toEqual({ day: 0, hour: 2, n: 4 });
    expect(busiest([[0], [0]])).toBeNull();
  });
});

describe("what the clock shows", () => {
  it("adds up a step, the steps up to it, or all", () => {
    expect(sumsAt(found.bins, 2, 0, false)).toEqual([1, 0]);
    expect(sumsAt(found.bins, 2, 1, true)).toEqual([1, 3]);
    expect(sumsAt(found.bins, 2, null, false)).toEqual([3, 3]);
  });

  it("has cells that can be seen, coarser the further away", () => {
    expect([8, 11.25, 12.5, 14, 18].map((zoom) => resolutionAt(zoom, 31.8))).toEqual([6, 8, 8, 10, 10]);
  });

  it("has classes of colour that rise, each number in one of them", () => {
    expect(breaksFor(1)).toEqual([1]);
    expect(breaksFor(3)).toEqual([1, 2]);
    expect(breaksFor(24)).toEqual([1, 3, 6, 12]);
    expect([1, 2, 3, 11, 12, 99].map((n) => countClass(n, breaksFor(24)))).toEqual([0, 0, 1, 2, 3, 3]);
    expect(countClass(0, [1, 3])).toBe(-1);
    expect(countColour(0, 1, "dark")).toBe(countColour(3, 4, "dark"));
  });
});
