/** Keep a plan as a scenario, and take it along as files. */
import { useSignal } from "@preact/signals";

import { Problem } from "../../data/client";
import type { Run } from "../../data/results";
import { draftScenario, drafted } from "../../state/siting";
import { goToSiting } from "../../state/sitingPage";
import { loadScenarios } from "../../state/comparing";
import { language } from "../../state/store";
import { count } from "../../words/format";
import { words } from "../../words";

export function KeepPlan({ run }: { run: Run }) {
  const w = words.value.siting;
  const name = useSignal(w.suggested(run.id));
  const open = useSignal(false);
  const sending = useSignal(false);
  const problem = useSignal<Problem | null>(null);
  const scenario = drafted.value.get(run.id);
  const send = async (event: Event) => {
    event.preventDefault();
    sending.value = true;
    problem.value = null;
    try {
      await draftScenario(name.value.trim(), run.id);
      void loadScenarios();
      open.value = false;
    } catch (reason) {
      if (!(reason instanceof Problem)) throw reason;
      problem.value = reason;
    }
    sending.value = false;
  };
  return (
    <div class="site-draft">
      {scenario && (
        <p role="status" data-scenario={scenario.name}>
          {w.drafted(
            scenario.name,
            scenario.version,
            count(scenario.changes.length, language.value),
            w.states[scenario.state],
          )}{" "}
          <a
            class="link"
            href={`/scenarios/${encodeURIComponent(scenario.name)}`}
            onClick={(event) => {
              event.preventDefault();
              goToSiting({ scenario: scenario.name });
            }}
          >
            {w.openScenario}
          </a>
        </p>
      )}
      {!open.value ? (
        <p class="site-actions">
          <button
            type="button"
            class={`button ${scenario ? "" : "main"}`}
            onClick={() => (open.value = true)}
          >
            {w.draft}
          </button>
          <Files run={run} />
        </p>
      ) : (
        <form class="ask" noValidate onSubmit={(event) => void send(event)}>
          <div class="ask-field">
            <label for="scenario-name">{w.draftName}</label>
            <input
              id="scenario-name"
              value={name.value}
              maxLength={48}
              aria-describedby="scenario-note"
              aria-invalid={problem.value !== null}
              onInput={(event) => (name.value = event.currentTarget.value)}
            />
            <span class="ask-note" id="scenario-note">
              {w.draftNote}
            </span>
          </div>
          {problem.value && (
            <p class="ask-problem" role="alert">
              {problem.value.unreachable
                ? words.value.unreachable
                : problem.value.detail || problem.value.title}
            </p>
          )}
          <p class="site-actions">
            <button type="submit" class="button main" disabled={sending.value || !name.value.trim()}>
              {sending.value ? w.drafting : w.draft}
            </button>
            <button type="button" class="button" onClick={() => (open.value = false)}>
              {words.value.close}
            </button>
          </p>
        </form>
      )}
    </div>
  );
}

/** Files of a plan in the order in which they are asked for. */
const FILES = [
  "features.gpkg",
  "features.xlsx",
  "features.csv",
  "features.geojson",
  "report.html",
  "report.pdf",
] as const;

export function Files({ run }: { run: Run }) {
  const w = words.value.siteDesk;
  const there = FILES.filter((name) => run.links[name] !== undefined);
  return (
    <details class="site-files">
      <summary class="button">{w.exports} ▾</summary>
      <ul>
        {there.map((name) => (
          <li key={name}>
            <a
              href={addressOf(run, name)}
              {...(name.startsWith("report") ? { target: "_blank" } : { download: "" })}
            >
              {w.files[name]}
            </a>
          </li>
        ))}
      </ul>
    </details>
  );
}

function addressOf(run: Run, name: string): string {
  const address = new URL(run.links[name] ?? "", location.origin);
  if (name.startsWith("report")) address.searchParams.set("lang", language.value);
  return `${address.pathname}${address.search}`;
}
