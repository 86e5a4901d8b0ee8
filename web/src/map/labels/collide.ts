/** Boxes that may not overlap, found through a grid. */

export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export const overlap = (one: Rect, other: Rect): boolean =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

const CELL = 48;

export class Collisions {
  private readonly cells = new Map<number, Rect[]>();

  /** True where none of the boxes meets one that is taken. */
  free(boxes: readonly Rect[]): boolean {
    for (const box of boxes) {
      for (const cell of this.cellsOf(box)) {
        for (const taken of this.cells.get(cell) ?? []) {
          if (overlap(box, taken)) return false;
        }
      }
    }
    return true;
  }

  take(boxes: readonly Rect[]): void {
    for (const box of boxes) {
      for (const cell of this.cellsOf(box)) {
        const row = this.cells.get(cell);
        if (row) row.push(box);
        else this.cells.set(cell, [box]);
      }
    }
  }

  private *cellsOf(box: Rect): Generator<number> {
    for (let x = Math.floor(box.left / CELL); x <= Math.floor(box.right / CELL); x++) {
      for (let y = Math.floor(box.top / CELL); y <= Math.floor(box.bottom / CELL); y++) {
        yield x * 100_003 + y;
      }
    }
  }
}
