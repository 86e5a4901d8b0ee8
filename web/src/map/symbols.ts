/** Outlines of point symbols; the map and the legend draw the same ones. */
import type { Shape } from "../data/types";

type Pen = Pick<CanvasRenderingContext2D, "moveTo" | "lineTo" | "closePath" | "arc">;

/** Corners on a circle of radius 1, y downwards; areas are near that of the disc of the same radius. */
const CORNERS: Readonly<Partial<Record<Shape, readonly (readonly [number, number])[]>>> = {
  square: [
    [-0.88, -0.88],
    [0.88, -0.88],
    [0.88, 0.88],
    [-0.88, 0.88],
  ],
  triangle: [
    [0, -1.2],
    [1.1, 0.75],
    [-1.1, 0.75],
  ],
  diamond: [
    [0, -1.2],
    [1.2, 0],
    [0, 1.2],
    [-1.2, 0],
  ],
  hexagon: [
    [1.08, 0],
    [0.54, 0.935],
    [-0.54, 0.935],
    [-1.08, 0],
    [-0.54, -0.935],
    [0.54, -0.935],
  ],
  cross: [
    [-0.38, -1.1],
    [0.38, -1.1],
    [0.38, -0.38],
    [1.1, -0.38],
    [1.1, 0.38],
    [0.38, 0.38],
    [0.38, 1.1],
    [-0.38, 1.1],
    [-0.38, 0.38],
    [-1.1, 0.38],
    [-1.1, -0.38],
    [-0.38, -0.38],
  ],
};

/** Add one symbol to the current path. */
export function traceShape(pen: Pen, shape: Shape, x: number, y: number, radius: number): void {
  const corners = CORNERS[shape];
  if (!corners) {
    pen.moveTo(x + radius, y);
    pen.arc(x, y, radius, 0, Math.PI * 2);
    pen.closePath();
    return;
  }
  corners.forEach(([cx, cy], index) => {
    if (index === 0) pen.moveTo(x + cx * radius, y + cy * radius);
    else pen.lineTo(x + cx * radius, y + cy * radius);
  });
  pen.closePath();
}

/** Add a small pointer beside a symbol, towards a bearing in degrees clockwise from north. */
export function tracePointer(pen: Pen, x: number, y: number, radius: number, bearing: number): void {
  const angle = ((bearing - 90) * Math.PI) / 180;
  const tip = radius * 2.3;
  const foot = radius * 1.35;
  const half = 0.48;
  pen.moveTo(x + Math.cos(angle) * tip, y + Math.sin(angle) * tip);
  pen.lineTo(x + Math.cos(angle + half) * foot, y + Math.sin(angle + half) * foot);
  pen.lineTo(x + Math.cos(angle - half) * foot, y + Math.sin(angle - half) * foot);
  pen.closePath();
}

/** SVG path of a shape about the origin, for the legend. */
export function shapePath(shape: Shape, radius: number): string | null {
  const corners = CORNERS[shape];
  if (!corners) return null;
  return `M${corners.map(([x, y]) => `${(x * radius).toFixed(2)} ${(y * radius).toFixed(2)}`).join("L")}Z`;
}
