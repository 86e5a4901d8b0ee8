/** What stands over the map and hides what is drawn there. */
import type { Rect } from "./labels/collide";

const FURNITURE = [
  ".wall-over > *",
  ".map-upper > *",
  ".map-lower-left > *",
  ".map-lower-right > *",
  ".map-buttons",
].join();

/** How far the legends of a map reach from its lower right corner; null where none stands there. */
export function legendOver(map: HTMLElement): { width: number; height: number } | null {
  const box = map.closest(".map-box")?.querySelector(".map-lower-right .legends")?.getBoundingClientRect();
  if (!box || box.width === 0) return null;
  const own = map.getBoundingClientRect();
  return { width: own.right - box.left, height: own.bottom - box.top };
}

/** Boxes of the furniture over a map, from its upper left corner. */
export function furnitureOver(map: HTMLElement): Rect[] {
  const own = map.getBoundingClientRect();
  const around = map.closest(".wall-middle") ?? map.closest(".map-box");
  return [...(around?.querySelectorAll(FURNITURE) ?? [])].map((one) => {
    const { left, right, top, bottom } = one.getBoundingClientRect();
    return { left: left - own.left, right: right - own.left, top: top - own.top, bottom: bottom - own.top };
  });
}
