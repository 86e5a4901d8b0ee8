import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { STEPS } from "../src/data/counts";
import { TECHNOLOGIES } from "../src/data/radio";
import { readUrl, type ResultRef, type UrlState, writeReference, writeUrl } from "../src/state/url";

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/);
const rounded = (low: number, high: number, decimals: number) =>
  fc.double({ min: low, max: high, noNaN: true }).map((value) => Number(value.toFixed(decimals)) + 0);

const subject = fc
  .array(fc.stringMatching(/^[0-9A-Za-z_~-]{1,20}$/), { maxLength: 4 })
  .map((parts) => parts.join("."));
const reference: fc.Arbitrary<ResultRef> = fc.oneof(
  fc.record({
    kind: name,
    subject,
    region: fc.option(fc.stringMatching(/^[0-9A-Za-z]{1,15}$/)),
    run: fc.constant(null),
  }),
  fc.record({ kind: name, subject: fc.constant(""), region: fc.constant(null), run: fc.nat() }),
);

const state: fc.Arbitrary<UrlState> = fc.record({
  view: fc.option(
    fc.record({ lat: rounded(-85, 85, 5), lng: rounded(-180, 180, 5), zoom: rounded(0, 24, 2) }),
  ),
  layers: fc.option(fc.uniqueArray(name, { maxLength: 8 })),
  rasters: fc.uniqueArray(name, { maxLength: 3 }),
  selection: fc.option(fc.record({ layer: name, id: fc.nat() })),
  results: fc.uniqueArray(reference, { maxLength: 4, selector: writeReference }),
  picture: fc.option(name),
  cell: fc.option(fc.record({ run: fc.nat(), cell: fc.stringMatching(/^8[0-9a-f]{14}$/) })),
  table: fc.option(fc.nat()),
  signal: fc.option(
    fc.record({
      lat: rounded(-85, 85, 5),
      lng: rounded(-180, 180, 5),
      technology: fc.constantFrom(...TECHNOLOGIES),
    }),
  ),
  around: fc.option(fc.record({ lat: rounded(-85, 85, 5), lng: rounded(-180, 180, 5) })),
  time: fc.option(
    fc.record({
      window: fc.constantFrom("1h", "6h", "24h", "7d", "2020-12-01/2020-12-31"),
      step: fc.option(fc.constantFrom(...STEPS)),
      cumulative: fc.boolean(),
    }),
  ),
  day: fc.option(fc.constantFrom("2020-06-30", "1999-01-01")),
  panel: fc.option(fc.constantFrom("list" as const, "analysis" as const, "hotspots" as const)),
  language: fc.option(fc.constantFrom("zh" as const, "en" as const)),
  theme: fc.option(fc.constantFrom("light" as const, "dark" as const)),
});

describe("the view in the address", () => {
  it("comes back as it was written", () => {
    fc.assert(
      fc.property(state, (one) => {
        expect(readUrl(writeUrl(one))).toEqual(one);
      }),
    );
  });

  it("ignores keys that it does not know", () => {
    expect(readUrl("?c=31.85,115.9&z=15&utm=1&t=now")).toEqual(readUrl("?c=31.85,115.9&z=15"));
  });

  it("tells no layers apart from no choice of layers", () => {
    expect(readUrl("?l=").layers).toEqual([]);
    expect(readUrl("").layers).toBeNull();
  });

  it.each([
    "?c=91,115&z=3",
    "?c=31.8&z=3",
    "?c=31.8,115.9",
    "?c=31.8,115.9,1&z=3",
    "?c=a,b&z=3",
    "?c=31.8,115.9&z=99",
    "?sel=cameras",
    "?sel=cameras:",
    "?sel=cameras:1:2",
    "?sel=Cameras:1",
    "?sel=cameras:-1",
    "?sel=cameras:1;drop",
    "?lang=fr",
    "?theme=blue",
    "?c=1e3,2&z=1",
    "?r=Density",
    "?r=density@",
    "?r=density:12:13",
    "?r=density@34;drop",
    "?r=density.",
    "?r=density..incidents",
    "?r=density.inci dents",
    "?r=density.incidents:12",
    "?r=density.a.b.c.d.e",
    "?cell=12",
    "?cell=12:8840a8c8adfffff:1",
    "?cell=12:nothing",
    "?cell=x:8840a8c8adfffff",
    "?table=-1",
    "?table=1e3",
    "?around=31.8",
    "?around=31.8,115.9,2000",
    "?t=2h",
    "?t=2020-12-01",
    "?p=layers",
    "?g=../x",
  ])("leaves %s at its default", (query) => {
    const empty = {
      view: null,
      layers: null,
      rasters: [],
      selection: null,
      results: [],
      picture: null,
      cell: null,
      table: null,
      signal: null,
      around: null,
      time: null,
      day: null,
      panel: null,
      language: null,
      theme: null,
    };
    expect(readUrl(query)).toEqual(empty);
  });

  it("drops names of layers that cannot be one", () => {
    expect(readUrl("?l=roads,../etc,roads,Water,a'b").layers).toEqual(["roads"]);
  });
});
