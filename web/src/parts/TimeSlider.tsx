/** The line of time on which one stands, by pointer and by keyboard; what it shows is drawn inside it. */
import type { ComponentChildren } from "preact";

import type { IncidentCounts } from "../data/counts";
import * as clock from "../state/clock";
import { words } from "../words";

const PER_PAGE = 6;

/** Move along the steps; before the first is the whole window. */
function onSlide(event: KeyboardEvent): void {
  const at = clock.frame.peek();
  const last = (clock.counts.peek()?.steps.length ?? 1) - 1;
  const to: Readonly<Record<string, number>> = {
    ArrowRight: (at ?? -1) + 1,
    ArrowUp: (at ?? -1) + 1,
    ArrowLeft: (at ?? 0) - 1,
    ArrowDown: (at ?? 0) - 1,
    PageUp: (at ?? -1) + PER_PAGE,
    PageDown: Math.max(0, (at ?? 0) - PER_PAGE),
    Home: 0,
    End: last,
  };
  const next = to[event.key];
  if (event.key === " ") clock.togglePlaying();
  else if (next === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  else {
    clock.playing.value = false;
    if (next < 0) clock.frame.value = null;
    else clock.stand(next);
  }
  event.preventDefault();
}

/** `text`: what the present frame shows, for who cannot see it. */
export function TimeSlider(props: { found: IncidentCounts; text: string; children: ComponentChildren }) {
  const { found, text, children } = props;
  const at = clock.frame.value;
  const size = found.steps.length;
  const point = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    clock.playing.value = false;
    clock.stand(Math.floor(((event.clientX - box.left) / box.width) * size));
  };
  return (
    <div class="time-chart">
      <div
        class="time-slider"
        role="slider"
        tabIndex={0}
        aria-label={words.value.time.slider}
        aria-valuemin={0}
        aria-valuemax={size}
        aria-valuenow={at === null ? 0 : at + 1}
        aria-valuetext={text}
        onKeyDown={onSlide}
        onPointerDown={point}
        onPointerMove={(event) => event.buttons === 1 && point(event)}
      >
        {children}
      </div>
      <div class="time-axis" aria-hidden="true">
        <span>{tick(found, 0)}</span>
        <span>{size > 2 && tick(found, Math.floor(size / 2))}</span>
        <span>{tick(found, size - 1)}</span>
      </div>
    </div>
  );
}

/** The beginning of a step, as short as it can be understood. */
function tick(found: IncidentCounts, at: number): string {
  const start = found.steps[at]?.start ?? "";
  if (found.step === "month") return start.slice(0, 7);
  return found.step === "hour" ? start.slice(5, 16).replace("T", " ") : start.slice(5, 10);
}
