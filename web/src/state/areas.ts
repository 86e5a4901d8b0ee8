/** Figures by region as a table: levels, order, sums. */
import type { Area, Column } from "../data/results";

export interface Order {
  readonly column: string;
  readonly descending: boolean;
}

/** Layers of regions in a run's figures, as they come: from large to small, extents last. */
export const levelsOf = (areas: readonly Area[]) => [...new Set(areas.map((area) => area.layer))];

/**
 * Rows of one level in an order; a missing value comes last either way. Of equal ones that with most people comes
 * first, then codes keep their order.
 */
export function rowsOf(areas: readonly Area[], level: string, order: Order): Area[] {
  const way = order.descending ? -1 : 1;
  return areas
    .filter((area) => area.layer === level)
    .sort((a, b) => {
      const [one, other] = [a[order.column] ?? null, b[order.column] ?? null];
      if (one === null || other === null) return Number(one === null) - Number(other === null);
      const by =
        typeof one === "number" && typeof other === "number"
          ? one - other
          : String(one).localeCompare(String(other), "zh");
      if (by !== 0) return by * way;
      return peopleOf(b) - peopleOf(a) || a.code.localeCompare(b.code);
    });
}

const peopleOf = ({ people }: Area) => (typeof people === "number" ? people : 0);

/** Digits of a town's code, with which the codes of its villages begin. */
const TOWN_DIGITS = 9;

/** The town of a village, so that villages of one name are told apart; null of all else. */
export function townOf(row: Area, areas: readonly Area[]): string | null {
  if (row.layer !== "communities") return null;
  const code = row.code.slice(0, TOWN_DIGITS);
  return areas.find((one) => one.layer === "towns" && one.code.slice(0, TOWN_DIGITS) === code)?.name ?? null;
}

/** Sum of a column; what is missing adds nothing. null: it is no amount, or nothing is known. */
export function sumOf(rows: readonly Area[], column: Pick<Column, "name" | "amount">): number | null {
  if (!column.amount) return null;
  const known = rows.map((row) => row[column.name]).filter((value) => typeof value === "number");
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

/** Two sums of shares agree when they differ by less than the rounding of their parts. */
export const agree = (sum: number, counted: number) =>
  Math.abs(sum - counted) <= Math.max(1e-6, Math.abs(counted) * 1e-9);
