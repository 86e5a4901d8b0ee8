/** The map by keyboard: arrows go to the next feature in that direction, Enter opens it. */
import { deselect } from "../state/select";
import { announcement, type Found, inView, layersByName, roving, selection, unit } from "../state/store";
import { foundText } from "../words/found";
import { say, words } from "../words";
import { controller } from "./current";
import { onAroundKey } from "./aroundKeys";
import { open } from "./open";

const DIRECTIONS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};

const PAN = 120;

interface Place {
  readonly x: number;
  readonly y: number;
}

/**
 * Choose the nearest place within 45 degrees of a direction; what lies aside counts twice. Returns its index,
 * or -1 where there is none.
 */
export function nearestTowards(
  places: readonly Place[],
  from: Place,
  direction: readonly [number, number],
): number {
  let best = -1;
  let least = Infinity;
  places.forEach((place, index) => {
    const [dx, dy] = [place.x - from.x, place.y - from.y];
    const along = dx * direction[0] + dy * direction[1];
    const aside = Math.abs(dx * direction[1] - dy * direction[0]);
    if (along <= 0.5 || aside > along) return;
    const cost = along + 2 * aside;
    if (cost < least) [least, best] = [cost, index];
  });
  return best;
}

/** Say where the keyboard stands. */
export function announce(found: Found): void {
  const layer = layersByName.value.get(found.layer);
  const title = layer ? say(layer.title) : found.layer;
  const name = foundText(found, title, words.value);
  announcement.value = words.value.position(
    name.startsWith(title) ? name : `${title} ${name}`,
    roving.value + 1,
    inView.value.length,
  );
}

function rove(direction: readonly [number, number]): void {
  const map = controller.value?.map;
  const found = inView.value;
  if (!map || found.length === 0) return;
  const places = found.map((one) => map.latLngToContainerPoint([one.lat, one.lng]));
  const size = map.getSize();
  const standing = places[roving.value];
  let next: number;
  if (standing) next = nearestTowards(places, standing, direction);
  else {
    // The first step enters at the feature nearest to the middle.
    const middle = size.divideBy(2);
    next = places.reduce(
      (best, place, index) => (place.distanceTo(middle) < places[best]!.distanceTo(middle) ? index : best),
      0,
    );
  }
  const one = found[next];
  if (!one) return;
  roving.value = next;
  announce(one);
}

export function onMapKey(event: KeyboardEvent): void {
  const map = controller.value;
  const direction = DIRECTIONS[event.key];
  const standing = inView.value[roving.value];
  if (!map || event.ctrlKey || event.metaKey || event.altKey) return;
  if (onAroundKey(event, map)) {
    event.preventDefault();
    return;
  }
  if (direction && event.shiftKey)
    map.panBy(direction[0] * PAN * unit.value, direction[1] * PAN * unit.value);
  else if (direction) rove(direction);
  else if (event.key === "Enter" && standing) open(standing);
  else if (event.key === "Escape" && (selection.value || roving.value >= 0)) {
    deselect();
    roving.value = -1;
  } else if (event.key === "+" || event.key === "=") map.zoomBy(1);
  else if (event.key === "-") map.zoomBy(-1);
  else if (event.key === "0" || event.key === "Home") map.home();
  else return;
  event.preventDefault();
}
