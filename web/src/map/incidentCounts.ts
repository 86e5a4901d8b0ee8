/** Draws how many incidents each cell has at the present step of the clock. */
import type { ThemeName } from "./styles";

export interface CellCount {
  /** Longitude and latitude in turn. */
  readonly outline: readonly number[];
  readonly n: number;
}

export interface CountDrawing {
  readonly cells: readonly CellCount[];
  readonly breaks: readonly number[];
  /** 1, or less where a result below must stay in sight. */
  readonly size: number;
}

/** From few to many: on dark the most is the brightest, on light the darkest. */
export const COUNT_RAMP: Readonly<Record<ThemeName, readonly string[]>> = {
  dark: ["#8A5A2B", "#BF6A1F", "#F59B3C", "#F9DFC3"],
  light: ["#F3C999", "#E08A3C", "#B54708", "#7A1F00"],
};

/** Class of a number: the last break that it reaches. */
export function countClass(n: number, breaks: readonly number[]): number {
  return breaks.filter((least) => n >= least).length - 1;
}

/** Colour of a class; fewer classes take the far end of the ramp. */
export function countColour(place: number, classes: number, theme: ThemeName): string {
  const ramp = COUNT_RAMP[theme];
  return ramp[place + ramp.length - Math.min(classes, ramp.length)] ?? ramp[0] ?? "";
}

export function paintCounts(
  pen: CanvasRenderingContext2D,
  drawing: CountDrawing,
  theme: ThemeName,
  edge: string,
  project: (place: GeoJSON.Position) => [number, number],
): void {
  const groups = new Map<number, CellCount[]>();
  for (const cell of drawing.cells) {
    const place = countClass(cell.n, drawing.breaks);
    if (place >= 0) groups.set(place, [...(groups.get(place) ?? []), cell]);
  }
  for (const [place, cells] of groups) {
    pen.beginPath();
    for (const { outline } of cells) trace(pen, outline, drawing.size, project);
    pen.globalAlpha = 0.82;
    pen.fillStyle = countColour(place, drawing.breaks.length, theme);
    pen.fill();
    pen.globalAlpha = 1;
    pen.strokeStyle = edge;
    pen.lineWidth = 1;
    pen.stroke();
  }
}

function trace(
  pen: CanvasRenderingContext2D,
  outline: readonly number[],
  size: number,
  project: (place: GeoJSON.Position) => [number, number],
): void {
  const corners: [number, number][] = [];
  for (let at = 0; at + 1 < outline.length; at += 2)
    corners.push(project([outline[at] ?? 0, outline[at + 1] ?? 0]));
  const [x, y] = [0, 1].map(
    (axis) => corners.reduce((sum, corner) => sum + (corner[axis] ?? 0), 0) / corners.length,
  ) as [number, number];
  corners.forEach((corner, index) => {
    const [left, top] = [x + (corner[0] - x) * size, y + (corner[1] - y) * size];
    if (index === 0) pen.moveTo(left, top);
    else pen.lineTo(left, top);
  });
  pen.closePath();
}
