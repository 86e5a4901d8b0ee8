/** What a region holds: of the region of the wall, or of the one that is selected on the map. */
import { computed, signal } from "@preact/signals";

import { client, type Problem } from "../data/client";
import type { RegionCardDocument } from "../data/views";
import { followOne } from "./following";
import * as store from "./store";
import { told, viewRef } from "./views";
import { front } from "./wallFront";

/** Layers whose features are regions with a card. */
export const REGION_LAYERS: ReadonlySet<string> = new Set([
  "regions",
  "counties",
  "towns",
  "communities",
  "governance_grids",
]);

export const regionCard = signal<RegionCardDocument | null>(null);
export const regionCardProblem = signal<Problem | null>(null);

/** Code of the region whose card is wanted. */
const wanted = computed<string | null>(() => {
  if (viewRef.value) return front.value === "region" ? (told.value?.region.code ?? null) : null;
  const [selection, item] = [store.selection.value, store.item.value];
  if (!selection || !item || item.id !== selection.id || !REGION_LAYERS.has(selection.layer)) return null;
  const code = item.properties["code"];
  return typeof code === "string" ? code : null;
});

/** Keep the card in step with the region. */
export function followRegionCard(): void {
  followOne(
    wanted,
    regionCard,
    regionCardProblem,
    (code, language, signal) => client.regionCard(code, language, signal),
    { forget: true },
  );
}
