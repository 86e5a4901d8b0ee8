/** Which of its pictures a result shows: hotspots by category, by rate, by local Moran. */
import { signal } from "@preact/signals";

import type { Picture, ResultLayer } from "../data/results";

/** Column by which results are coloured that have such a picture; null: each as usual. */
export const chosenPicture = signal<string | null>(null);

const pictureBy = (layer: ResultLayer, column: string | null): Picture | undefined =>
  layer.pictures?.find(({ style }) => style.by === column);

/** A result as the map shows it. */
export function asChosen(layer: ResultLayer): ResultLayer {
  const found = pictureBy(layer, chosenPicture.value);
  return found ? { ...layer, style: found.style } : layer;
}

/** A result as its findings tell it, whatever picture the map shows. */
export function asUsual(layer: ResultLayer): ResultLayer {
  const usual = layer.pictures?.[0];
  return usual ? { ...layer, style: usual.style } : layer;
}

/** The picture that is shown in place of the usual one. */
export function otherPicture(layer: ResultLayer): Picture | undefined {
  const found = pictureBy(layer, layer.style.by);
  return found === layer.pictures?.[0] ? undefined : found;
}

export function choosePicture(layer: ResultLayer, column: string): void {
  chosenPicture.value = column === layer.pictures?.[0]?.style.by ? null : column;
}
