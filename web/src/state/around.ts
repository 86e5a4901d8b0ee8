/** The tool that tells what lies around: whether it is in hand, the place or the outline asked for, the answer. */
import { batch, computed, signal } from "@preact/signals";

import type { Around, AroundShape } from "../data/around";
import { client, type Problem } from "../data/client";
import { type Corner, geometryOf, type OutlineKind, problemOf } from "../map/outline";
import { followOne } from "./following";
import { cell, cellBelow } from "./results";
import { asked as whyAsked, asking as askingWhy } from "./sight";
import { closeSignal } from "./signal";
import { alternatives, selection } from "./store";

export type AroundKind = "point" | OutlineKind;

/** Rings around what is drawn: itself, and what lies within this many metres of it. */
const RINGS_M = [0, 500];
const USUAL_WIDTH_M = 200;

/** Whether a click on the map asks what lies around there. */
export const lookingAround = signal(false);
export const aroundKind = signal<AroundKind>("point");
export const aroundAt = signal<Corner | null>(null);
/** Corners of the outline that is being drawn, or is drawn. */
export const corners = signal<readonly Corner[]>([]);
export const widthM = signal(USUAL_WIDTH_M);
/** True once the outline is closed: it is asked for, and a click begins a new one. */
export const drawn = signal(false);
export const around = signal<Around | null>(null);
export const aroundProblem = signal<Problem | null>(null);

/** Whether the next click sets a corner. */
export const drawing = computed(() => lookingAround.value && aroundKind.value !== "point");
/** What keeps the outline from being asked for. */
export const outlineProblem = computed(() =>
  aroundKind.value === "point" ? null : problemOf(aroundKind.value, corners.value, widthM.value),
);

type Wanted = { readonly point: Corner } | { readonly shape: AroundShape };

const wanted = computed<Wanted | null>(() => {
  const kind = aroundKind.value;
  if (kind === "point") return aroundAt.value && { point: aroundAt.value };
  if (!drawn.value || outlineProblem.value) return null;
  const geometry = geometryOf(kind, corners.value);
  return { shape: { geometry, radii_m: RINGS_M, ...(kind === "line" ? { width_m: widthM.value } : {}) } };
});

/** Take the tool in hand, and tell what lies around a place. */
export function askAround(lat: number, lng: number): void {
  batch(() => {
    takeUp();
    chooseKind("point");
    aroundAt.value = { lat, lng };
    laySelectionDown();
  });
}

/** Show what lies around a place of an address, or nothing. */
export function showAround(place: Corner | null): void {
  batch(() => {
    lookingAround.value = place !== null;
    aroundKind.value = "point";
    clearOutline();
    aroundAt.value = place;
  });
}

/** What a click or Enter on the map does while the tool is in hand. */
export function pointAround(lat: number, lng: number): void {
  if (aroundKind.peek() === "point") askAround(lat, lng);
  else addCorner({ lat, lng });
}

/** Set a corner; the first one after a finished outline begins a new one. */
export function addCorner(corner: Corner): void {
  batch(() => {
    laySelectionDown();
    corners.value = drawn.peek() ? [corner] : [...corners.peek(), corner];
    drawn.value = false;
  });
}

export function removeCorner(): void {
  batch(() => {
    corners.value = corners.peek().slice(0, -1);
    drawn.value = false;
  });
}

export function clearOutline(): void {
  batch(() => {
    corners.value = [];
    drawn.value = false;
  });
}

/** Close the outline and ask; it stays open where something is wrong with it. */
export function finishOutline(): void {
  if (outlineProblem.peek() === null) drawn.value = true;
}

/** Ask by point, polygon or line. */
export function chooseKind(kind: AroundKind): void {
  if (kind === aroundKind.peek()) return;
  batch(() => {
    aroundKind.value = kind;
    aroundAt.value = null;
    clearOutline();
  });
}

/** Take the tool in hand or lay it down, with its answer. */
export function toggleAround(): void {
  if (lookingAround.peek()) closeAround();
  else takeUp();
}

export function closeAround(): void {
  batch(() => {
    lookingAround.value = false;
    aroundAt.value = null;
    clearOutline();
  });
}

/** Only one tool answers a click. */
function takeUp(): void {
  batch(() => {
    closeSignal();
    askingWhy.value = false;
    whyAsked.value = null;
    lookingAround.value = true;
  });
}

function laySelectionDown(): void {
  selection.value = null;
  cell.value = null;
  cellBelow.value = null;
  alternatives.value = [];
}

/** Keep the answer in step with what is asked for. */
export function followAround(): void {
  followOne(
    wanted,
    around,
    aroundProblem,
    (asked, language, signal) =>
      "point" in asked
        ? client.around(asked.point.lng, asked.point.lat, language, signal)
        : client.aroundShape(asked.shape, language, signal),
    { forget: true },
  );
}
