/** Opening what a list or the keyboard stands on. */
import { select } from "../state/select";
import { type Found, view } from "../state/store";
import { controller } from "./current";

/** By so many steps a point that stands for several comes nearer: tiles come in steps of two. */
const CLOSER = 2;

/** Open a feature and bring it into sight; a point that stands for several comes nearer until they part. */
export function open(found: Found): void {
  const map = controller.value;
  if (found.standsFor > 1) map?.flyTo(found.lng, found.lat, Math.round(view.value?.zoom ?? 0) + CLOSER);
  else {
    select(found.layer, found.id);
    map?.reveal(found.lng, found.lat);
  }
}
