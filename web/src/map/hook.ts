/** `window.__onemap`: what the end-to-end tests ask instead of counting pixels. Read-only. */
import { cell, shownResults } from "../state/results";
import { cameraView, LISTED, views, why } from "../state/sight";
import { lastGainMs } from "../state/siteMoves";
import { counts, selection, view, visible } from "../state/store";
import { controller } from "./current";
import type { DrawnCell } from "./drawn";
import { drawingOf, type SightDrawing } from "./sight";

export interface Hook {
  /** Features in view by layer. */
  readonly features: Readonly<Record<string, number>>;
  /** Names that stand on the map. */
  readonly labels: readonly string[];
  readonly view: Readonly<{ lat: number; lng: number; zoom: number }> | null;
  readonly layers: readonly string[];
  readonly selection: string | null;
  /** Results on the map by kind: the run that is drawn. */
  readonly results: Readonly<Record<string, number>>;
  readonly cell: string | null;
  /** What is drawn of the explanation of a place. */
  readonly sight: SightDrawing | null;
  /** Milliseconds from the pointer to the gain of the site that is dragged. */
  readonly gainMs: number | null;
  /** Resolves when the map stands and everything is drawn. */
  readonly idle: Promise<void>;
  /** Where features of a layer are, in pixels of the map's box. */
  positions(layer: string): { id: number; x: number; y: number }[];
  /** Cells of a run that are drawn in the view. */
  cells(run: number): DrawnCell[];
}

declare global {
  interface Window {
    __onemap?: Hook;
  }
}

async function idle(): Promise<void> {
  let quiet: typeof controller.value = null;
  // A page that is left takes its map along: then that of the next one is waited for.
  while (quiet === null || quiet !== controller.value) {
    quiet = controller.value;
    await (quiet ? quiet.idle() : new Promise((resolve) => window.setTimeout(resolve, 40)));
  }
}

export function installHook(): void {
  window.__onemap = {
    get features() {
      return Object.fromEntries([...counts.value].filter(([name]) => !name.includes("/")));
    },
    get labels() {
      return (controller.value?.placed ?? []).map((placed) => placed.name.text);
    },
    get view() {
      return view.value;
    },
    get layers() {
      return [...visible.value];
    },
    get selection() {
      const chosen = selection.value;
      return chosen && `${chosen.layer}:${chosen.id}`;
    },
    get results() {
      return Object.fromEntries(shownResults.value.map((layer) => [layer.name, layer.run]));
    },
    get cell() {
      return cell.value && `${cell.value.run}:${cell.value.cell}`;
    },
    get sight() {
      return drawingOf(why.value, views.value, cameraView.value, LISTED);
    },
    get gainMs() {
      return lastGainMs.value;
    },
    get idle() {
      return idle();
    },
    cells: (run) => controller.value?.cells(run) ?? [],
    positions: (layer) => controller.value?.positions(layer) ?? [],
  };
}
