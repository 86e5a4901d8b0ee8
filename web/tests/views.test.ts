import { describe, expect, it } from "vitest";

import type { ResultLayer } from "../src/data/results";
import type { Amount, Target, ViewOfRegion } from "../src/data/views";
import { marked, readPath, resultOfView, writePath } from "../src/state/views";
import { decimal, filled, gaugeEnd, planned, quotient } from "../src/words/figures";

const figure = { missing_share: null, reason: null };

describe("the address of a view", () => {
  it.each([
    ["/wall/video/341504", { name: "video", region: "341504" }],
    ["/wall/video", { name: "video", region: null }],
    ["/wall/video/341504001001G01/", { name: "video", region: "341504001001G01" }],
  ])("%s names it", (path, expected) => {
    expect(readPath(path)).toEqual(expected);
    expect(readPath(writePath(expected))).toEqual(expected);
  });

  it.each([
    "/",
    "/wall",
    "/wall/",
    "/desk/video/341504",
    "/wall/Video/1",
    "/wall/video/341504/more",
    "/wall/x/é",
  ])("%s names none", (path) => expect(readPath(path)).toBeNull());
});

describe("the result that a view shows", () => {
  const result = (name: string, subject: string, region: string | null) =>
    ({ name, subject, region }) as unknown as ResultLayer;
  const [town, whole, other, spots] = [
    result("radio_coverage", "5g", "341504001"),
    result("radio_coverage", "5g", null),
    result("radio_coverage", "4g", null),
    result("camera_blind_spots", "", null),
  ] as const;

  it("is that of its subject, of the whole city before a part", () => {
    const all = [town, whole, other, spots];
    expect(resultOfView("radio_coverage.5g", all)).toBe(whole);
    expect(resultOfView("radio_coverage.5g", [town, other])).toBe(town);
    expect(resultOfView("camera_blind_spots", all)).toBe(spots);
  });

  it("is never one of another subject", () => {
    expect(resultOfView("radio_coverage.5g", [other, spots])).toBeUndefined();
    expect(resultOfView("radio_coverage", [other, whole])).toBeUndefined();
  });
});

describe("figures that could not be renewed", () => {
  const told = { stale_since: null, stale_reason: null } as unknown as ViewOfRegion;

  it("say since when, and keep an earlier moment that they had", () => {
    const [first, second] = [Date.UTC(2020, 11, 31, 4, 3), Date.UTC(2020, 11, 31, 5, 0)];
    const one = marked(told, first);
    expect(one).toMatchObject({ stale_since: "2020-12-31T04:03:00.000Z", stale_reason: "not-answered" });
    expect(marked(one, second).stale_since).toBe(one.stale_since);
  });
});

describe("figures in words", () => {
  it("have the decimals of their indicator and no more", () => {
    expect(decimal(97, 1, "zh")).toBe("97");
    expect(decimal(98.869, 1, "en")).toBe("98.9");
    expect(decimal(230000, 0, "en")).toBe("230,000");
  });

  it("tell the parts of a quotient, and nothing of what is none", () => {
    const counts = { whole: true } as Amount;
    const parts = { numerator: counts, denominator: counts };
    expect(quotient({ ...figure, value: 97, numerator: 2231, denominator: 2300 }, parts, "en")).toBe(
      "2,231 / 2,300",
    );
    const one = { numerator: counts };
    expect(quotient({ ...figure, value: 5, numerator: 5, denominator: null }, one, "en")).toBe("");
  });

  it("write a target as the plan compares", () => {
    const target = { comparison: "above", value: 90, unit: { zh: "%", en: "%" } } as Target;
    expect(planned(target, "zh")).toBe("> 90%");
    expect(planned({ ...target, comparison: "at_least", value: 280, unit: null }, "zh")).toBe("≥ 280");
  });

  it("fill a gauge from nothing to its end, and never beyond", () => {
    expect(gaugeEnd("%", [32, 90])).toBe(100);
    expect(gaugeEnd("sites", [144, null, 280])).toBe(280);
    expect([filled(null, 100), filled(-3, 100), filled(50, 100), filled(120, 100), filled(1, 0)]).toEqual([
      0, 0, 0.5, 1, 0,
    ]);
  });
});
