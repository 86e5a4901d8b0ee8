/** What lies around a place, in English. */
import type { WordBook } from "../words";

export const around: WordBook["around"] = {
  tool: "Around",
  toolNote:
    "Around: point at a place, or draw an area or a line, for people, schools, hospitals, hazards, pipes and cameras nearby, who is there first, and where supplies are",
  kind: "Ask by",
  kinds: { point: "Point", polygon: "Polygon", line: "Line with width" },
  asks: {
    point: "Click any place on the map",
    polygon: "Set the corners of an area on the map",
    line: "Set the points of a line on the map",
  },
  notes: {
    point: "Counted within 500 m, 1 km and 2 km; teams and stores in the order of driving time.",
    polygon:
      "The first corner or a double click ends it. By keyboard: arrows move the map, Enter sets a corner, twice ends, Backspace takes one back.",
    line: "A double click ends it; the width is that of both sides together. By keyboard: arrows move the map, Enter sets a point, twice ends, Backspace takes one back.",
  },
  corners: (n: string) => `${n} points set`,
  long: (length: string) => `${length} long`,
  drawnArea: (area: string) => `${area} km²`,
  width: "Width",
  corner: "Set at the middle",
  cornerNote: "Without a mouse: move the map and set a point at its middle",
  finish: "Finish and ask",
  undo: "Take one back",
  again: "Begin anew",
  faults: {
    crosses: (one: number, other: number) =>
      `Side ${one} crosses side ${other}: take points back and draw it otherwise`,
    many: (most: number) => `At most ${most} points; finer areas can be posted to the service`,
    area: (most: number) => `Larger than ${most} km²`,
    width: (least: number, most: number) => `A width is ${least} to ${most} m`,
  },
  inside: "Inside",
  beyond: (distance: string) => `${distance} beyond`,
  peopleInside: (n: string) => `${n} people inside`,
  people: (radius: string, n: string) => `${n} people within ${radius}`,
  first: (team: string, minutes: string) => `${team} is there first, in ${minutes} min`,
  comma: ", ",
  within: "Within",
  nearest: (what: string) => `${what}, nearest first`,
  nobody: "None within 90 minutes by road.",
  minutes: (n: string) => `${n} min`,
  seen: "Cameras that see this place",
  unseen: (n: string) => `None; the nearest ${n} within 300 m do not see it.`,
  stock: "The nearest store of each item",
  below: "below its minimum",
  failed: "The surroundings cannot be read",
  place: "Coordinates",
};
