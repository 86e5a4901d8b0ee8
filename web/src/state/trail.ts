/** Steps of the browser's history: opening something is one, closing it takes it back. */
import type { UrlState } from "./url";

/** What is open: selection, cell, table, places whose signal and surroundings are told, each as text or empty. */
export type Open = readonly [selection: string, cell: string, table: string, signal: string, around: string];

/** What was open at each entry of the history up to this one. */
export type Trail = readonly Open[];

export type Step =
  | { readonly kind: "stay" | "replace" | "push"; readonly trail: Trail }
  | { readonly kind: "back"; readonly by: number };

/** Longer ones are forgotten at their beginning: a trail is kept with every entry of the history. */
const LONGEST = 50;

export const openOf = ({
  selection,
  cell,
  table,
  signal,
  around,
}: Pick<UrlState, "selection" | "cell" | "table" | "signal" | "around">): Open => [
  selection ? `${selection.layer}:${selection.id}` : "",
  cell ? `${cell.run}:${cell.cell}` : "",
  table === null ? "" : String(table),
  signal ? `${signal.lat.toFixed(5)},${signal.lng.toFixed(5)},${signal.technology}` : "",
  around ? `${around.lat.toFixed(5)},${around.lng.toFixed(5)}` : "",
];

const same = (one: Open | undefined, other: Open) =>
  one !== undefined && one.every((part, index) => part === other[index]);

/** Say what the history does when something else is open than at its present entry, the last of the trail. */
export function nextStep(trail: Trail, now: Open): Step {
  const last = trail.at(-1);
  if (last === undefined || same(last, now)) return { kind: "stay", trail };
  const closed = now.every((part, index) => part === "" || part === last[index]);
  if (!closed) return { kind: "push", trail: [...trail, now].slice(-LONGEST) };
  for (let index = trail.length - 2; index >= 0; index--)
    if (same(trail[index], now)) return { kind: "back", by: trail.length - 1 - index };
  return { kind: "replace", trail: [...trail.slice(0, -1), now] };
}

/** The trail that an entry of the history carries; null where it has none. */
export function trailOf(state: unknown): Trail | null {
  const trail = typeof state === "object" && state !== null ? (state as { trail?: unknown }).trail : null;
  const isOpen = (one: unknown): one is Open =>
    Array.isArray(one) && one.length === 5 && one.every((part) => typeof part === "string");
  return Array.isArray(trail) && trail.length > 0 && trail.every(isOpen) ? trail : null;
}
