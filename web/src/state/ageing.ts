/** While tiles are on the map that the service could not renew: how old they are, and new ones when it can. */
import { effect } from "@preact/signals";

import { client } from "../data/client";
import { controller } from "../map/current";
import { online, tilesAge, tilesTrueUntil } from "./store";

const LOOK_MS = 5_000;

export function followAge(): void {
  effect(() => {
    const since = tilesTrueUntil.value;
    if (since === null) {
      tilesAge.value = null;
      return;
    }
    const age = () => (tilesAge.value = Math.max(0, (Date.now() - since) / 1000));
    age();
    const timer = window.setInterval(() => {
      age();
      if (online.peek()) void client.isReady().then((ready) => ready && controller.peek()?.renew());
    }, LOOK_MS);
    return () => window.clearInterval(timer);
  });
}
