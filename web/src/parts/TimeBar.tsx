/** The clock of incidents: window, step, speed, and a histogram on which one stands. All of it by keyboard too. */
import { useSignal } from "@preact/signals";

import { type IncidentCounts, type StepName, STEPS } from "../data/counts";
import * as clock from "../state/clock";
import { city, language } from "../state/store";
import { words } from "../words";
import { count } from "../words/format";
import { frameText } from "../words/time";
import { DayField } from "./DayField";
import { Icon } from "./icons";
import { TimeSlider } from "./TimeSlider";

export function TimeBar() {
  const w = words.value;
  const found = clock.counts.value;
  return (
    <section class="time-bar" aria-label={w.time.tool} onKeyDown={onBarKey}>
      <div class="time-controls">
        <PlayButton />
        <Windows />
        <StepChoice />
        <SpeedButton />
        <label class="time-sum">
          <input type="checkbox" checked={clock.cumulative.value} onChange={clock.toggleCumulative} />
          {w.time.cumulative}
        </label>
      </div>
      {clock.countsProblem.value ? (
        <p class="time-problem" role="alert">
          {clock.countsProblem.value.detail || w.time.failed}
        </p>
      ) : found ? (
        <Histogram found={found} />
      ) : (
        <div class="progress" />
      )}
      <p class="time-words" data-time-words>
        {found && (
          <>
            <strong>{frameText(found, clock.frame.value, clock.cumulative.value, w)}</strong>
            <span>
              {w.time.incidents(count(clock.shownTotal.value, language.value))}
              {found.steps.length > 1 && ` · ${w.time.most(count(highest(found), language.value))}`}
            </span>
            <span>{w.time.obeys}</span>
          </>
        )}
      </p>
    </section>
  );
}

export function PlayButton() {
  const w = words.value;
  const found = clock.counts.value;
  return (
    <button
      type="button"
      class="plain time-play"
      aria-label={clock.playing.value ? w.time.pause : w.time.play}
      aria-pressed={clock.playing.value}
      disabled={!found || found.steps.length < 2}
      onClick={clock.togglePlaying}
    >
      <Icon name={clock.playing.value ? "pause" : "play"} />
    </button>
  );
}

export function SpeedButton() {
  const w = words.value;
  return (
    <button
      type="button"
      class="plain time-speed"
      aria-label={w.time.speed(clock.speed.value)}
      title={w.time.speed(clock.speed.value)}
      onClick={nextSpeed}
    >
      {clock.speed.value}×
    </button>
  );
}

/** Incidents of the fullest step. */
const highest = (found: IncidentCounts) => Math.max(0, ...found.steps.map(({ n }) => n));

function nextSpeed(): void {
  const at = clock.SPEEDS.indexOf(clock.speed.value);
  clock.speed.value = clock.SPEEDS[(at + 1) % clock.SPEEDS.length] ?? 1;
}

function Windows() {
  const w = words.value;
  const now = clock.clock.value?.window ?? "";
  const own = now.includes("/");
  const choosing = useSignal(own);
  return (
    <>
      <div class="segments" role="group" aria-label={w.time.window}>
        {clock.WINDOWS.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={now === name}
            onClick={() => {
              choosing.value = false;
              clock.openWindow(name);
            }}
          >
            {w.time.windows[name]}
          </button>
        ))}
        <button
          type="button"
          aria-pressed={own}
          aria-expanded={choosing.value}
          onClick={() => (choosing.value = !choosing.value)}
        >
          {w.time.own}
        </button>
      </div>
      {choosing.value && <OwnWindow />}
    </>
  );
}

function OwnWindow() {
  const w = words.value;
  const found = clock.counts.value;
  const now = clock.clock.value?.window ?? "";
  const last = city.value?.as_of ?? found?.to.slice(0, 10) ?? "";
  const [first, end] = now.includes("/") ? now.split("/") : [found?.from.slice(0, 10), last];
  const from = useSignal(first ?? "");
  const to = useSignal(end ?? "");
  const show = (event: Event) => {
    event.preventDefault();
    if (from.value && to.value) clock.openWindow(`${from.value}/${to.value}`);
  };
  return (
    <form class="time-own" onSubmit={show}>
      <DayField
        label={w.time.from}
        value={from.value}
        max={to.value || last}
        choose={(day) => (from.value = day)}
      />
      <span aria-hidden="true">–</span>
      <DayField
        label={w.time.to}
        value={to.value}
        min={from.value}
        max={last}
        choose={(day) => (to.value = day)}
      />
      <button type="submit" class="button">
        {w.time.show}
      </button>
    </form>
  );
}

/** Steps that a window of so many hours can have; more would be no bars any more. */
const fits = (step: StepName, hours: number) =>
  ({ hour: hours <= 24 * 31, day: hours > 24, week: hours > 24 * 7, month: hours > 24 * 31 })[step];

export function StepChoice() {
  const w = words.value;
  const found = clock.counts.value;
  if (!found) return null;
  return (
    <label class="time-step">
      <span>{w.time.step}</span>
      <select
        value={found.step}
        onChange={(event) => clock.chooseStep(event.currentTarget.value as StepName)}
      >
        {STEPS.filter((step) => step === found.step || fits(step, found.hours)).map((step) => (
          <option key={step} value={step}>
            {w.time.steps[step]}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Escape goes back to the whole window. */
export function onBarKey(event: KeyboardEvent): void {
  if (event.key === "Escape" && clock.frame.peek() !== null) {
    clock.playing.value = false;
    clock.frame.value = null;
    event.preventDefault();
    event.stopPropagation();
  }
}

function Histogram({ found }: { found: IncidentCounts }) {
  const w = words.value;
  const at = clock.frame.value;
  const sum = clock.cumulative.value;
  const heights = found.steps.map((step) => (sum ? step.cumulative : step.n));
  const text = `${frameText(found, at, sum, w)}${w.time.colon}${w.time.incidents(count(clock.shownTotal.value, language.value))}`;
  return (
    <TimeSlider found={found} text={at === null ? w.time.whole(text) : text}>
      <Bars heights={heights} lit={(index) => at === null || index === at || (sum && index < at)} />
    </TimeSlider>
  );
}

/** Bars that fill the slider; what is not known has none. */
export function Bars({
  heights,
  lit,
}: {
  heights: readonly (number | null)[];
  lit: (index: number) => boolean;
}) {
  const most = Math.max(1e-9, ...heights.map((height) => height ?? 0));
  return (
    <svg viewBox={`0 0 ${heights.length} 100`} preserveAspectRatio="none" aria-hidden="true">
      {heights.map((height, index) => (
        <rect
          key={index}
          class={lit(index) ? "lit" : undefined}
          x={index + 0.08}
          width={0.84}
          y={100 - ((height ?? 0) / most) * 96}
          height={((height ?? 0) / most) * 96}
        />
      ))}
    </svg>
  );
}
