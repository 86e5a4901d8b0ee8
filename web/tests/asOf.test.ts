import { describe, expect, it } from "vitest";

import { waitBefore } from "../src/data/client";
import { nameOn, tileAddress } from "../src/map/TileSource";
import { standing } from "../src/state/asOf";

const record = { recorded_from: "2026-11-29", stated_from: "1987-05-01", features: 10, dated: 10 };

describe("tiles of an earlier day", () => {
  it("are asked for with the day, layers together", () => {
    const names = ["roads", "poles"].map((layer) => nameOn(layer, "2020-06-30"));
    const address = "/tiles/roads,poles/9/420/208.mvt";
    expect(tileAddress(names, { z: 9, x: 420, y: 208 })).toBe(`${address}?as_of=2020-06-30`);
  });

  it("are those of the layer itself at present", () => expect(nameOn("roads", null)).toBe("roads"));
});

describe("what a layer of an earlier day is worth", () => {
  it.each([
    ["known", record, "2020-06-30"],
    ["as-loaded", { ...record, dated: 0 }, "2020-06-30"],
    ["partly-dated", { ...record, dated: 9 }, "2020-06-30"],
    ["known", { ...record, dated: 0 }, "2026-11-29"],
    ["known", { ...record, features: 0, dated: 0 }, "2020-06-30"],
    ["known", undefined, "2020-06-30"],
  ] as const)("is %s", (expected, one, day) => expect(standing(one, day)).toBe(expected));
});

describe("a busy service", () => {
  const answer = (status: number, after?: string) =>
    waitBefore({ status, headers: new Headers(after === undefined ? {} : { "Retry-After": after }) });

  it("is asked again after the time that it names, and not after hours", () => {
    expect(answer(503, "2")).toBe(2000);
    expect(answer(429, "0")).toBe(0);
    expect(answer(503, "86400")).toBe(10_000);
  });

  it.each([
    [503, undefined],
    [503, "Sun, 29 Nov 2026 00:00:00 GMT"],
    [404, "2"],
    [500, "2"],
  ] as const)("is not asked again after %s with %s", (status, after) =>
    expect(answer(status, after)).toBeNull(),
  );
});
