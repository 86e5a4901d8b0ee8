import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  SIGNAL_CLASSES,
  TECHNOLOGIES,
  radioAddress,
  type Obstacle,
  type RadioSector,
} from "../src/data/radio";
import { budgetLines } from "../src/state/signal";
import { readUrl } from "../src/state/url";
import { decibels } from "../src/words/results";
import { cellLevel, inTheWay, levelWord } from "../src/words/signal";
import { en } from "../src/words/en";
import { zh } from "../src/words/zh";

const level = (low: number, high: number) => fc.double({ min: low, max: high, noNaN: true });

const sector: fc.Arbitrary<RadioSector> = fc
  .record({
    element_dbm: level(0, 40),
    gain_dbi: level(-30, 25),
    peak_dbi: level(0, 25),
    loss_db: level(60, 180),
    free_space_db: level(40, 140),
    terrain_db: fc.oneof(fc.constant(0), level(0.1, 60)),
  })
  .map((one) => ({
    ...one,
    id: 1,
    code: null,
    model: "uma",
    distance_m: 100,
    off_axis_deg: null,
    below_horizon_deg: 3,
    chance: 1,
    in_the_way: [],
    line_of_sight: true,
    level_dbm: one.element_dbm + one.gain_dbi - one.loss_db - one.terrain_db,
  }));

describe("the link budget", () => {
  it("adds up line by line to the level of the sector", () => {
    fc.assert(
      fc.property(sector, (one) => {
        const lines = budgetLines(one);
        const sum = lines.slice(0, -1).reduce((total, line) => total + line.value, 0);
        expect(sum).toBeCloseTo(one.level_dbm, 6);
        expect(lines.at(-1)).toEqual({ name: "level", value: one.level_dbm, sum: true });
      }),
    );
  });

  it("has a line for hills only where there are some", () => {
    fc.assert(
      fc.property(sector, (one) => {
        const named = budgetLines(one).some((line) => line.name === "terrain");
        expect(named).toBe(one.terrain_db > 0);
      }),
    );
  });
});

describe("what stands in the way", () => {
  it("is what the service tells, and clear only where it says that nothing is", () => {
    const blocked_by = { id: 7, code: null, over_m: 3, distance_m: 40 };
    const ways = fc.subarray<Obstacle>(["building", "hill"]);
    fc.assert(
      fc.property(sector, ways, fc.constantFrom(true, null), (one, in_the_way, open) => {
        const line_of_sight = in_the_way.length > 0 ? false : open;
        const house = in_the_way.includes("building") ? { blocked_by } : {};
        const told = inTheWay({ ...one, in_the_way, line_of_sight, ...house });
        expect(told.includes(zh.signal.clear)).toBe(line_of_sight === true);
        expect(told).toHaveLength(line_of_sight ? 1 : in_the_way.length);
        expect(told.some((text) => text.startsWith("山体"))).toBe(in_the_way.includes("hill"));
      }),
    );
  });
});

describe("the words of a signal", () => {
  it("has a name for every class, technology and line in both languages", () => {
    for (const book of [zh.signal, en.signal]) {
      for (const name of SIGNAL_CLASSES) expect(book.classes[name]).toBeTruthy();
      for (const name of TECHNOLOGIES) expect(book.technologies[name]).toBeTruthy();
    }
  });

  it("writes decibels with a minus that does not break, and lengths as people say them", () => {
    expect([decibels(-92.44), decibels(3), decibels(3, 1, true), decibels(-0.01)]).toEqual([
      "−92.4",
      "3.0",
      "+3.0",
      "0.0",
    ]);
  });
});

describe("the word for a level", () => {
  it("tells hardly any signal from none at all", () => {
    expect(levelWord("none", -121, -140)).toBe(zh.signal.faint);
    expect(levelWord("none", -121, -120)).toBe(zh.signal.classes.none);
    for (const nothing of [null, -140]) expect(levelWord("none", nothing, -140)).toBe(zh.signal.classes.none);
    expect(levelWord("good", -90, -140)).toBe(zh.signal.classes.good);
  });
});

describe("what is asked of the service", () => {
  it("names the run whose prediction is shown, and none where the map shows none", () => {
    const place = { lat: 31.8, lng: 115.9, technology: "5g" } as const;
    expect(radioAddress({ ...place, run: 12 })).toBe(
      "/explain/radio?lon=115.900000&lat=31.800000&technology=5g&run=12",
    );
    expect(radioAddress({ ...place, run: null })).not.toContain("run");
  });
});

describe("a place in the address", () => {
  it("is left out where it is no place or asks for no known technology", () => {
    for (const text of ["91,115,5g", "31.8,115.9", "31.8,115.9,6g", "31.8,115.9,5g,1", "a,b,5g"])
      expect(readUrl(`?sig=${text}`).signal).toBeNull();
    expect(readUrl("?sig=31.8,115.9,4g").signal).toEqual({ lat: 31.8, lng: 115.9, technology: "4g" });
  });
});

describe("the level of a cell", () => {
  it("is told as a bound where it is the least that is told", () => {
    expect([cellLevel(-140, -140), cellLevel(-108.82, -140)]).toEqual(["≤ −140.0", "−108.8"]);
  });
});
