/** Where the name of an area stands. */

/** Rings of one piece of an area: outer and holes, each x, y, x, y, … */
export type Piece = readonly (readonly number[])[];

function ringArea(ring: readonly number[]): { area: number; x: number; y: number } {
  let [sum, cx, cy] = [0, 0, 0];
  const count = ring.length / 2;
  const [ox, oy] = [ring[0] ?? 0, ring[1] ?? 0];
  for (let i = 0; i < count; i++) {
    const j = (i + 1) % count;
    const [x0, y0] = [ring[i * 2]! - ox, ring[i * 2 + 1]! - oy];
    const [x1, y1] = [ring[j * 2]! - ox, ring[j * 2 + 1]! - oy];
    const cross = x0 * y1 - x1 * y0;
    sum += cross;
    cx += (x0 + x1) * cross;
    cy += (y0 + y1) * cross;
  }
  return sum === 0
    ? { area: 0, x: ox, y: oy }
    : { area: sum / 2, x: ox + cx / (3 * sum), y: oy + cy / (3 * sum) };
}

/** Even-odd test over all rings of a piece. */
export function inside(piece: Piece, x: number, y: number): boolean {
  let within = false;
  for (const ring of piece) {
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const [xi, yi, xj, yj] = [ring[i]!, ring[i + 1]!, ring[j]!, ring[j + 1]!];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) within = !within;
    }
  }
  return within;
}

function edgeDistance(piece: Piece, x: number, y: number): number {
  let best = Infinity;
  for (const ring of piece) {
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const [ax, ay] = [ring[j]!, ring[j + 1]!];
      const [dx, dy] = [ring[i]! - ax, ring[i + 1]! - ay];
      const square = dx * dx + dy * dy;
      const share = square === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / square));
      best = Math.min(best, Math.hypot(x - ax - share * dx, y - ay - share * dy));
    }
  }
  return inside(piece, x, y) ? best : -best;
}

/** The point of a grid over the piece that lies deepest inside, then refined once. */
function deepest(piece: Piece): [number, number] {
  const outer = piece[0] ?? [];
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < outer.length; i += 2) {
    left = Math.min(left, outer[i]!);
    right = Math.max(right, outer[i]!);
    top = Math.min(top, outer[i + 1]!);
    bottom = Math.max(bottom, outer[i + 1]!);
  }
  let [bx, by, best] = [(left + right) / 2, (top + bottom) / 2, -Infinity];
  let [width, height] = [right - left, bottom - top];
  for (let pass = 0; pass < 2; pass++) {
    const [cx, cy] = pass === 0 ? [(left + right) / 2, (top + bottom) / 2] : [bx, by];
    for (let i = 0; i < 9; i++) {
      for (let j = 0; j < 9; j++) {
        const x = cx + ((i - 4) / 9) * width;
        const y = cy + ((j - 4) / 9) * height;
        const depth = edgeDistance(piece, x, y);
        if (depth > best) [best, bx, by] = [depth, x, y];
      }
    }
    [width, height] = [width / 4.5, height / 4.5];
  }
  return [bx, by];
}

/** Anchor of an area that tiles have cut into pieces: its centroid where that lies inside, else its deepest point. */
export function anchorOf(pieces: readonly Piece[]): [number, number] {
  let [total, x, y] = [0, 0, 0];
  let largest: Piece = pieces[0] ?? [];
  let most = -1;
  for (const piece of pieces) {
    const outer = ringArea(piece[0] ?? []);
    const area = Math.abs(outer.area);
    total += area;
    x += outer.x * area;
    y += outer.y * area;
    if (area > most) [most, largest] = [area, piece];
  }
  if (total > 0) {
    const [cx, cy] = [x / total, y / total];
    if (pieces.some((piece) => inside(piece, cx, cy))) return [cx, cy];
  }
  return deepest(largest);
}

/** Group the rings of one feature into pieces: a ring that turns the other way is a hole of the one before. */
export function piecesOf(rings: readonly number[][]): number[][][] {
  const pieces: number[][][] = [];
  let sign = 0;
  for (const ring of rings) {
    const { area } = ringArea(ring);
    if (area === 0) continue;
    if (sign === 0) sign = Math.sign(area);
    if (Math.sign(area) === sign || pieces.length === 0) pieces.push([ring]);
    else pieces[pieces.length - 1]!.push(ring);
  }
  return pieces;
}
