/** The wall's bar of time: play, window, step and speed; below them what the view tells over that time. */
import type { IncidentCounts } from "../data/counts";
import { Bars, onBarKey, PlayButton, SpeedButton, StepChoice } from "../parts/TimeBar";
import { TimeSlider } from "../parts/TimeSlider";
import * as clock from "../state/clock";
import { barIndicator, barValues, hasOneDay, shownDay, wallWindows } from "../state/playback";
import { language } from "../state/store";
import { told } from "../state/views";
import { say, words } from "../words";
import { count } from "../words/format";
import { frameText } from "../words/time";
import { Curve } from "./Curve";
import { valueText } from "./values";

export function WallTime() {
  const w = words.value;
  const found = clock.counts.value;
  return (
    <section
      class="wall-time"
      aria-label={w.wall.playback}
      data-day={shownDay.value ?? ""}
      onKeyDown={onBarKey}
    >
      <PlayButton />
      <Windows />
      {clock.countsProblem.value ? (
        <p class="time-problem" role="alert">
          {clock.countsProblem.value.detail || w.time.failed}
        </p>
      ) : found ? (
        <Chart found={found} />
      ) : (
        <div class="progress" />
      )}
      <StepChoice />
      <SpeedButton />
      <button
        type="button"
        class="plain time-sum"
        aria-pressed={clock.cumulative.value}
        disabled={barIndicator.value !== null}
        onClick={clock.toggleCumulative}
      >
        {w.time.cumulative}
      </button>
      <Moment found={found} />
    </section>
  );
}

function Windows() {
  const w = words.value.wall;
  const today = told.value?.today;
  const now = clock.clock.value?.window;
  if (!today) return null;
  return (
    <div class="segments" role="group" aria-label={words.value.time.window}>
      {wallWindows(today).map(([name, window]) => (
        <button
          key={name}
          type="button"
          aria-pressed={now === window}
          onClick={() => clock.openWindow(window)}
        >
          {w.windows[name]}
        </button>
      ))}
    </div>
  );
}

function Chart({ found }: { found: IncidentCounts }) {
  const w = words.value;
  const [at, sum, about] = [clock.frame.value, clock.cumulative.value, barIndicator.value];
  const values = barValues.value;
  const value = at === null ? null : (values[at] ?? null);
  const told =
    about === null
      ? w.time.incidents(count(clock.shownTotal.value, language.value))
      : value === null
        ? w.wall.noValue
        : valueText(about, value);
  const text = `${frameText(found, at, sum && about === null, w)}${w.time.colon}${told}`;
  return (
    <TimeSlider found={found} text={at === null ? w.time.whole(text) : text}>
      {about === null ? (
        <Bars heights={values} lit={(index) => at === null || index === at || (sum && index < at)} />
      ) : (
        <Curve values={values} at={at} />
      )}
      <span class="time-about">
        {about === null ? w.wall.incidentsPer[found.step] : say(about.short_title)}
        {about !== null && hasOneDay.value && ` · ${w.wall.noOtherDays}`}
      </span>
    </TimeSlider>
  );
}

/** Where the clock stands, and what there is then. */
function Moment({ found }: { found: IncidentCounts | null }) {
  const w = words.value;
  const about = barIndicator.value;
  if (!found) return <p class="wall-moment" />;
  const at = clock.frame.value;
  return (
    <p class="wall-moment" data-time-words>
      <strong>{frameText(found, at, clock.cumulative.value && about === null, w)}</strong>
      <small>
        {about === null
          ? w.time.incidents(count(clock.shownTotal.value, language.value))
          : at === null
            ? w.wall.present
            : w.wall.past}
      </small>
    </p>
  );
}
