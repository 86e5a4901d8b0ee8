/** Server-sent events. The browser connects again by itself; a stream that says it has ended is closed. */
import type { Progress } from "./results";

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
