import { describe, expect, it } from "vitest";

import type { ResultLayer } from "../src/data/results";
import { paintResult, type ResultPart } from "../src/map/paintResult";
import type { Easel } from "../src/map/paint";

/** A pen that writes down what it draws: how much was traced, and in which colour. */
function recorder() {
  const drawn: { act: "fill" | "stroke"; colour: string; moves: number; lines: number; closed: number }[] =
    [];
  let path = { moves: 0, lines: 0, closed: 0 };
  const pen = {
    fillStyle: "",
    strokeStyle: "",
    beginPath: () => (path = { moves: 0, lines: 0, closed: 0 }),
    moveTo: () => path.moves++,
    lineTo: () => path.lines++,
    closePath: () => path.closed++,
    fill: () => path.moves > 0 && drawn.push({ act: "fill", colour: pen.fillStyle, ...path }),
    stroke: () => path.moves > 0 && drawn.push({ act: "stroke", colour: pen.strokeStyle, ...path }),
    setTransform: () => undefined,
  };
  return { pen: pen as unknown as CanvasRenderingContext2D, drawn };
}

const layer = {
  style: {
    by: "v",
    ramp: { dark: ["#a"], light: ["#a"] },
    levels: [{ resolution: null, min_zoom: 0, zoom: { min: 0, max: 22 }, breaks: [], cells: 1 }],
    classes: [{ zh: "甲", en: "one" }],
    zero_title: { zh: "无", en: "none" },
  },
} as unknown as ResultLayer;

function part(kind: number, coordinates: number[]): ResultPart {
  return {
    layer,
    features: {
      count: 1,
      ids: Float64Array.of(1),
      kinds: Uint8Array.of(kind),
      rings: Uint32Array.of(0, 1),
      vertices: Uint32Array.of(0, coordinates.length / 2),
      coordinates: Int16Array.from(coordinates),
      properties: [{ v: 1 }],
    },
    placement: { key: { z: 12, x: 0, y: 0 }, scale: 1, x: 0, y: 0 },
  } as unknown as ResultPart;
}

function painted(kind: number, coordinates: number[]) {
  const { pen, drawn } = recorder();
  const easel = { pen, theme: "light", pixel: 1, scale: 1, zoom: 14 } as unknown as Easel;
  paintResult(easel, part(kind, coordinates), { z: 12, x: 0, y: 0 });
  return drawn.filter(({ colour }) => colour === "#a");
}

describe("a result in a tile", () => {
  it("fills an area with the colour of its class", () => {
    expect(painted(3, [0, 0, 9, 0, 9, 9])).toEqual([
      { act: "fill", colour: "#a", moves: 1, lines: 2, closed: 1 },
    ]);
  });

  it("draws a line as a line, open and never filled", () => {
    expect(painted(2, [0, 0, 9, 0, 9, 9])).toEqual([
      { act: "stroke", colour: "#a", moves: 1, lines: 2, closed: 0 },
    ]);
  });

  it("draws a point as a dot", () => {
    expect(painted(1, [5, 5])).toEqual([{ act: "stroke", colour: "#a", moves: 1, lines: 1, closed: 0 }]);
  });
});
