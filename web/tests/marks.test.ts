import { describe, expect, it } from "vitest";

import type { Cell } from "../src/data/results";
import { groupMark, selectedMark } from "../src/map/marks";
import { cell, cellDocument } from "../src/state/results";

const ring = (west: number): GeoJSON.Position[] => [
  [west, 31],
  [west + 1, 31],
  [west + 1, 32],
  [west, 31],
];
const found: Cell = {
  cell: "8a40b4c56cf7fff",
  resolution: 10,
  run: 8,
  kind: "radio_gaps",
  values: {},
  columns: [],
  area_m2: 12_000,
  geometry: { type: "Polygon", coordinates: [ring(115)] },
  group: {
    code: "8a40b4c0b28ffff",
    cells: 2,
    geometry: { type: "MultiPolygon", coordinates: [[ring(115)], [ring(117)]] },
  },
  regions: [],
};

describe("marks of a selected cell", () => {
  it("are its own outline and that of the whole gap", () => {
    [cell.value, cellDocument.value] = [{ run: 8, cell: found.cell }, found];
    expect(selectedMark()?.geometry).toBe(found.geometry);
    expect(groupMark()?.geometry).toBe(found.group?.geometry);
  });

  it("are none of another cell, of one without a gap, or of nothing", () => {
    [cell.value, cellDocument.value] = [{ run: 8, cell: "8a40b4c56cf7ffe" }, found];
    expect([selectedMark(), groupMark()]).toEqual([null, null]);
    [cell.value, cellDocument.value] = [
      { run: 8, cell: found.cell },
      { ...found, group: null },
    ];
    expect(groupMark()).toBeNull();
    [cell.value, cellDocument.value] = [null, found];
    expect(groupMark()).toBeNull();
  });
});
