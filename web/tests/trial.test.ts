import { describe, expect, it } from "vitest";

import { trialQuery } from "../src/state/trial";
import { areaText, trialWords } from "../src/words/trial";

const STANDING = {
  id: 7,
  name: "一号",
  place: null,
  azimuth_deg: 0,
  tilt_deg: null,
  height_m: 6.5,
  best: false,
};

describe("a camera that is tried", () => {
  it("leaves out what nobody knows, and zero is a direction", () => {
    expect(String(trialQuery(STANDING, "detect"))).toBe("task=detect&id=7&azimuth_deg=0&height_m=6.5");
  });

  it("asks at a place, and for the best direction", () => {
    const asked = trialQuery(
      { ...STANDING, id: null, place: { lng: 115.9, lat: 31.85 }, best: true },
      "observe",
    );
    expect(Object.fromEntries(asked)).toEqual({
      task: "observe",
      lon: "115.9000000",
      lat: "31.8500000",
      azimuth_deg: "0",
      height_m: "6.5",
      best: "1",
    });
  });

  it("counts cells that are seen better or worse, and not those that stay", () => {
    const cell = (before: number, after: number) => ({
      cell: "",
      before,
      after,
      geometry: { type: "Point" as const, coordinates: [] },
    });
    expect(trialWords({ cells: [cell(0, 1), cell(0.5, 0.2), cell(0.3, 0.301), cell(0, 0.4)] })).toEqual({
      better: 2,
      worse: 1,
    });
    expect(areaText(1260.4, "zh")).toBe("1,260 平方米");
  });
});
