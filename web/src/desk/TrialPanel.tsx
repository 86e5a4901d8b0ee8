/** What if a camera stood, looked or tilted otherwise: set it, see at once what is won and lost, keep it as a scenario. */
import { useSignal } from "@preact/signals";

import { Problem } from "../data/client";
import type { Scenario } from "../data/siting";
import type { TrialAnswer } from "../data/trial";
import { controller } from "../map/current";
import { ProblemNote } from "../parts/States";
import { language } from "../state/store";
import {
  closeTrial,
  draftTrial,
  placing,
  type Trial,
  trial,
  trialAnswer,
  trialProblem,
  turn,
  type Turned,
  turnToBest,
  USUAL,
} from "../state/trial";
import { count } from "../words/format";
import { areaText, trialWords } from "../words/trial";
import { words } from "../words";
import { SideCard } from "./SideCard";

/** Least, most and step of what can be turned. */
const RANGES: Readonly<Record<Turned, readonly [number, number, number]>> = {
  azimuth_deg: [0, 359, 1],
  tilt_deg: [0, 80, 1],
  height_m: [2, 40, 0.5],
};

export function TrialPanel() {
  const w = words.value;
  const one = trial.value;
  if (!one) return null;
  const close = () => {
    closeTrial();
    controller.value?.container.focus();
  };
  return (
    <SideCard
      sort="trial"
      label={w.trial.title}
      kind={w.trial.title}
      answer={one.id === null ? w.trial.newCamera : one.name}
      head={<p class="card-sub">{w.trial.note}</p>}
      close={close}
      data={{ "data-trial": one.id ?? "new" }}
    >
      <Controls one={one} />
      {trialProblem.value ? (
        <ProblemNote title={w.trial.failed} problem={trialProblem.value} />
      ) : trialAnswer.value ? (
        <>
          <Answer found={trialAnswer.value} />
          <Keep key={`${one.id}`} />
        </>
      ) : (
        <div class="progress" />
      )}
    </SideCard>
  );
}

function Controls({ one }: { one: Trial }) {
  const w = words.value.trial;
  const found = trialAnswer.value;
  return (
    <div class="trial-controls">
      {(Object.keys(RANGES) as Turned[]).map((name) => {
        const [least, most, step] = RANGES[name];
        const tried = name === "azimuth_deg" && one.best ? (found?.azimuth_deg ?? null) : one[name];
        return (
          <label key={name}>
            <span>
              {w.fields[name]} <b>{tried === null ? w.unknown : w.values[name](String(tried))}</b>
            </span>
            <input
              type="range"
              data-turn={name}
              min={least}
              max={most}
              step={step}
              value={tried ?? USUAL[name]}
              onInput={(event) => turn(name, Number(event.currentTarget.value))}
            />
          </label>
        );
      })}
      <p class="trial-actions">
        <button type="button" class="button main" aria-pressed={one.best} onClick={turnToBest}>
          {w.best}
        </button>
        <button
          type="button"
          class="button"
          aria-pressed={placing.value}
          onClick={() => (placing.value = !placing.value)}
        >
          {placing.value ? w.placing : w.move}
        </button>
      </p>
    </div>
  );
}

function Answer({ found }: { found: TrialAnswer }) {
  const w = words.value.trial;
  const told = trialWords(found);
  const area = (value: number) => areaText(value, language.value);
  return (
    <dl class="grid-numbers" aria-live="polite" data-gained={found.gained_m2} data-lost={found.lost_m2}>
      <div title={w.gainedNote}>
        <dd>+{area(found.gained_m2)}</dd>
        <dt>{w.gained}</dt>
      </div>
      <div>
        <dd>−{area(found.lost_m2)}</dd>
        <dt>{w.lost}</dt>
      </div>
      <div>
        <dd>
          {count(told.better, language.value)} / {count(told.worse, language.value)}
        </dd>
        <dt>{w.cells}</dt>
      </div>
    </dl>
  );
}

/** Keep what was tried as a scenario of its own. */
function Keep() {
  const w = words.value;
  const name = useSignal("");
  const kept = useSignal<Scenario | null>(null);
  const problem = useSignal<Problem | null>(null);
  const send = async (event: Event) => {
    event.preventDefault();
    problem.value = null;
    try {
      kept.value = await draftTrial(name.value.trim());
    } catch (reason) {
      if (!(reason instanceof Problem)) throw reason;
      problem.value = reason;
    }
  };
  return (
    <form class="ask" noValidate onSubmit={(event) => void send(event)}>
      <div class="ask-field">
        <label for="trial-name">{w.siting.draftName}</label>
        <input
          id="trial-name"
          value={name.value}
          maxLength={48}
          onInput={(event) => (name.value = event.currentTarget.value)}
        />
      </div>
      {problem.value && <ProblemNote title={w.siting.draft} problem={problem.value} />}
      {kept.value && (
        <p role="status" data-scenario={kept.value.name}>
          {w.siting.drafted(
            kept.value.name,
            kept.value.version,
            count(kept.value.changes.length, language.value),
            w.siting.states[kept.value.state],
          )}
        </p>
      )}
      <button type="submit" class="button" disabled={name.value.trim() === ""}>
        {w.siting.draft}
      </button>
    </form>
  );
}
