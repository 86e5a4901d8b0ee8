/** The page of one scenario: what it changes, its state and what may follow, writing it, others beside it. */
import { useSignal } from "@preact/signals";

import type { Scenario, ScenarioState } from "../../data/siting";
import { ProblemNote } from "../../parts/States";
import { timeText } from "../../parts/naming";
import { apply, changeProblem, NEXT, opened, openedProblem, setState, writtenBy } from "../../state/scenario";
import { goToSiting } from "../../state/sitingPage";
import { layersByName } from "../../state/store";
import { say, words } from "../../words";
import { CardLoading, SideCard } from "../SideCard";
import { ComparePanel } from "./ComparePanel";
import { money } from "./planned";

export function ScenarioPanel({ name }: { name: string }) {
  const w = words.value.siteDesk;
  const one = opened.value?.scenario.name === name ? opened.value.scenario : null;
  return (
    <SideCard
      sort="findings plan-panel"
      label={w.scenario}
      kind={w.scenario}
      answer={name}
      head={
        one && (
          <p class="card-sub">
            <span class={`badge scenario-${one.state}`}>{words.value.siting.states[one.state]}</span>
            <span>{w.versionOf(String(one.version), String(one.newest))}</span>
            <span>{w.madeBy(one.made_by, timeText(one.made_at))}</span>
          </p>
        )
      }
      close={() => goToSiting({ scenario: null })}
      data={{ "data-scenario": name, "data-state": one?.state ?? "" }}
    >
      {openedProblem.value ? (
        <ProblemNote title={w.scenarioFailed} problem={openedProblem.value} />
      ) : one ? (
        <>
          {one.note && <p class="site-note">{one.note}</p>}
          <Changes one={one} />
          <States one={one} />
          <ComparePanel />
        </>
      ) : (
        <CardLoading />
      )}
    </SideCard>
  );
}

const layerTitle = (name: string): string => {
  const layer = layersByName.value.get(name);
  return layer ? say(layer.title) : name;
};

function Changes({ one }: { one: Scenario }) {
  const w = words.value.siteDesk;
  const counted = new Map<string, Map<string, number>>();
  let cost = 0;
  for (const { layer, op, cost: own } of one.changes) {
    const ops = counted.get(layer) ?? new Map<string, number>();
    ops.set(op, (ops.get(op) ?? 0) + 1);
    counted.set(layer, ops);
    cost += own ?? 0;
  }
  return (
    <section>
      <h3 class="section">
        {w.writes} <span class="muted">{w.changesOf(String(one.changes.length))}</span>
      </h3>
      <ul class="site-lines">
        {[...counted].map(([layer, ops]) => (
          <li key={layer} data-changes={layer}>
            <span>{layerTitle(layer)}</span>
            <b>{[...ops].map(([op, n]) => `${w.ops[op as keyof typeof w.ops]} ${n}`).join(" · ")}</b>
          </li>
        ))}
        {cost > 0 && (
          <li>
            <span>{w.compareCost}</span>
            <b>{money(cost)}</b>
          </li>
        )}
      </ul>
    </section>
  );
}

function States({ one }: { one: Scenario }) {
  const w = words.value.siteDesk;
  const asking = useSignal(false);
  const busy = useSignal(false);
  const titles: Readonly<Record<ScenarioState, string>> = {
    draft: w.toDraft,
    review: w.toReview,
    final: w.toFinal,
  };
  const during = async (act: Promise<void>) => {
    busy.value = true;
    await act;
    busy.value = false;
    asking.value = false;
  };
  if (one.applied)
    return (
      <p class="site-note" role="status" data-applied={one.applied.written.length}>
        {w.applied(one.applied.by, timeText(one.applied.at), String(one.applied.written.length))}
        {one.applied.left.length > 0 && ` ${w.applyLeft(String(one.applied.left.length))}`}
      </p>
    );
  return (
    <section>
      {changeProblem.value && <ProblemNote title={w.stateFailed} problem={changeProblem.value} />}
      {!asking.value && (
        <p class="site-actions">
          {NEXT[one.state].map((state, place) => (
            <button
              key={state}
              type="button"
              class={`button ${place === 0 ? "main" : ""}`}
              data-to-state={state}
              disabled={busy.value}
              onClick={() => void during(setState(state))}
            >
              {titles[state]}
            </button>
          ))}
          {one.state === "final" && (
            <button type="button" class="button main" data-apply onClick={() => (asking.value = true)}>
              {w.apply}
            </button>
          )}
        </p>
      )}
      {asking.value && (
        <Confirm
          one={one}
          busy={busy.value}
          yes={() => void during(apply())}
          no={() => (asking.value = false)}
        />
      )}
    </section>
  );
}

interface Asked {
  readonly one: Scenario;
  readonly busy: boolean;
  readonly yes: () => void;
  readonly no: () => void;
}

/** What would be written, before it is. */
function Confirm({ one, busy, yes, no }: Asked) {
  const w = words.value.siteDesk;
  const { adds, left } = writtenBy(one);
  return (
    <div class="site-confirm" role="alertdialog" aria-label={w.applyQuestion(one.name)}>
      <h3>{w.applyQuestion(one.name)}</h3>
      <ul>
        {adds.map(([layer, features]) => (
          <li key={layer} data-adds={layer}>
            {w.applyAdds(String(features), layerTitle(layer))}
          </li>
        ))}
        {left > 0 && <li>{w.applyLeft(String(left))}</li>}
        <li>{w.applyOnce}</li>
      </ul>
      <p class="site-actions">
        <button type="button" class="button main" data-confirm disabled={busy} onClick={yes}>
          {w.confirm}
        </button>
        <button type="button" class="button" disabled={busy} onClick={no}>
          {w.cancel}
        </button>
      </p>
    </div>
  );
}
