/** Features of tiles in words. */
import type { Found } from "../state/store";
import type { WordBook } from "./words";

/** Its name, else its layer with its number; of a point that stands for several, how many they are. */
export function foundText(found: Found, layer: string, words: WordBook): string {
  if (found.standsFor > 1)
    return found.name ? words.andOthers(found.name, found.standsFor) : words.several(layer, found.standsFor);
  return found.name || `${layer} ${found.id}`;
}
