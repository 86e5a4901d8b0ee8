import { describe, expect, it } from "vitest";

import { areaOf, crossing, distance, geometryOf, lengthOf, problemOf } from "../src/map/outline";

const at = (lng: number, lat: number) => ({ lng, lat });

describe("an outline on the ground", () => {
  it("is as long as GeographicLib says, within the flattening of the earth", () => {
    // pyproj 3.7 Geod(ellps="WGS84").inv: 115.9 31.8 to 115.9 31.9 and to 116.0 31.8
    expect(distance(at(115.9, 31.8), at(115.9, 31.9))).toBeCloseTo(11_119.5, -1);
    expect(Math.abs(distance(at(115.9, 31.8), at(115.9, 31.9)) / 11_088.1 - 1)).toBeLessThan(0.004);
    expect(Math.abs(lengthOf([at(115.9, 31.8), at(116, 31.8), at(115.9, 31.8)]) / 18_938 - 1)).toBeLessThan(
      0.004,
    );
  });

  it("is as large as the closed form says, whichever way round it is drawn", () => {
    // The formula takes sides along parallels: one degree by one degree at the equator is R² · rad · sin 1°.
    const square = [at(0, 0), at(1, 0), at(1, 1), at(0, 1)];
    const rad = Math.PI / 180;
    expect(areaOf(square) / (6_371_008.8 ** 2 * rad * Math.sin(rad))).toBeCloseTo(1, 6);
    expect(areaOf([...square].reverse())).toBeCloseTo(areaOf(square), 3);
  });

  it("says which sides cross, and that a neighbour's corner is no crossing", () => {
    expect(crossing([at(0, 0), at(1, 1), at(1, 0), at(0, 1)])).toEqual([1, 3]);
    expect(crossing([at(0, 0), at(1, 0), at(1, 1), at(0, 1)])).toBeNull();
  });

  it("is asked for only where the service would take it", () => {
    expect(problemOf("polygon", [at(0, 0), at(1, 0)], 0)).toEqual({ reason: "corners", least: 3 });
    expect(problemOf("polygon", [at(0, 0), at(1, 1), at(1, 0), at(0, 1)], 0)?.reason).toBe("crosses");
    expect(problemOf("polygon", [at(0, 0), at(1, 0), at(1, 1), at(0, 1)], 0)?.reason).toBe("area");
    expect(problemOf("polygon", [at(0, 0), at(0.1, 0), at(0.1, 0.1)], 0)).toBeNull();
    expect(problemOf("line", [at(0, 0), at(1, 0)], 0)?.reason).toBe("width");
    expect(problemOf("line", [at(0, 0), at(1, 0)], NaN)?.reason).toBe("width");
    expect(problemOf("line", [at(0, 0), at(1, 0)], 200)).toBeNull();
    const many = Array.from({ length: 201 }, (_, n) => at(n / 1000, 0));
    expect(problemOf("line", many, 200)?.reason).toBe("many");
  });

  it("is a closed ring as a polygon and open as a line", () => {
    const corners = [at(0, 0), at(1, 0), at(1, 1)];
    expect(geometryOf("polygon", corners).coordinates).toEqual([
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 0],
      ],
    ]);
    expect(geometryOf("line", corners).coordinates).toEqual([
      [0, 0],
      [1, 0],
      [1, 1],
    ]);
  });
});
