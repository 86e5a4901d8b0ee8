import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { besideCorner } from "../src/map/room";

const size = (low: number, high: number) =>
  fc.record({ width: fc.integer({ min: low, max: high }), height: fc.integer({ min: low, max: high }) });

describe("a box beside the legend", () => {
  it("lies clear of the corner and within the map, however it is shaped", () => {
    fc.assert(
      fc.property(
        size(500, 1500),
        size(50, 400),
        size(1, 1000),
        fc.integer({ min: 1, max: 50 }),
        (map, corner, box, most) => {
          const edge = 24;
          const { right, lower } = besideCorner(map, corner, box, most, edge);
          const room = { width: map.width - edge - right, height: map.height - edge - lower };
          const scale = Math.min(room.width / box.width, room.height / box.height, most);
          // As Leaflet does: the box in the middle of what is left.
          const east = edge + (room.width + box.width * scale) / 2;
          const south = edge + (room.height + box.height * scale) / 2;
          expect(east).toBeLessThanOrEqual(map.width - edge + 1e-6);
          expect(south).toBeLessThanOrEqual(map.height - edge + 1e-6);
          const over = 1e-6;
          expect(east > map.width - corner.width + over && south > map.height - corner.height + over).toBe(
            false,
          );
        },
      ),
    );
  });

  it("stays in the middle of the map where the legend is not in its way", () => {
    const map = { width: 1000, height: 800 };
    expect(besideCorner(map, { width: 200, height: 300 }, { width: 10, height: 10 }, 10, 24)).toEqual({
      right: 24,
      lower: 24,
    });
  });
});
