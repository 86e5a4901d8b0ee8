/** The wall by keyboard: digits for fields, PageUp and PageDown for views, P for the report, the space bar for time, Escape for the way up. */
import * as clock from "../state/clock";
import { pressReport } from "../state/report";
import { cell } from "../state/results";
import { deselect } from "../state/select";
import { searchOpen, selection } from "../state/store";
import { drill, goTo, groups, told, viewRef, views } from "../state/views";
import { front } from "../state/wallFront";

/** Elements that take keys themselves. */
const TYPING = "input, select, textarea, [contenteditable], [role=slider]";

/** What a key does on the wall; false where it is nobody's. */
export function onWallKey(key: string): boolean {
  const field = /^[1-9]$/.test(key) ? groups.peek()[Number(key) - 1]?.views[0] : undefined;
  if (field) show(field.name);
  else if (key === "PageDown") return turn(1);
  else if (key === "PageUp") return turn(-1);
  else if (key === "p" || key === "P") pressReport();
  else if (key === " ") clock.togglePlaying();
  else if (key === "Escape") return stepBack();
  else return false;
  return true;
}

const show = (name: string) => goTo({ name, region: viewRef.peek()?.region ?? null });

/** The next view or the one before. */
function turn(by: number): boolean {
  const all = views.peek();
  const at = all.findIndex(({ name }) => name === viewRef.peek()?.name);
  const next = all[(at + by + all.length) % all.length];
  if (next) show(next.name);
  return next !== undefined;
}

/** One step back: a card, the frame of the clock, what stands in the column, then one region up. */
function stepBack(): boolean {
  const above = told.peek()?.parents.at(-1);
  if (selection.peek() || cell.peek()) deselect();
  else if (clock.frame.peek() !== null) {
    clock.playing.value = false;
    clock.frame.value = null;
  } else if (front.peek() !== "numbers") front.value = "numbers";
  else if (above) drill(above);
  else return false;
  return true;
}

/** Hear keys while a view is open; those of fields and of what is focused stay theirs. */
export function followWallKeys(): void {
  window.addEventListener("keydown", (event) => {
    if (!viewRef.peek() || searchOpen.peek() || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest(TYPING)) return;
    if ((event.key === " " || event.key === "Enter") && target?.closest("button, a")) return;
    if (onWallKey(event.key)) event.preventDefault();
  });
}
