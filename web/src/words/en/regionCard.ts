/** The card of a region, in English. */
import type { WordBook } from "../words";

export const regionCard: WordBook["regionCard"] = {
  title: "People, places, things, matters, organisations",
  failed: "The region card cannot be read",
};
