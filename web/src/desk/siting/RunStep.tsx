/** Asking for the plan: how long to prove it, how far it is, the best so far, a way to stop. */
import { ProblemNote } from "../../parts/States";
import { callOff } from "../../state/results";
import {
  ask,
  askProblem,
  failedRun,
  knownParameters,
  plan,
  runningRun,
  runPlan,
  sending,
  set,
} from "../../state/sitingPage";
import { words } from "../../words";
import { gained } from "./planned";

export function StartButton() {
  const w = words.value.siteDesk;
  const busy = sending.value || runningRun.value !== null;
  return (
    <button type="button" class="button main" data-run-plan disabled={busy} onClick={() => void runPlan()}>
      {sending.value ? w.starting : busy ? w.running : plan.value ? w.again : w.start}
    </button>
  );
}

export function RunStep() {
  const w = words.value.siteDesk;
  return (
    <>
      <label class="step-field">
        <span>{w.seconds}</span>
        <input
          type="number"
          min={0}
          max={900}
          value={ask.value.seconds}
          onChange={(event) => {
            const seconds = event.currentTarget.valueAsNumber;
            if (seconds >= 0 && seconds <= 900) set({ seconds });
          }}
        />
      </label>
      <p class="ask-note">{w.secondsNote}</p>
      {knownParameters.value.has("sensitivity") && (
        <label class="step-check">
          <input
            type="checkbox"
            checked={ask.value.sensitivity}
            onChange={(event) => set({ sensitivity: event.currentTarget.checked })}
          />
          {w.sensitivity}
        </label>
      )}
      <Running />
      {askProblem.value && <ProblemNote title={w.failed} problem={askProblem.value} />}
      {failedRun.value && (
        <p class="ask-problem" role="alert">
          {failedRun.value.error
            ? `${failedRun.value.error.title} ${failedRun.value.error.detail}`
            : w.failed}
        </p>
      )}
    </>
  );
}

function Running() {
  const w = words.value.siteDesk;
  const run = runningRun.value;
  if (!run) return null;
  const standing = run.standing;
  const name = run.cancel_requested
    ? w.cancelling
    : run.state === "queued" || run.step === null
      ? w.waiting
      : (words.value.runSteps[run.step as keyof typeof words.value.runSteps] ?? run.step);
  const share = Math.round((run.share ?? 0) * 100);
  return (
    <div class="step-running" data-running={run.id}>
      <div
        class="site-progress"
        role="progressbar"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={share}
      >
        <b style={{ width: `${share}%` }} />
      </div>
      <p>
        {name} {run.state === "running" && `${share}%`}
      </p>
      {standing && (
        <dl class="site-proof" data-standing={standing.gap}>
          <div>
            <dt>{w.best}</dt>
            <dd>{gained(standing.covered, standing.unit)}</dd>
          </div>
          <div>
            <dt>{w.bound}</dt>
            <dd>{gained(standing.bound, standing.unit)}</dd>
          </div>
          <div>
            <dt>{w.gap}</dt>
            <dd>{(standing.gap * 100).toFixed(1)}%</dd>
          </div>
        </dl>
      )}
      <button
        type="button"
        class="button"
        disabled={run.cancel_requested}
        onClick={() => void callOff(run.id)}
      >
        {standing ? w.stop : words.value.cancelRun}
      </button>
    </div>
  );
}
