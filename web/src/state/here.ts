/** Where the phone says that it is. */
import { signal } from "@preact/signals";

import { controller } from "../map/current";
import type { Corner } from "../map/outline";

const PATIENCE_MS = 15_000;

/** null: not asked, or let go of. */
export const here = signal<Corner | null>(null);
export const hereProblem = signal<"insecure" | "notLocated" | null>(null);

/** Ask for the place anew and go there on the map. */
export function locate(zoom: number): void {
  hereProblem.value = null;
  if (!window.isSecureContext || !navigator.geolocation) {
    hereProblem.value = "insecure";
    return;
  }
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      here.value = { lng: coords.longitude, lat: coords.latitude };
      controller.value?.flyTo(coords.longitude, coords.latitude, zoom);
    },
    () => (hereProblem.value = "notLocated"),
    { enableHighAccuracy: true, timeout: PATIENCE_MS },
  );
}

/** Let go of the place. */
export function forgetHere(): void {
  here.value = null;
  hereProblem.value = null;
}
