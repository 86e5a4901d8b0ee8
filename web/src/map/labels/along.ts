/** Puts the characters of a name along a line. */
import { type Line, lengthOf } from "./chains";

export interface Glyph {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  /** Radians, clockwise. */
  readonly angle: number;
  readonly width: number;
}

/** Sharpest bend between neighbouring characters. */
const BEND = Math.PI / 7;

const CJK = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]/;

/** Point at a distance from the start of a line. */
export function pointAt(line: Line, distance: number): [number, number] {
  let walked = 0;
  for (let i = 0; i + 3 < line.length; i += 2) {
    const [x, y] = [line[i]!, line[i + 1]!];
    const [dx, dy] = [line[i + 2]! - x, line[i + 3]! - y];
    const step = Math.hypot(dx, dy);
    if (walked + step >= distance && step > 0) {
      const share = (distance - walked) / step;
      return [x + dx * share, y + dy * share];
    }
    walked += step;
  }
  return [line[line.length - 2]!, line[line.length - 1]!];
}

/**
 * Lay a text along a line about a distance from its start.
 *
 * Horizontal stretches read from left to right; on steep ones Chinese names stand upright and read downwards.
 * Returns null where the line is too short there or bends too sharply.
 */
export function layAlong(
  line: Line,
  at: number,
  text: string,
  measure: (text: string) => number,
  gap: number,
): Glyph[] | null {
  const letters = [...text];
  const length = lengthOf(line);
  const chinese = CJK.test(text);
  let widths = letters.map(measure);
  const span = () => {
    const total = widths.reduce((sum, width) => sum + width, 0) + gap * (letters.length - 1);
    return [at - total / 2, total] as const;
  };
  let [start, total] = span();
  const across = () => {
    const [ax, ay] = pointAt(line, start);
    const [bx, by] = pointAt(line, start + total);
    return [bx - ax, by - ay] as const;
  };
  let [dx, dy] = across();
  const upright = chinese && Math.abs(dy) > Math.abs(dx) * 1.15;
  if (upright) {
    // One below the other, a digit takes as much of the line as a character: its height, not its width.
    widths = widths.map((width) => Math.max(width, measure("国")));
    [start, total] = span();
    [dx, dy] = across();
  }
  if (start < 2 || start + total > length - 2) return null;
  const forwards = upright ? dy > 0 : dx >= 0;
  const glyphs: Glyph[] = [];
  let walked = start;
  let before: number | null = null;
  const order = forwards
    ? letters.map((_, index) => index)
    : letters.map((_, index) => letters.length - 1 - index);
  for (const index of order) {
    const width = widths[index]!;
    const [x, y] = pointAt(line, walked + width / 2);
    const reach = Math.max(width, 10) * 0.75;
    const [px, py] = pointAt(line, Math.max(0, walked + width / 2 - reach));
    const [qx, qy] = pointAt(line, Math.min(length, walked + width / 2 + reach));
    let angle = Math.atan2(qy - py, qx - px);
    if (!forwards) angle += Math.PI;
    if (upright) angle -= Math.PI / 2;
    if (angle > Math.PI) angle -= 2 * Math.PI;
    if (before !== null && Math.abs(angle - before) > BEND) return null;
    before = angle;
    glyphs.push({ text: letters[index]!, x, y, angle, width });
    walked += width + gap;
  }
  return forwards ? glyphs : glyphs.reverse();
}
