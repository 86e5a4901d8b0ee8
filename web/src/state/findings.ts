/** The finding that a list and the map point at together, and the classes of a result that are switched off. */
import { effect, signal } from "@preact/signals";

import type { ResultLayer } from "../data/results";
import { chosenPicture } from "./pictures";
import { shownResults, told } from "./results";

export interface Pointed {
  readonly run: number;
  /** Which of its findings. */
  readonly key: string;
  readonly geometry: GeoJSON.Geometry;
}

export const pointed = signal<Pointed | null>(null);

/** By run: classes that are not drawn and not listed. */
export const hiddenClasses = signal<ReadonlyMap<number, ReadonlySet<number>>>(new Map());

export function toggleClass(run: number, place: number): void {
  const own = new Set(hiddenClasses.peek().get(run));
  if (!own.delete(place)) own.add(place);
  hiddenClasses.value = new Map(hiddenClasses.peek()).set(run, own);
}

/** A result as it is drawn. */
export function withHidden(layer: ResultLayer): ResultLayer {
  const hidden = hiddenClasses.value.get(layer.run);
  return hidden && hidden.size > 0 ? { ...layer, hidden } : layer;
}

/** Rings or lines as one geometry. */
export const polygonOf = (rings: readonly (readonly GeoJSON.Position[])[]): GeoJSON.MultiPolygon => ({
  type: "MultiPolygon",
  // each ring by itself: only its line is drawn
  coordinates: rings.map((ring) => [[...ring]]),
});
export const linesOf = (lines: readonly (readonly GeoJSON.Position[])[]): GeoJSON.MultiLineString => ({
  type: "MultiLineString",
  coordinates: lines.map((line) => [...line]),
});

/** Point at nothing any more when what was found is no longer told. */
export function followFindings(): void {
  effect(() => {
    const [run, at] = [told.value?.run, pointed.value];
    if (at && at.run !== run) pointed.value = null;
  });
  effect(() => {
    // Other pictures have other classes.
    void chosenPicture.value;
    hiddenClasses.value = new Map();
  });
  effect(() => {
    const shown = new Set(shownResults.value.map(({ run }) => run));
    const kept = [...hiddenClasses.peek()].filter(([run]) => shown.has(run));
    if (kept.length < hiddenClasses.peek().size) hiddenClasses.value = new Map(kept);
  });
}
