/** Server-sent events. The browser connects again by itself; a stream that says it has ended is closed. */
import type { Progress } from "./results";
import type { Box } from "./types";

export interface Watcher {
  readonly progress: (progress: Progress) => void;
  readonly end: (progress: Progress) => void;
}

/** Follow a run until it has ended; returns what stops it. The language is the browser's own. */
export function watchRun(id: number, watcher: Watcher): () => void {
  const stream = new EventSource(`/runs/${id}/events`);
  const read = (event: Event) => JSON.parse((event as MessageEvent<string>).data) as Progress;
  stream.addEventListener("progress", (event) => watcher.progress(read(event)));
  stream.addEventListener("end", (event) => {
    stream.close();
    watcher.end(read(event));
  });
  return () => stream.close();
}

/** Boxes are west, south, east, north in degrees; null: not there, or not told. */
interface LayerChange {
  readonly layer: string;
  /** Further layers that show the same rows. */
  readonly parts: readonly string[];
  readonly id: number | null;
  readonly bbox_old: Box | null;
  readonly bbox_new: Box | null;
}

interface ResultChange {
  readonly kind: string;
  readonly region: string | null;
  readonly run: number;
  readonly live: boolean;
  readonly bbox: Box | null;
}

export interface Listener {
  readonly layer: (change: LayerChange) => void;
  readonly result: (change: ResultChange) => void;
  /** Something may have been missed: what is shown must be read again. */
  readonly resync: () => void;
}

/** How long a stream that the service refused is left alone. */
const AGAIN_MS = 30_000;

/**
 * Hear of every change from now on, and after a break from where the stream stood. Returns what opens and
 * closes it: without a connection a stream would only fail again and again.
 */
export function changes(listener: Listener): { open: () => void; close: () => void } {
  let stream: EventSource | null = null;
  let position = "";
  let timer = 0;
  const hear = <T>(handle: (data: T) => void) => {
    return (event: Event) => {
      const { data, lastEventId } = event as MessageEvent<string>;
      if (lastEventId) position = lastEventId;
      handle((JSON.parse(data) as { data: T }).data);
    };
  };
  const close = () => {
    window.clearTimeout(timer);
    stream?.close();
    stream = null;
  };
  const open = () => {
    if (stream) return;
    stream = new EventSource(position ? `/events?since=${encodeURIComponent(position)}` : "/events");
    stream.addEventListener("layer.changed", hear(listener.layer));
    stream.addEventListener("result.changed", hear(listener.result));
    stream.addEventListener("resync", hear(listener.resync));
    stream.addEventListener(
      "ready",
      hear(() => {}),
    );
    stream.addEventListener("error", () => {
      // The browser connects again by itself unless the service has refused.
      if (stream?.readyState !== EventSource.CLOSED) return;
      close();
      timer = window.setTimeout(open, AGAIN_MS);
    });
  };
  return { open, close };
}
