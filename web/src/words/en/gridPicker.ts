/** Choosing one's own grid, in English. */
import type { WordBook } from "../words";

export const gridPicker: WordBook["gridPicker"] = {
  search: "Name or code of a grid",
  locate: "Go to where I am",
  insecure: "Locating needs HTTPS; search, or move the map.",
  notLocated: "No position; allow locating, or search.",
  found: "Tap the one that is yours",
  around: "Grids around the middle of the map; tap yours",
  here: "At the middle",
  none: "No grid found",
  taken: (name) => `Your grid: ${name}`,
};
