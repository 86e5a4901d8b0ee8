/** What each site of a plan adds, as bars, and where the gain bends. */
import type { SiteCurve } from "../../data/siting";
import { roundLength } from "../../words/format";

export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Bar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Up to the elbow; all of them where there is none. */
  readonly before: boolean;
}

export interface BarDrawing {
  readonly bars: readonly Bar[];
  /** Between the last bar before the elbow and the first after it. */
  readonly elbow: number | null;
  readonly ticks: readonly { readonly value: number; readonly y: number }[];
}

/** What the elbow means: the gain of the last site before it and of the first after it, and how much less that is. */
export interface Bend {
  readonly sites: number;
  readonly gain: number;
  readonly next: number;
  /** 0 to 1. */
  readonly less: number;
}

/** What each site adds to those before it. */
export const gainsOfCurve = ({ covered }: SiteCurve, already: number): number[] =>
  covered.map((value, place) => value - (covered[place - 1] ?? already));

/** Round amounts within a range, both ends allowed; none where it is empty. */
export function roundTicks(low: number, high: number): number[] {
  if (!(high > low)) return [];
  const step = roundLength((high - low) / 2);
  const found: number[] = [];
  for (let at = Math.max(0, Math.ceil(low / step - 1e-9)); at * step <= high + step * 1e-9; at++)
    found.push(at * step);
  return found;
}

const bends = ({ covered, elbow }: SiteCurve) => elbow > 0 && elbow < covered.length;

export function drawBars(curve: SiteCurve, already: number, frame: Frame): BarDrawing {
  const gains = gainsOfCurve(curve, already);
  const most = Math.max(0, ...gains);
  const step = (frame.right - frame.left) / Math.max(gains.length, 1);
  // Few bars are set apart and not too wide, many touch each other.
  const width = Math.min(step * (gains.length > 80 ? 1 : 0.84), 28);
  const height = (value: number) => (most > 0 ? ((frame.bottom - frame.top) * Math.max(value, 0)) / most : 0);
  return {
    bars: gains.map((gain, place) => ({
      x: frame.left + step * (place + 0.5) - width / 2,
      y: frame.bottom - height(gain),
      width,
      height: height(gain),
      before: !bends(curve) || place < curve.elbow,
    })),
    elbow: bends(curve) ? frame.left + step * curve.elbow : null,
    ticks: roundTicks(0, most).map((value) => ({ value, y: frame.bottom - height(value) })),
  };
}

/** What the elbow means in figures; null where the gain does not bend. */
export function bendOf(curve: SiteCurve, already: number): Bend | null {
  if (!bends(curve)) return null;
  const gains = gainsOfCurve(curve, already);
  const [gain, next] = [gains[curve.elbow - 1] ?? 0, gains[curve.elbow] ?? 0];
  return { sites: curve.elbow, gain, next, less: gain > 0 ? Math.max(0, 1 - next / gain) : 0 };
}
