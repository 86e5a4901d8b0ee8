/** Fetches and decodes tiles off the main thread. */
import { decodeTile } from "./decode";
import { secondsBehind, type TileFeatures } from "./tiles";

export type Ask =
  /** `fresh`: what the browser keeps may be too old. */
  { ask: "load"; ticket: number; address: string; fresh: boolean } | { ask: "cancel"; ticket: number };

export interface Answer {
  readonly ticket: number;
  readonly layers: [string, TileFeatures][] | null;
  /** HTTP status; 0 where nothing answered. */
  readonly status: number;
  /** For so many seconds the tile may have been out of date, the database being away; null where it is not. */
  readonly behind: number | null;
}

const running = new Map<number, AbortController>();
// The project's libraries are those of the page; a worker's own scope is described by what is used of it here.
const scope = self as unknown as {
  onmessage: ((event: MessageEvent<Ask>) => void) | null;
  postMessage(message: Answer, transfer: Transferable[]): void;
};

async function load(ticket: number, address: string, fresh: boolean): Promise<void> {
  const controller = new AbortController();
  running.set(ticket, controller);
  let status = 0;
  try {
    const response = await fetch(address, {
      signal: controller.signal,
      cache: fresh ? "no-cache" : "default",
    });
    status = response.status;
    if (response.ok) {
      const layers = [...decodeTile(await response.arrayBuffer())];
      const transfer = layers.flatMap(([, part]) =>
        [part.ids, part.kinds, part.rings, part.vertices, part.coordinates].map((array) => array.buffer),
      );
      const behind = secondsBehind(response.headers.get("cache-status"));
      scope.postMessage({ ticket, layers, status, behind }, transfer as Transferable[]);
      return;
    }
  } catch {
    // Aborted, unreachable, or not a tile: all three leave the tile undrawn; the status tells which.
  } finally {
    running.delete(ticket);
  }
  scope.postMessage({ ticket, layers: null, status, behind: null }, []);
}

scope.onmessage = ({ data }) => {
  if (data.ask === "cancel") running.get(data.ticket)?.abort();
  else void load(data.ticket, data.address, data.fresh);
};
