/** What a click means while one looks around: a place, a corner, or the end of the outline. */
import type { Map as LeafletMap } from "leaflet";

import { aroundKind, corners, drawing, drawn, finishOutline, pointAround } from "../state/around";
import type { Corner } from "./outline";

/** A click this near to a corner, in design pixels, means the corner itself. */
const NEAR = 10;

/** A click while the tool is in hand: a place, a corner, or the end of the outline on one of its last corners. */
export function clickAround(map: LeafletMap, at: Corner, unit: number): void {
  const several = corners.peek();
  const near = (corner: Corner | undefined) =>
    corner !== undefined &&
    map
      .latLngToContainerPoint([corner.lat, corner.lng])
      .distanceTo(map.latLngToContainerPoint([at.lat, at.lng])) <
      NEAR * unit;
  const ends =
    near(several.at(-1)) || (aroundKind.peek() === "polygon" && several.length > 2 && near(several[0]));
  if (drawing.peek() && !drawn.peek() && several.length > 1 && ends) finishOutline();
  else if (!(drawing.peek() && !drawn.peek() && near(several.at(-1)))) pointAround(at.lat, at.lng);
}
