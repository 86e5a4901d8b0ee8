/** The cumulative curve of a plan as a drawing: what is covered after each site, and where the curve bends. */
import type { SiteCurve } from "../data/siting";
import { roundLength } from "../words/format";

export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface CurveDrawing {
  /** Up to the elbow, and on from there; without an elbow the first is all of it. */
  readonly before: string;
  readonly after: string;
  readonly elbow: { readonly x: number; readonly y: number } | null;
  readonly ticks: readonly { readonly value: number; readonly y: number }[];
}

/** What each site brings on average up to the elbow, and after it. */
export interface Bend {
  readonly sites: number;
  readonly before: number;
  readonly after: number;
}

/** Round amounts within a range, both ends allowed; none where it is empty. */
export function roundTicks(low: number, high: number): number[] {
  if (!(high > low)) return [];
  const step = roundLength((high - low) / 2);
  const found: number[] = [];
  for (let at = Math.max(0, Math.ceil(low / step - 1e-9)); at * step <= high + step * 1e-9; at++)
    found.push(at * step);
  return found;
}

/** Draw a curve that begins with what is covered without any site. */
export function drawCurve({ covered, elbow }: SiteCurve, already: number, frame: Frame): CurveDrawing {
  const values = [already, ...covered];
  const high = Math.max(...values);
  const x = (sites: number) =>
    frame.left + ((frame.right - frame.left) * sites) / Math.max(covered.length, 1);
  const y = (value: number) =>
    high > already
      ? frame.bottom - ((frame.bottom - frame.top) * (value - already)) / (high - already)
      : frame.bottom;
  const line = (from: number, to: number) =>
    values
      .slice(from, to + 1)
      .map((value, at) => `${at ? "L" : "M"}${x(from + at).toFixed(1)} ${y(value).toFixed(1)}`)
      .join("");
  const bent = elbow > 0 && elbow < covered.length;
  const end = bent ? elbow : covered.length;
  return {
    before: line(0, end),
    after: bent ? line(end, covered.length) : "",
    elbow: bent ? { x: x(elbow), y: y(values[elbow] ?? already) } : null,
    ticks: roundTicks(already, high).map((value) => ({ value, y: y(value) })),
  };
}

/** What the elbow means in figures; null where the curve does not bend. */
export function bendOf({ covered, elbow }: SiteCurve, already: number): Bend | null {
  const at = covered[elbow - 1];
  const last = covered.at(-1);
  if (elbow < 1 || at === undefined || last === undefined || elbow >= covered.length) return null;
  return {
    sites: elbow,
    before: (at - already) / elbow,
    after: (last - at) / (covered.length - elbow),
  };
}
