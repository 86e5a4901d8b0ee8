/** What if a camera stood, looked or tilted otherwise: what is tried, and what it would change. */
import { batch, effect, signal } from "@preact/signals";

import { client, type Problem } from "../data/client";
import type { TrialAnswer } from "../data/trial";
import type { Scenario } from "../data/siting";
import { followOne } from "./following";
import { closeWhy, task } from "./sight";
import * as store from "./store";

export interface Trial {
  /** null: a camera that is not there yet. */
  readonly id: number | null;
  readonly name: string;
  /** Where it is added or moved to; null: where it stands. */
  readonly place: { readonly lng: number; readonly lat: number } | null;
  readonly azimuth_deg: number | null;
  readonly tilt_deg: number | null;
  readonly height_m: number | null;
  /** Ask for the direction that wins most. */
  readonly best: boolean;
}

export type Turned = "azimuth_deg" | "tilt_deg" | "height_m";

export const trial = signal<Trial | null>(null);
export const trialAnswer = signal<TrialAnswer | null>(null);
export const trialProblem = signal<Problem | null>(null);
/** True while the next click on the map says where the camera goes. */
export const placing = signal(false);

/** What a camera has where nothing is on record, and what a new one begins with. */
export const USUAL: Readonly<Record<Turned, number>> = { azimuth_deg: 0, tilt_deg: 10, height_m: 6 };

/** Try a camera that stands; what it has on record is where the trial begins. */
export function tryCamera(id: number, name: string, properties: Readonly<Record<string, unknown>>): void {
  const known = (field: Turned) => (typeof properties[field] === "number" ? properties[field] : null);
  begin({
    id,
    name,
    place: null,
    azimuth_deg: known("azimuth_deg"),
    tilt_deg: known("tilt_deg"),
    height_m: known("height_m"),
    best: false,
  });
}

/** Try a new camera at a place, turned to where it wins most. */
export function tryNew(lng: number, lat: number): void {
  begin({ id: null, name: "", place: { lng, lat }, ...USUAL, best: true });
}

function begin(one: Trial): void {
  batch(() => {
    closeWhy();
    store.selection.value = null;
    placing.value = false;
    trial.value = one;
  });
}

export function turn(name: Turned, value: number): void {
  const one = trial.peek();
  if (!one) return;
  // Who turns it by hand goes on from the direction that was found.
  const azimuth = one.best ? (trialAnswer.peek()?.azimuth_deg ?? one.azimuth_deg) : one.azimuth_deg;
  trial.value = { ...one, azimuth_deg: azimuth, best: false, [name]: value };
}

export function turnToBest(): void {
  const one = trial.peek();
  if (one) trial.value = { ...one, best: true };
}

export function moveTo(lng: number, lat: number): void {
  const one = trial.peek();
  batch(() => {
    placing.value = false;
    if (one) trial.value = { ...one, place: { lng, lat } };
  });
}

export function closeTrial(): void {
  batch(() => {
    trial.value = null;
    placing.value = false;
  });
}

/** The question to the service; what is not known is left out. */
export function trialQuery(one: Trial, of: string): URLSearchParams {
  const asked = new URLSearchParams({ task: of });
  if (one.id !== null) asked.set("id", String(one.id));
  if (one.place) {
    asked.set("lon", one.place.lng.toFixed(7));
    asked.set("lat", one.place.lat.toFixed(7));
  }
  for (const name of ["azimuth_deg", "tilt_deg", "height_m"] as const)
    if (one[name] !== null) asked.set(name, String(one[name]));
  if (one.best) asked.set("best", "1");
  return asked;
}

export async function draftTrial(name: string): Promise<Scenario | null> {
  const change = trialAnswer.peek()?.change;
  return change ? client.draftChanges(name, [change], store.language.peek()) : null;
}

/** Keep the answer in step with what is tried. */
export function followTrial(): void {
  // Who chooses something else on the map is done with the trial.
  effect(() => {
    if (store.selection.value) closeTrial();
  });
  followOne(trial, trialAnswer, trialProblem, (one, language, signal) =>
    client.tryCamera(trialQuery(one, task.peek()), language, signal),
  );
}
