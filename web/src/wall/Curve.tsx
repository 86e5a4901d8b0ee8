/** A small curve: values in order, gaps where nothing is known, a dot where one stands or at the end. */

const HEIGHT = 100;
/** A curve that does not move lies in the middle; one that moves leaves this much free above and below. */
const MARGIN = 12;

export interface CurvePoint {
  readonly x: number;
  readonly y: number;
}

/** Runs of known values as points in a box as wide as there are values and 100 high, y downwards. */
export function pathsOf(values: readonly (number | null)[]): CurvePoint[][] {
  const known = values.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const y = (value: number) =>
    high > low ? MARGIN + ((high - value) / (high - low)) * (HEIGHT - 2 * MARGIN) : HEIGHT / 2;
  const paths: CurvePoint[][] = [];
  let open: CurvePoint[] | null = null;
  values.forEach((value, at) => {
    if (value === null) open = null;
    else {
      if (!open) paths.push((open = []));
      open.push({ x: at + 0.5, y: y(value) });
    }
  });
  return paths;
}

/** `at`: where one stands; the last known value otherwise. */
export function Curve({ values, at = null }: { values: readonly (number | null)[]; at?: number | null }) {
  const paths = pathsOf(values);
  const points = paths.flat();
  const dot = at === null ? points.at(-1) : points.find(({ x }) => x === at + 0.5);
  const share = (value: number, whole: number) => `${(100 * value) / whole}%`;
  return (
    <span class="curve" aria-hidden="true">
      <svg viewBox={`0 0 ${values.length} ${HEIGHT}`} preserveAspectRatio="none">
        {paths.map((path, index) => (
          <polyline key={index} points={path.map(({ x, y }) => `${x},${y}`).join(" ")} />
        ))}
      </svg>
      {at !== null && <i class="curve-line" style={{ left: share(at + 0.5, values.length) }} />}
      {dot && (
        <i class="curve-dot" style={{ left: share(dot.x, values.length), top: share(dot.y, HEIGHT) }} />
      )}
    </span>
  );
}
