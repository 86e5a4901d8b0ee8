import { describe, expect, it } from "vitest";

import type { DemandCells, PlanCandidate } from "../src/data/siteModel";
import {
  classAt,
  differenceHexagons,
  freeCandidates,
  gainHexagons,
  GAIN,
  GAP,
  gapBreaks,
  gapHexagons,
  LOSS,
} from "../src/map/siteScene";
import { missingOf } from "../src/state/comparing";
import { writtenBy } from "../src/state/scenario";
import { movesText } from "../src/state/siteMoves";
import {
  askOfRun,
  boxOfView,
  parametersOfAsk,
  readSitingPath,
  USUAL,
  writeSitingPath,
} from "../src/state/sitingPage";

const ALL = new Set([
  "device",
  "budget",
  "by_year",
  "money",
  "target_share",
  "candidates",
  "spacing_m",
  "roof_m",
  "indoor",
  "task",
  "seconds",
  "area",
  "district_least",
  "sensitivity",
  "forced",
  "forbidden",
]);

describe("the address of the siting page", () => {
  it("names a scenario or none, and is read as it is written", () => {
    for (const scenario of [null, "B", "东区 二期", "a/b"])
      expect(readSitingPath(writeSitingPath({ scenario }))).toEqual({ scenario });
    expect(readSitingPath("/desk/siting/")).toEqual({ scenario: null });
    expect(readSitingPath("/desk")).toBeNull();
    expect(readSitingPath("/desk/siting/a/b")).toBeNull();
    expect(readSitingPath("/desk/siting/%E4%")).toEqual({ scenario: null });
  });
});

describe("what the steps ask", () => {
  it("is a plan of its own with nothing chosen", () => {
    expect(parametersOfAsk(USUAL, ALL, [], [])).toEqual({
      device: "stations",
      budget: 20,
      indoor: false,
      seconds: 5,
    });
  });

  it("has one budget, what belongs to the device, and what was fixed by hand", () => {
    const one = {
      ...USUAL,
      device: "cameras" as const,
      by: "share" as const,
      share: 90,
      least: 2,
      task: "identify",
    };
    expect(parametersOfAsk(one, ALL, ["P1"], ["P2"])).toEqual({
      device: "cameras",
      task: "identify",
      target_share: 90,
      district_least: { "*": 2 },
      forced: ["P1"],
      forbidden: ["P2"],
      seconds: 5,
    });
    expect(parametersOfAsk(one, new Set(["device", "task"]), ["P1"], [])).toEqual({
      device: "cameras",
      task: "identify",
    });
  });

  it("is read from a plan so that asking again asks the same", () => {
    const asked = {
      ...USUAL,
      by: "years" as const,
      years: "136,70",
      sources: ["towers", "roofs"],
      spacing: 200,
    };
    const sent = parametersOfAsk(asked, ALL, [], []);
    const kept = { ...sent, by_year: [136, 70] };
    expect(askOfRun({ parameters: kept, region: null })).toEqual(asked);
  });

  it("takes the part of the map in view as a closed ring", () => {
    const { coordinates } = boxOfView({ west: 115.123456, south: 31, east: 116, north: 32 });
    expect(coordinates[0]).toHaveLength(5);
    expect(coordinates[0]?.[0]).toEqual([115.12346, 31]);
    expect(coordinates[0]?.at(-1)).toEqual(coordinates[0]?.[0]);
  });
});

const square = (at: number): GeoJSON.Polygon => ({
  type: "Polygon",
  coordinates: [
    [
      [at, 0],
      [at + 1, 0],
      [at + 1, 1],
      [at, 0],
    ],
  ],
});
const cells = (...values: readonly (readonly [missing: number, gained: number])[]): DemandCells => ({
  resolution: 9,
  most: 100,
  features: values.map(([missing, gained], place) => ({
    id: String(place),
    geometry: square(place),
    properties: { missing, gained },
  })),
});

describe("the maps of the siting page", () => {
  it("draw more where more is missing, and nothing where next to nothing is", () => {
    const drawn = gapHexagons(
      cells([0.2, 0], [10, 0], [20, 0], [30, 0], [40, 0], [500, 0]),
      "people",
      "light",
    );
    expect(drawn).toHaveLength(5);
    expect(drawn[0]?.colour).toBe(GAP.light[0]);
    expect(drawn.at(-1)?.colour).toBe("#A63A00");
    expect(drawn[0]?.outline).toEqual([1, 0, 2, 0, 2, 1]);
    expect(gapBreaks([], 1)).toEqual([]);
    expect([0, 5, 6].map((value) => classAt(value, [5]))).toEqual([0, 0, 1]);
  });

  it("draw at the other side only what a plan gains", () => {
    const drawn = gainHexagons(cells([100, 0], [100, 2], [100, 50], [100, 100]), "people", "light");
    expect(drawn.map(({ colour }) => colour === GAIN)).toEqual([false, false, true, true]);
    expect(drawn[3]?.opacity).toBeGreaterThan(drawn[2]?.opacity ?? 1);
  });

  it("draw what one scenario gains and loses against another", () => {
    const found = [0.5, -0.5, 0.001].map((difference, place) => ({
      id: String(place),
      geometry: square(place),
      properties: { before: 0.5, after: 0.5 + difference, difference },
    }));
    const drawn = differenceHexagons({ column: "seen_1", resolution: 10, features: found }, "light");
    expect(drawn.map(({ colour }) => colour)).toEqual([GAIN, LOSS.light]);
  });

  it("take people without signal, or ground unseen, as what is missing", () => {
    const of = (properties: Record<string, number | null>) =>
      missingOf({ resolution: 9, features: [{ id: "a", geometry: square(0), properties }] }).features[0]
        ?.properties.missing;
    expect(of({ people: 30, people_covered: 12 })).toBe(18);
    expect(of({ seen_1: 0.25 })).toBe(0.75);
    expect(of({ seen_1: null })).toBe(1);
  });

  it("offer candidates that can be used and carry nothing yet", () => {
    const one = (reasons: readonly string[], ranks: readonly number[]) =>
      ({ reasons, ranks }) as unknown as PlanCandidate;
    expect(freeCandidates([one([], []), one(["water"], []), one([], [3])])).toEqual([one([], [])]);
  });
});

describe("what is written", () => {
  it("of a scenario are the features that it adds, by layer; the rest is left to do", () => {
    const change = (op: "add" | "move", layer: string) => ({ op, layer, cost: null, year: null });
    const changes = [
      change("add", "cameras"),
      change("add", "sectors"),
      change("add", "cameras"),
      change("move", "cameras"),
    ];
    expect(writtenBy({ changes })).toEqual({
      adds: [
        ["cameras", 2],
        ["sectors", 1],
      ],
      left: 1,
    });
  });

  it("of moves is rank, candidate and setting", () => {
    expect(
      movesText([
        { rank: 2, number: 40, setting: 3 },
        { rank: 9, number: 1, setting: 0 },
      ]),
    ).toBe("2:40:3,9:1:0");
  });
});
