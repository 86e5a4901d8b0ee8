/** The day that the layers of the map are shown as of: the clock's, or one that the reader has chosen. */
import { batch, computed, effect, signal } from "@preact/signals";

import { client, type Problem } from "../data/client";
import type { LayerRecord, LayerRecords } from "../data/types";
import * as clock from "./clock";
import { followOne } from "./following";
import { shownDay } from "./playback";
import * as store from "./store";

/** Playing goes on before the map has come after it: a day is left out rather than all of them late. */
const SETTLE_MS = 200;

/** The reader's own choice; the clock goes before it. null: the present. */
export const chosenDay = signal<string | null>(null);
/** Since when the layers are known; asked for with the first day. */
export const records = signal<LayerRecords | null>(null);

/** The day that is wanted; null: the present. */
export const wantedDay = computed<string | null>(() => {
  const day = shownDay.value ?? chosenDay.value;
  const today = store.city.value?.as_of ?? records.value?.today ?? null;
  return day !== null && today !== null && day >= today ? null : day;
});

/** The day that is on the map: the wanted one as soon as the one before it has been drawn. */
export const mapDay = signal<string | null>(null);

/** Whether nothing is known of the city at the day of the map: then no layer is drawn. */
export const beforeRecords = computed(() => {
  const [day, first] = [mapDay.value, records.value?.first_day ?? null];
  return day !== null && first !== null && day < first;
});

export type Standing = "known" | "as-loaded" | "partly-dated";

/** What a layer of an earlier day is worth: before its first record only dates that features state tell anything. */
export function standing(record: LayerRecord | undefined, day: string): Standing {
  if (!record || record.features === 0) return "known";
  if (record.recorded_from !== null && day >= record.recorded_from) return "known";
  if (record.dated === 0) return "as-loaded";
  return record.dated < record.features ? "partly-dated" : "known";
}

/** The standing of a layer at the day of the map. */
export const standingOf = (layer: string): Standing =>
  mapDay.value === null ? "known" : standing(records.value?.layers[layer], mapDay.value);

/** Show the present again, whatever had led away from it. */
export function backToNow(): void {
  batch(() => {
    clock.playing.value = false;
    clock.frame.value = null;
    chosenDay.value = null;
  });
}

/** Keep the map's day in step with the clock, and learn since when layers are known. */
export function followDay(): void {
  const failed = signal<Problem | null>(null);
  const asked = computed(() => (wantedDay.value === null && chosenDay.value === null ? null : "asked"));
  followOne(asked, records, failed, (_, language, signal) => client.records(language, signal));
  let timer = 0;
  effect(() => {
    const [day, busy] = [wantedDay.value, store.tilesPending.value > 0];
    const told = records.value !== null || failed.value !== null;
    if (day === mapDay.value) return;
    if (day === null) mapDay.value = null;
    else if (told && !busy)
      timer ||= window.setTimeout(() => {
        timer = 0;
        mapDay.value = wantedDay.peek();
      }, SETTLE_MS);
  });
}
