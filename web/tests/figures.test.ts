import { describe, expect, it } from "vitest";

import { part, told } from "../src/words/figures";
import { lengthText } from "../src/words/lengths";
// Reports and sentences of the service read alike: tests of api/report/amounts.py and api/lengths.py have this table too.
import table from "./figures.json";

describe("a value of an indicator", () => {
  it.each(table.told)(
    "$value with $decimals decimals of $unit reads $reads: a share is never rounded to all or to nothing",
    ({ value, decimals, unit, reads }) => {
      expect(told(value, decimals, unit, "zh")).toBe(reads);
      expect(told(value, decimals, unit, "en")).toBe(reads);
    },
  );
});

describe("a part of a figure", () => {
  it.each(table.part)("$value reads as people or counts ($whole) as $reads", ({ value, whole, reads }) => {
    expect(part(value, { whole }, "zh")).toBe(reads);
  });
});

describe("a length", () => {
  it.each(table.lengths)("$metres metres read as $zh and $en", ({ metres, zh, en }) => {
    expect([lengthText(metres, "zh"), lengthText(metres, "en")]).toEqual([zh, en]);
  });
});
