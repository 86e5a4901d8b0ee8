/** The tool that tells what lies around a place: whether it is in hand, the place, and the answer. */
import { batch, signal } from "@preact/signals";

import type { Around } from "../data/around";
import { client, type Problem } from "../data/client";
import { followOne } from "./following";
import { cell, cellBelow } from "./results";
import { asked as whyAsked, asking as askingWhy } from "./sight";
import { closeSignal } from "./signal";
import { alternatives, selection } from "./store";

/** Whether a click on the map asks what lies around there. */
export const lookingAround = signal(false);
export const aroundAt = signal<{ readonly lat: number; readonly lng: number } | null>(null);
export const around = signal<Around | null>(null);
export const aroundProblem = signal<Problem | null>(null);

/** Take the tool in hand, and tell what lies around a place. */
export function askAround(lat: number, lng: number): void {
  batch(() => {
    takeUp();
    aroundAt.value = { lat, lng };
    selection.value = null;
    cell.value = null;
    cellBelow.value = null;
    alternatives.value = [];
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

/** Keep the answer in step with the place that is asked for. */
export function followAround(): void {
  followOne(
    aroundAt,
    around,
    aroundProblem,
    ({ lat, lng }, language, signal) => client.around(lng, lat, language, signal),
    { forget: true },
  );
}
