/** Cost against what is reached, as a drawing. */
import type { Comparison } from "../../data/siting";
import { type Frame, roundTicks } from "./gainBars";

export interface ParetoDrawing {
  readonly points: readonly {
    /** Which side. */
    readonly place: number;
    readonly x: number;
    readonly y: number;
    readonly cost: number;
    readonly dominated: boolean;
  }[];
  /** Through the points that no other beats, by cost. */
  readonly front: string;
  readonly ticks: readonly { readonly value: number; readonly y: number }[];
}

export function paretoDrawing(found: Comparison["pareto"], frame: Frame): ParetoDrawing {
  const known = found.flatMap(({ cost, reached, dominated }, place) =>
    cost === null || reached === null ? [] : [{ place, cost, reached, dominated }],
  );
  const costs = known.map(({ cost }) => cost);
  const reaches = known.map(({ reached }) => reached);
  const [least, most] = [Math.min(...costs), Math.max(...costs)];
  const spread = Math.max(...reaches) - Math.min(...reaches);
  // A little air below and above, so that no point lies on the axis.
  const low = Math.min(...reaches) - 0.15 * spread;
  const high = Math.max(...reaches) + 0.15 * spread;
  const x = (cost: number) =>
    most > least
      ? frame.left + ((frame.right - frame.left) * (cost - least)) / (most - least)
      : (frame.left + frame.right) / 2;
  const y = (reached: number) =>
    high > low
      ? frame.bottom - ((frame.bottom - frame.top) * (reached - low)) / (high - low)
      : (frame.top + frame.bottom) / 2;
  const points = known.map(({ place, cost, reached, dominated }) => ({
    place,
    x: x(cost),
    y: y(reached),
    cost,
    dominated,
  }));
  const front = points.filter(({ dominated }) => !dominated).sort((a, b) => a.x - b.x);
  return {
    points,
    front: front.map((one, place) => `${place ? "L" : "M"}${one.x.toFixed(1)} ${one.y.toFixed(1)}`).join(""),
    ticks: roundTicks(low, high).map((value) => ({ value, y: y(value) })),
  };
}
