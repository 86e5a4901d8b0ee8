import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { SiteCurve, SiteProof, SiteYear } from "../src/data/siting";
import { bendOf, drawBars, gainsOfCurve, roundTicks } from "../src/desk/siting/gainBars";
import { paretoDrawing } from "../src/desk/siting/pareto";
import { en } from "../src/words/en";
import { boundedGain, gainText, proofText, siteAnswer } from "../src/words/siting";
import { zh } from "../src/words/zh";

const FRAME = { left: 50, right: 350, top: 10, bottom: 110 };
const curve = (covered: readonly number[], elbow: number): SiteCurve => ({
  what: "curve",
  unit: "people",
  elbow,
  covered,
  cost: covered.map(() => 12),
});
const proof = (own: Partial<SiteProof>): SiteProof => ({
  what: "proof",
  method: "greedy",
  bound_method: "lagrangian",
  covered: 3436.2,
  already: 99_522.5,
  total: 106_527,
  bound: 9855.5,
  gap: 0.0874,
  proven: false,
  seconds: 1.59,
  unit: "people",
  ...own,
});
const gains = fc.array(fc.double({ min: 0.01, max: 1000, noNaN: true }), { minLength: 1, maxLength: 60 });
/** What greedy plans give: each site adds no more than the one before. */
const plan = fc.record({ gains, already: fc.double({ min: 0, max: 1e6, noNaN: true }) }).map((one) => {
  let sum = one.already;
  return {
    already: one.already,
    covered: [...one.gains].sort((a, b) => b - a).map((gain) => (sum += gain)),
  };
});

describe("what each site of a plan adds", () => {
  it("stands as bars from the first site to the last, pale after the elbow", () => {
    const drawing = drawBars(curve([160, 180, 200], 1), 100, FRAME);
    expect(drawing.bars.map(({ y, height, before }) => [y, height, before])).toEqual([
      [10, 100, true],
      [110 - 100 / 3, 100 / 3, false],
      [110 - 100 / 3, 100 / 3, false],
    ]);
    expect(drawing.elbow).toBe(150);
    expect(drawing.ticks.map(({ value, y }) => [value, y])).toEqual([
      [0, 110],
      [20, 110 - 100 / 3],
      [40, 110 - 200 / 3],
      [60, 10],
    ]);
  });

  it("is of one colour where it does not bend, and flat where nothing is gained", () => {
    const straight = drawBars(curve([110, 120], 0), 100, FRAME);
    expect([straight.bars.every(({ before }) => before), straight.elbow]).toEqual([true, null]);
    expect(drawBars(curve([100, 100], 0), 100, FRAME).bars.map(({ height }) => height)).toEqual([0, 0]);
    expect(drawBars(curve([], 0), 0, FRAME).bars).toEqual([]);
  });

  it("stays within its frame, and all bars together are what the plan gains", () => {
    fc.assert(
      fc.property(plan, fc.nat(60), ({ already, covered }, elbow) => {
        const { bars } = drawBars(curve(covered, elbow), already, FRAME);
        expect(bars).toHaveLength(covered.length);
        for (const { x, y, width, height } of bars) {
          expect(x).toBeGreaterThanOrEqual(FRAME.left - 1e-9);
          expect(x + width).toBeLessThanOrEqual(FRAME.right + 1e-9);
          expect(y).toBeGreaterThanOrEqual(FRAME.top - 1e-9);
          expect(y + height).toBeCloseTo(FRAME.bottom, 9);
        }
        const gains = gainsOfCurve(curve(covered, elbow), already);
        const sum = gains.reduce((total, one) => total + one, 0);
        expect(sum).toBeCloseTo((covered.at(-1) ?? already) - already, 5);
      }),
    );
  });

  it("has two to six round ticks within its range", () => {
    const range = fc.tuple(
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.double({ min: 0.01, max: 1e6, noNaN: true }),
    );
    fc.assert(
      fc.property(range, ([low, width]) => {
        const high = low + width;
        const ticks = roundTicks(low, high);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(6);
        for (const one of ticks) {
          expect(one).toBeGreaterThanOrEqual(low - width * 1e-6);
          expect(one).toBeLessThanOrEqual(high + width * 1e-6);
        }
      }),
    );
    expect(roundTicks(5, 5)).toEqual([]);
    expect(roundTicks(0, 2.02)).toEqual([0, 1, 2]);
  });

  it("tells the last site before the elbow, the first after it, and how much less that is", () => {
    const bend = bendOf(curve([1260, 2143, 3000], 1), 0);
    expect(bend).toEqual({ sites: 1, gain: 1260, next: 883, less: 1 - 883 / 1260 });
    expect(bendOf(curve([1, 2], 0), 0)).toBeNull();
    expect(bendOf(curve([1, 2], 2), 0)).toBeNull();
  });
});

describe("cost against what is reached", () => {
  const side = (cost: number | null, reached: number | null, dominated = false) => ({
    cost,
    reached,
    dominated,
  });

  it("joins the sides that no other beats, by cost, and leaves out those without a run", () => {
    const found = [side(0, 100), side(50, 180), side(60, 150, true), side(null, null), side(100, 200)];
    const { points, front } = paretoDrawing(found, FRAME);
    expect(points.map(({ place, x }) => [place, x])).toEqual([
      [0, 50],
      [1, 200],
      [2, 230],
      [4, 350],
    ]);
    expect(front.match(/[ML]/g)).toEqual(["M", "L", "L"]);
    expect(paretoDrawing([side(0, 5)], FRAME).points[0]).toMatchObject({ x: 200, y: 60 });
  });
});

describe("a plan in words", () => {
  it("tells people by the prediction of the whole network, not by sites added up", () => {
    const told = siteAnswer(15, proof({}), { people_expected_after: 100_350 }, false, zh, "zh");
    expect(told.title).toBe("补 15 站，覆盖居民从 93.4% 升到 94.2%");
    expect(told.lines).toEqual([
      "99,523 → 100,350 / 106,527 人（全网预测，计入干扰）",
      "各站单独预测相加 102,959 人（96.7%），未计互相干扰",
    ]);
    const facts = {
      people_expected_after: 100_350,
      people_covered_before: 91_000,
      people_covered_after: 101_000,
    };
    const both = siteAnswer(15, proof({}), facts, false, zh, "zh");
    expect(both.lines).toHaveLength(told.lines.length + 1);
    expect(both.lines[1]).toContain("91,000 → 101,000");
    expect(siteAnswer(15, proof({}), {}, true, zh, "zh")).toEqual({
      title: "补 15 站，室内覆盖居民从 93.4% 升到 96.7%",
      lines: ["99,523 → 102,959 / 106,527 人"],
    });
  });

  it("tells cameras by blind cells and by their part of the exposure", () => {
    const seen = proof({ unit: "%", covered: 2.0203, already: 0, total: 30.804 });
    const facts = { blind_cells: 32_423, blind_cells_closed: 182 };
    expect(siteAnswer(10, seen, facts, false, en, "en")).toEqual({
      title: "10 more cameras close 2.02% of the exposure of blind spots",
      lines: ["182 of 32,423 blind cells are seen", "All candidates together would close 30.8%"],
    });
    expect(siteAnswer(10, seen, facts, false, zh, "zh").lines[0]).toBe("盲区 182 / 32,423 格看得见了");
  });

  it("tells shared poles by what all their uses bring together", () => {
    const met = proof({ unit: "%", covered: 21.5, already: 0, total: 80 });
    const facts = {
      people_without_5g: 9_000,
      people_won: 2_100,
      exposure_closed_percent: 4.2,
      sensors_without_carrier: 40,
      sensors_hung: 12,
    };
    expect(siteAnswer(100, met, facts, false, zh, "zh")).toEqual({
      title: "补 100 根共享杆，满足待补需求的 21.5%",
      lines: [
        "5G 新覆盖 2,100 / 9,000 人，消除盲区暴露 4.2%，传感器挂杆 12 / 40",
        "候选杆全部采用，最多满足 80%",
      ],
    });
  });

  it("says how far from the best a plan can be, or that none is better", () => {
    expect(proofText(proof({}), zh)).toBe("距最优不超过 8.74%（拉格朗日松弛证明）");
    expect(proofText(proof({ proven: true, bound_method: "highs" }), en)).toBe(
      "No better plan exists, proven by HiGHS",
    );
  });

  it("holds the bound against the sum over the years that it is of", () => {
    const year = (covered: number): SiteYear => ({ what: "year", year: 2021, sites: 1, cost: 1, covered });
    const years = [101_921.374, 102_681.889, 102_958.74].map(year);
    const several = proof({ already: 99_522.4955, bound: 9855.5059, gap: 0.08736 });
    expect(boundedGain(several, years.slice(0, 1))).toBe(several.covered);
    const gained = boundedGain(several, years);
    expect((several.bound - gained) / several.bound).toBeCloseTo(several.gap, 4);
  });

  it("gives gains their unit", () => {
    expect(gainText(1260.4, "people", zh, "zh")).toBe("1,260 人");
    expect(gainText(0.1971, "%", en, "en")).toBe("0.2%");
    expect(gainText(2.0203, "%", zh, "zh")).toBe("2.02%");
  });
});
