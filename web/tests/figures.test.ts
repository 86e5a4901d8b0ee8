import { describe, expect, it } from "vitest";

import { part, told } from "../src/words/figures";

describe("a value of an indicator", () => {
  it.each([
    [100, 1, "%", "100"],
    [99.997, 1, "%", "99.9"],
    [99.6, 0, "%", "99.6"],
    [97, 1, "%", "97.0"],
    [0, 1, "%", "0"],
    [0.004, 1, "%", "< 0.1"],
    [0.4, 0, "%", "0.4"],
    [104.2, 0, "%", "104"],
    [99.997, 1, undefined, "100.0"],
    [12345.6, 0, "人", "12,346"],
  ])(
    "%s with %s decimals of %s reads %s: a share is never rounded to all or to nothing",
    (value, decimals, unit, text) => {
      expect(told(value, decimals, unit, "zh")).toBe(text);
    },
  );
});

describe("a part of a figure", () => {
  it.each([
    [9.8, true, "10"],
    [0.2, true, "< 1"],
    [0, true, "0"],
    [9.84, false, "9.8"],
    [1059.6, false, "1,060"],
  ])("%s reads as people or counts (%s) as %s", (value, whole, text) => {
    expect(part(value, { whole }, "zh")).toBe(text);
  });
});
