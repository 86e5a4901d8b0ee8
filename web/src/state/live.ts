/** What others change, on this screen at once: tiles, the open card, results. */
import { effect } from "@preact/signals";

import { changes } from "../data/events";
import type { Box } from "../data/types";
import { controller } from "../map/current";
import { cellChanges, loadPublished, loadRuns } from "./results";
import * as store from "./store";
import { layersChanged } from "./views";

/** Changes that come together are drawn together. */
const GATHER_MS = 40;
/** Whether results are out of date is asked this long after a change, however many follow it. */
const RESULTS_MS = 3_000;

/** Boxes of what has changed, by source; null: anywhere. */
const gathered = new Map<string, Box[] | null>();
let drawing = 0;
let asking = 0;

function gather(names: readonly string[], boxes: readonly (Box | null)[]): void {
  const known = boxes.filter((box) => box !== null);
  for (const name of names) {
    const before = gathered.get(name);
    if (before === null) continue;
    gathered.set(name, known.length === 0 ? null : [...(before ?? []), ...known]);
  }
  drawing ||= window.setTimeout(draw, GATHER_MS);
}

function draw(): void {
  drawing = 0;
  for (const [name, boxes] of gathered) controller.peek()?.touch(new Set([name]), boxes);
  gathered.clear();
}

function askForResults(delay: number): void {
  asking ||= window.setTimeout(() => {
    asking = 0;
    void loadPublished();
  }, delay);
}

/** Follow the service's stream of changes while there is a connection. */
export function followChanges(): void {
  const stream = changes({
    layer: ({ layer, parts, id, bbox_old, bbox_new }) => {
      const names = [layer, ...parts];
      gather(names, [bbox_old, bbox_new]);
      const chosen = store.selection.peek();
      if (chosen && names.includes(chosen.layer) && (id === null || id === chosen.id))
        store.itemChanges.value++;
      askForResults(RESULTS_MS);
      layersChanged();
    },
    result: ({ kind, run, live, bbox }) => {
      gather([`${kind}:${run}`], [bbox]);
      if (live) cellChanges.value++;
      // A live result begins without saying where it changed.
      askForResults(live && bbox ? RESULTS_MS : 0);
      if (!live) void loadRuns();
    },
    resync: () => {
      controller.peek()?.touch(null, null);
      store.itemChanges.value++;
      askForResults(0);
      layersChanged();
      void loadRuns();
    },
  });
  effect(() => {
    if (store.catalogue.value && store.online.value) stream.open();
    else stream.close();
  });
}
