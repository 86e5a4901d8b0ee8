/** What the clock shows in words, by class, by place and by hour of the week. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { Problem } from "../data/client";
import type { IncidentCounts } from "../data/counts";
import { controller } from "../map/current";
import { countColour } from "../map/incidentCounts";
import * as clock from "../state/clock";
import { runs, told, toldRun, windowHotspots } from "../state/results";
import { language, regionNames, theme } from "../state/store";
import { words } from "../words";
import { count } from "../words/format";
import { busiest, classTitle, frameText, peak, spanText, stepSpan } from "../words/time";
import { Icon } from "./icons";
import { ProblemNote } from "./States";

const MOST_CLASSES = 8;

export function TimePanel() {
  const w = words.value;
  const found = clock.counts.value;
  return (
    <aside class="panel right time-panel" aria-label={w.time.tool}>
      <header class="card-head">
        <div class="card-kind">
          <span>{w.time.tool}</span>
          {toldRun.value && told.value && (
            <button type="button" class="link" onClick={() => (clock.hotspotsInFront.value = true)}>
              {w.hotspotList}
            </button>
          )}
          <button type="button" class="plain" aria-label={w.close} onClick={clock.closeClock}>
            <Icon name="close" />
          </button>
        </div>
        {found && <Answer found={found} />}
        {found && <WindowHotspots found={found} />}
      </header>
      <div class="panel-scroll">
        {found ? (
          <>
            <Classes found={found} />
            <Cells found={found} />
            <Week found={found} />
          </>
        ) : clock.countsProblem.value ? (
          <ProblemNote title={w.time.failed} problem={clock.countsProblem.value} />
        ) : (
          <div class="message">
            <div class="progress" />
          </div>
        )}
      </div>
    </aside>
  );
}

function Answer({ found }: { found: IncidentCounts }) {
  const w = words.value;
  const at = clock.frame.value;
  const total = count(clock.shownTotal.value, language.value);
  const highest = peak(found);
  const most = highest === null ? null : found.steps[highest];
  const text = frameText(found, at, clock.cumulative.value, w);
  return (
    <>
      <h2 class="card-title" data-time-answer={clock.shownTotal.value}>
        {at === null && found.steps.length > 1 && highest !== null && most
          ? w.time.answer(total, stepSpan(found, highest), count(most.n, language.value))
          : w.time.incidents(total)}
      </h2>
      <div class="card-sub">
        <span>{text}</span>
        {at !== null && <span>{w.time.within(spanText(found.from, found.to))}</span>}
        {found.left_out > 0 && <span>{w.time.leftOut(count(found.left_out, language.value))}</span>}
      </div>
      <CountLegend />
    </>
  );
}

/** Steps that a history can have. */
const [FEWEST_STEPS, MOST_STEPS] = [2, 400];

/** Hotspots of what the clock shows: asked for once, on the map when they are there. */
function WindowHotspots({ found }: { found: IncidentCounts }) {
  const w = words.value.hotspots;
  const asked = useSignal<number | null>(null);
  const problem = useSignal<Problem | null>(null);
  const run = runs.value.find((one) => one.id === asked.value);
  const done = run?.state === "succeeded";
  useEffect(() => {
    if (done) hotspotsOf(asked);
  }, [done]);
  const steps = found.steps.length;
  if (steps < FEWEST_STEPS || steps > MOST_STEPS) return null;
  const busy = run !== undefined && (run.state === "queued" || run.state === "running");
  const failed = problem.value?.detail ?? (run?.state === "failed" ? run.error?.detail || w.failed : null);
  const go = () =>
    windowHotspots(found).then(
      (id) => ([asked.value, problem.value] = [id, null]),
      (reason: unknown) => {
        if (!(reason instanceof Problem)) throw reason;
        problem.value = reason;
      },
    );
  return (
    <p class="time-hotspots">
      <button type="button" class="button" title={w.forWindowNote} disabled={busy} onClick={() => void go()}>
        {busy ? w.finding : w.forWindow}
      </button>
      {failed && <span role="alert"> {failed}</span>}
    </p>
  );
}

function hotspotsOf(asked: { value: number | null }): void {
  asked.value = null;
  clock.hotspotsInFront.value = true;
}

/** Colours of the cells, each with the numbers it stands for. */
export function CountLegend() {
  const w = words.value;
  const breaks = clock.breaks.value;
  return (
    <ul class="time-legend" aria-label={w.time.legend}>
      {breaks.map((least, place) => {
        const next = breaks[place + 1];
        const text =
          next === undefined ? `≥ ${least}` : next - 1 > least ? `${least}–${next - 1}` : `${least}`;
        return (
          <li key={least}>
            <span style={{ background: countColour(place, breaks.length, theme.value) }} />
            {text}
          </li>
        );
      })}
      <li class="muted">{w.time.perCell}</li>
    </ul>
  );
}

function Classes({ found }: { found: IncidentCounts }) {
  const w = words.value;
  const rows = clock.classSums.value
    .map((n, place) => ({ n, one: found.classes[place]! }))
    .filter(({ n }) => n > 0)
    .sort((a, b) => b.n - a.n);
  const most = rows[0]?.n ?? 1;
  const rest = rows.slice(MOST_CLASSES).reduce((sum, { n }) => sum + n, 0);
  return (
    <>
      <h3 class="section">{w.time.classes}</h3>
      {rows.length === 0 && <p class="palette-note muted">{w.time.nothing}</p>}
      <ul class="time-classes">
        {rows.slice(0, MOST_CLASSES).map(({ n, one }) => (
          <li key={one.code}>
            <span>{classTitle(one, language.value)}</span>
            <i style={{ width: `${(n / most) * 100}%` }} aria-hidden="true" />
            <b>{count(n, language.value)}</b>
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <p class="palette-note muted">
          {w.time.otherClasses(
            count(rows.length - MOST_CLASSES, language.value),
            count(rest, language.value),
          )}
        </p>
      )}
    </>
  );
}

function Cells({ found }: { found: IncidentCounts }) {
  const w = words.value;
  const go = (place: number) => {
    const [lng = 0, lat = 0] = found.outlines[place] ?? [];
    controller.peek()?.flyTo(lng, lat, 15);
  };
  if (clock.topCells.value.length === 0) return null;
  return (
    <>
      <h3 class="section">{w.time.cells}</h3>
      <ol class="time-cells">
        {clock.topCells.value.map(({ n, place }) => {
          const region = found.regions[place] ?? "";
          return (
            <li key={place}>
              <button type="button" data-time-cell={found.cells[place]} onClick={() => go(place)}>
                <span>{regionNames.value.get(region) ?? (region || w.time.outside)}</span>
                <b>{count(n, language.value)}</b>
              </button>
            </li>
          );
        })}
      </ol>
      <p class="palette-note muted">{w.cellNote}</p>
    </>
  );
}

/** Hours by weekday over the window; the step that is shown has its frame. */
function Week({ found }: { found: IncidentCounts }) {
  const w = words.value;
  const most = Math.max(1, ...found.profile.flat());
  const best = busiest(found.profile);
  const at = clock.frame.value;
  const start = at === null || found.step !== "hour" ? null : (found.steps[at]?.start ?? null);
  const day = start ? (new Date(`${start}Z`).getUTCDay() + 6) % 7 : -1;
  const hour = start ? Number(start.slice(11, 13)) : -1;
  const summary = best
    ? w.time.busiest(w.time.weekdays[best.day] ?? "", best.hour, count(best.n, language.value))
    : w.time.nothing;
  return (
    <>
      <h3 class="section">
        {w.time.week} <small class="muted">{w.time.wholeWindow}</small>
      </h3>
      <figure class="time-week">
        <svg viewBox="0 0 266 96" role="img" aria-label={summary}>
          {found.profile.map((hours, row) => (
            <g key={row}>
              <text x="0" y={row * 11 + 9}>
                {w.time.weekdays[row]}
              </text>
              {hours.map((n, column) => (
                <rect
                  key={column}
                  class={row === day && column === hour ? "here" : undefined}
                  x={26 + column * 10}
                  y={row * 11}
                  width="9"
                  height="10"
                  fill-opacity={0.08 + 0.92 * (n / most)}
                />
              ))}
            </g>
          ))}
          {[0, 6, 12, 18].map((one) => (
            <text key={one} x={26 + one * 10} y="90">
              {w.time.atHour(one)}
            </text>
          ))}
        </svg>
        <figcaption>{summary}</figcaption>
      </figure>
    </>
  );
}
