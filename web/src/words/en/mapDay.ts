/** Layers as of a day, in English. */
import type { WordBook } from "../words";

export const mapDay: WordBook["mapDay"] = {
  choose: "Layers as of",
  layersOf: (day: string) => `The map as of ${day}`,
  now: "Back to now",
  beforeRecords: (first: string) => `Before the first record (${first}): what was there is not known`,
  resultsAside: "Results of analyses belong to the time of their run and are not shown on this day",
  listAside: (day) => `This list is of the present; the map shows ${day}, without these cells.`,
  asLoaded: "no history before the load",
  asLoadedNote: "Features of this layer state no date: before they were loaded they are shown as loaded",
  partlyDated: "some without a date",
  partlyDatedNote: "Some features state no date: before they were loaded these are shown as loaded",
};
