/** Places and outlines by keyboard: arrows move the ground below the cross, Enter sets a corner there. */
import { clearOutline, closeAround, corners, drawn, lookingAround, removeCorner } from "../state/around";
import { unit } from "../state/store";
import { clickAround } from "./aroundClick";
import type { MapController } from "./MapController";

const STEP = 30;
const LEAP = 120;

const DIRECTIONS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};

/** Take a key while the tool is in hand; false where it is none of its own. Enter twice ends an outline. */
export function onAroundKey(event: KeyboardEvent, controller: MapController): boolean {
  if (!lookingAround.peek()) return false;
  const direction = DIRECTIONS[event.key];
  if (direction) {
    const pixels = (event.shiftKey ? LEAP : STEP) * unit.peek();
    controller.map.panBy([direction[0] * pixels, direction[1] * pixels], { animate: false });
  } else if (event.key === "Enter" || event.key === " ") {
    const { lat, lng } = controller.map.getCenter();
    clickAround(controller.map, { lat, lng }, unit.peek());
  } else if (event.key === "Backspace" && corners.peek().length > 0) removeCorner();
  else if (event.key === "Escape") {
    if (corners.peek().length > 0 && !drawn.peek()) clearOutline();
    else closeAround();
  } else return false;
  return true;
}
