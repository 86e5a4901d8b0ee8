/** The map that is on the screen, for the panels' buttons; null until it stands. */
import { signal } from "@preact/signals";

import type { MapController } from "./MapController";

export const controller = signal<MapController | null>(null);
