/** What lies around a place, in English. */
import type { WordBook } from "../words";

export const around: WordBook["around"] = {
  tool: "Around",
  toolNote:
    "Around: click the map for people, schools, hospitals, hazards, pipes and cameras nearby, who is there first, and where supplies are",
  ask: "Click any place on the map",
  askNote: "Counted within 500 m, 1 km and 2 km; teams and stores in the order of driving time.",
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
