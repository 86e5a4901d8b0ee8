import { describe, expect, it } from "vitest";

import { told } from "../src/words/figures";

describe("a value of an indicator", () => {
  it.each([
    [100, 1, "%", "100"],
    [99.997, 1, "%", "99.9"],
    [99.6, 0, "%", "99.6"],
    [97, 1, "%", "97"],
    [0, 1, "%", "0"],
    [0.004, 1, "%", "< 0.1"],
    [0.4, 0, "%", "0.4"],
    [104.2, 0, "%", "104"],
    [99.997, 1, undefined, "100"],
    [12345.6, 0, "人", "12,346"],
  ])(
    "%s with %s decimals of %s reads %s: a share is never rounded to all or to nothing",
    (value, decimals, unit, text) => {
      expect(told(value, decimals, unit, "zh")).toBe(text);
    },
  );
});
