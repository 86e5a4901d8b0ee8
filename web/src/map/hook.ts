/** `window.__onemap`: what the end-to-end tests ask instead of counting pixels. Read-only. */
import { counts, selection, view, visible } from "../state/store";
import { controller } from "./current";

export interface Hook {
  /** Features in view by layer. */
  readonly features: Readonly<Record<string, number>>;
  /** Names that stand on the map. */
  readonly labels: readonly string[];
  readonly view: Readonly<{ lat: number; lng: number; zoom: number }> | null;
  readonly layers: readonly string[];
  readonly selection: string | null;
  /** Resolves when the map stands and everything is drawn. */
  readonly idle: Promise<void>;
  /** Where features of a layer are, in pixels of the map's box. */
  positions(layer: string): { id: number; x: number; y: number }[];
}

declare global {
  interface Window {
    __onemap?: Hook;
  }
}

async function idle(): Promise<void> {
  while (!controller.value) await new Promise((resolve) => window.setTimeout(resolve, 40));
  await controller.value.idle();
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
    get idle() {
      return idle();
    },
    positions: (layer) => controller.value?.positions(layer) ?? [],
  };
}
