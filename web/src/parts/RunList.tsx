/** Recent runs with their state; those that go on show how far they are, and can be called off. */
import { signal } from "@preact/signals";

import type { Run } from "../data/results";
import { callOff, refOfRun, runs, runsProblem, shownResults, showResult, table } from "../state/results";
import { language } from "../state/store";
import { number } from "../words/format";
import { words } from "../words";
import { parametersBeside, regionText, resultTitle, timeText } from "./naming";

/** Steps of a run in their order; each is a part of the bar. */
const STEPS = ["read", "compute", "write", "publish"] as const;
const FEW = 5;

const all = signal(false);

export function RunList() {
  const w = words.value;
  const shown = all.value ? runs.value : runs.value.slice(0, FEW);
  return (
    <section class="runs" aria-label={w.recentRuns}>
      <h3 class="section">{w.recentRuns}</h3>
      {runsProblem.value ? (
        <p class="palette-note" role="alert">
          {runsProblem.value.unreachable
            ? w.unreachable
            : runsProblem.value.detail || runsProblem.value.title || w.runsFailed}
        </p>
      ) : (
        runs.value.length === 0 && <p class="palette-note muted">{w.runsNone}</p>
      )}
      <ul>
        {shown.map((run) => (
          <RunRow key={run.id} run={run} />
        ))}
      </ul>
      {runs.value.length > FEW && (
        <button type="button" class="link runs-more" onClick={() => (all.value = !all.value)}>
          {all.value ? w.hideClasses : `${w.more} (${runs.value.length - FEW})`}
        </button>
      )}
    </section>
  );
}

function RunRow({ run }: { run: Run }) {
  const w = words.value;
  const open = run.state === "queued" || run.state === "running";
  const facts = [
    regionText(run.region),
    ...parametersBeside(run).map(({ title, text }) => `${title} ${text}`),
  ];
  return (
    <li class="run" data-run={run.id} data-state={run.state}>
      <div class="run-head">
        <span class="run-title">{resultTitle(run)}</span>
        <span class={`badge run-${run.state}`}>{w.runStates[run.state]}</span>
      </div>
      <p class="run-facts">{facts.join(" · ")}</p>
      <p class="run-facts">
        {w.runAt(run.id, timeText(run.finished_at ?? run.requested_at))}
        {run.published && ` · ${w.published}`}
        {run.out_of_date && <span class="badge stale">{w.outOfDate}</span>}
      </p>
      {open && <ProgressBar run={run} />}
      {run.error && (
        <p class="run-error">
          <b>{run.error.title}</b> {run.error.detail}
        </p>
      )}
      {run.state === "succeeded" && <Shown run={run} />}
    </li>
  );
}

function Shown({ run }: { run: Run }) {
  const w = words.value;
  if (!run.has_results) return <p class="run-facts">{w.droppedResult}</p>;
  const on = shownResults.value.some((one) => one.run === run.id);
  return (
    <p class="run-actions">
      <button type="button" class="link" disabled={on} onClick={() => showResult(refOfRun(run))}>
        {on ? w.shownOnMap : w.showRun}
      </button>
      <button type="button" class="link" onClick={() => (table.value = run.id)}>
        {w.openTable}
      </button>
    </p>
  );
}

/** Share of a step that is done, 0 to 1, for a run at another step or at this one. */
export function stepShare(at: string | null, share: number | null, step: (typeof STEPS)[number]): number {
  const here = STEPS.indexOf(at as (typeof STEPS)[number]);
  const place = STEPS.indexOf(step);
  if (at === "done" || place < here) return 1;
  return place === here ? (share ?? 0) : 0;
}

function ProgressBar({ run }: { run: Run }) {
  const w = words.value;
  const step = run.step as keyof typeof w.runSteps | null;
  const name = run.cancel_requested
    ? w.cancelling
    : run.state === "queued" || step === null
      ? w.waitingForWorker
      : (w.runSteps[step] ?? step);
  const parts = STEPS.map((one) => stepShare(run.step, run.share, one));
  const whole = Math.round((parts.reduce((sum, part) => sum + part, 0) / STEPS.length) * 100);
  return (
    <div class="run-progress">
      <div
        class="run-bar"
        role="progressbar"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={whole}
        aria-valuetext={`${name} ${whole}%`}
      >
        {parts.map((part, index) => (
          <i key={index}>
            <b style={{ width: `${part * 100}%` }} />
          </i>
        ))}
      </div>
      <span class="run-step">
        {name}
        {run.state === "running" && run.share !== null && run.share > 0 && run.share < 1
          ? ` ${number(Math.round(run.share * 100), language.value)}%`
          : ""}
      </span>
      <button
        type="button"
        class="link"
        disabled={run.cancel_requested}
        aria-label={w.cancelRunOf(run.id)}
        onClick={() => void callOff(run.id)}
      >
        {w.cancelRun}
      </button>
    </div>
  );
}
