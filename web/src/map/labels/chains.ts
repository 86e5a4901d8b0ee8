/** Joins the pieces of one named line: streets come cut at every crossing and at every tile edge. */

/** x, y, x, y, … in design pixels. */
export type Line = readonly number[];

/** Ends nearer than this are the same place. */
const JOIN = 2.5;
/** Cosine of the sharpest turn that still continues a street: 50 degrees. */
const STRAIGHT = 0.64;

/** Cut a line to a square from 0 to `side`; tiles overlap their neighbours a little. */
export function clipLine(line: Line, side: number): number[][] {
  const pieces: number[][] = [];
  let current: number[] = [];
  for (let i = 0; i + 3 < line.length; i += 2) {
    const [x0, y0, x1, y1] = [line[i]!, line[i + 1]!, line[i + 2]!, line[i + 3]!];
    let from = 0;
    let to = 1;
    for (const [start, delta] of [
      [x0, x1 - x0],
      [y0, y1 - y0],
    ] as const) {
      if (delta === 0) {
        if (start < 0 || start > side) to = -1;
        continue;
      }
      const [a, b] = [(0 - start) / delta, (side - start) / delta];
      from = Math.max(from, Math.min(a, b));
      to = Math.min(to, Math.max(a, b));
    }
    if (from > to) {
      if (current.length > 2) pieces.push(current);
      current = [];
      continue;
    }
    if (current.length === 0) current.push(x0 + from * (x1 - x0), y0 + from * (y1 - y0));
    current.push(x0 + to * (x1 - x0), y0 + to * (y1 - y0));
    if (to < 1) {
      pieces.push(current);
      current = [];
    }
  }
  if (current.length > 2) pieces.push(current);
  return pieces;
}

export function lengthOf(line: Line): number {
  let sum = 0;
  for (let i = 0; i + 3 < line.length; i += 2) {
    sum += Math.hypot(line[i + 2]! - line[i]!, line[i + 3]! - line[i + 1]!);
  }
  return sum;
}

function reversed(line: Line): number[] {
  const back: number[] = [];
  for (let i = line.length - 2; i >= 0; i -= 2) back.push(line[i]!, line[i + 1]!);
  return back;
}

/** Unit direction in which a line leaves its last point, looking a little back. */
function heading(line: Line): [number, number] {
  const x = line[line.length - 2]!;
  const y = line[line.length - 1]!;
  for (let i = line.length - 4; i >= 0; i -= 2) {
    const [dx, dy] = [x - line[i]!, y - line[i + 1]!];
    const distance = Math.hypot(dx, dy);
    if (distance > 4 || (i === 0 && distance > 0)) return [dx / distance, dy / distance];
  }
  return [0, 0];
}

/** Join lines end to end where they go on without a sharp turn, longest first. */
export function joinLines(lines: readonly Line[]): number[][] {
  const left = new Set<number>(lines.keys());
  const ends = new Map<string, number[]>();
  const cell = (x: number, y: number) => `${Math.round(x / JOIN)},${Math.round(y / JOIN)}`;
  lines.forEach((line, index) => {
    for (const at of [0, line.length - 2]) {
      const key = cell(line[at]!, line[at + 1]!);
      ends.set(key, [...(ends.get(key) ?? []), index]);
    }
  });
  const near = (x: number, y: number): number[] => {
    const found: number[] = [];
    for (const dx of [-1, 0, 1]) {
      for (const dy of [-1, 0, 1]) {
        found.push(...(ends.get(cell(x + dx * JOIN, y + dy * JOIN)) ?? []));
      }
    }
    return found;
  };
  const extend = (chain: number[]): number[] => {
    for (;;) {
      const [x, y] = [chain[chain.length - 2]!, chain[chain.length - 1]!];
      const [hx, hy] = heading(chain);
      let best: { index: number; line: number[]; turn: number } | null = null;
      for (const index of near(x, y)) {
        if (!left.has(index)) continue;
        for (const line of [[...lines[index]!], reversed(lines[index]!)]) {
          if (Math.hypot(line[0]! - x, line[1]! - y) > JOIN) continue;
          const [ox, oy] = heading(reversed(line));
          const turn = -(hx * ox + hy * oy);
          if (turn > STRAIGHT && (!best || turn > best.turn)) best = { index, line, turn };
        }
      }
      if (!best) return chain;
      left.delete(best.index);
      chain = [...chain, ...best.line.slice(2)];
    }
  };
  const order = [...lines.keys()].sort((a, b) => lengthOf(lines[b]!) - lengthOf(lines[a]!) || a - b);
  const chains: number[][] = [];
  for (const index of order) {
    if (!left.delete(index)) continue;
    chains.push(reversed(extend(reversed(extend([...lines[index]!])))));
  }
  return chains;
}
