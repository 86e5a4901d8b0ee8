/** The steps that ask for a plan: one line for each that is settled, the open one with its questions. */
import type { ComponentChildren } from "preact";

import type { SiteFinding } from "../../data/siting";
import { Icon } from "../../parts/icons";
import { regionText, timeText } from "../../parts/naming";
import {
  ask,
  banned,
  forced,
  freeAll,
  goToSiting,
  openStep,
  plan,
  planRun,
  runningRun,
  sending,
  STEPS,
  type StepName,
} from "../../state/sitingPage";
import { language } from "../../state/store";
import { count, number } from "../../words/format";
import { words } from "../../words";
import { findingsOf, money } from "./planned";
import { RunStep, StartButton } from "./RunStep";
import { AreaStep, BandStep, BudgetStep, CandidateStep, DemandStep } from "./steps";

export function Stepper() {
  const w = words.value.siteDesk;
  const run = planRun.value;
  return (
    <aside class="panel left stepper" aria-label={w.label}>
      <header class="card-head">
        <div class="card-kind">
          <span>{w.tool}</span>
          <button type="button" class="link" onClick={() => goToSiting(null)}>
            {w.backToMap}
          </button>
        </div>
        <h2 class="card-title">{w.title[ask.value.device]}</h2>
        <p class="card-sub">{run ? w.plan(String(run.id), timeText(run.finished_at)) : w.noPlan}</p>
      </header>
      <div class="panel-scroll">
        <ol class="steps">
          {STEPS.map((name, place) => (
            <Step key={name} name={name} place={place + 1} />
          ))}
        </ol>
        <Fixed />
        <p class="step-actions">
          <StartButton />
        </p>
      </div>
    </aside>
  );
}

const titleOf = (name: StepName): string => {
  const { steps } = words.value.siteDesk;
  return name === "band" ? steps.band[ask.value.device] : steps[name];
};

function Step({ name, place }: { name: StepName; place: number }) {
  const w = words.value.siteDesk;
  const open = openStep.value === name;
  const settled = name !== "run" || (plan.value !== null && !runningRun.value && !sending.value);
  return (
    <li class={open ? "step open" : "step"} data-step={name} aria-current={open ? "step" : undefined}>
      <span class={settled && !open ? "step-mark done" : "step-mark"} aria-hidden="true">
        {settled && !open ? <Icon name="check" /> : place}
      </span>
      <div class="step-body">
        <div class="step-head">
          <h3>{titleOf(name)}</h3>
          {!open && (
            <button
              type="button"
              class="link"
              aria-label={`${w.change} ${titleOf(name)}`}
              onClick={() => (openStep.value = name)}
            >
              {w.change}
            </button>
          )}
        </div>
        {(!open || name === "run") && <p class="step-line">{lineOf(name)}</p>}
        {open && <div class="step-form">{formOf(name)}</div>}
      </div>
    </li>
  );
}

function formOf(name: StepName): ComponentChildren {
  switch (name) {
    case "area":
      return <AreaStep />;
    case "demand":
      return <DemandStep />;
    case "candidates":
      return <CandidateStep />;
    case "band":
      return <BandStep />;
    case "budget":
      return <BudgetStep />;
    case "run":
      return <RunStep />;
  }
}

/** What was chosen in a step, in one line. */
function lineOf(name: StepName): string {
  const w = words.value.siteDesk;
  const one = ask.value;
  const run = planRun.value;
  const facts = run?.note?.facts ?? {};
  const fact = (key: string) => (typeof facts[key] === "number" ? facts[key] : null);
  const text = (value: number) => count(value, language.value);
  switch (name) {
    case "area":
      return [regionText(one.region || null), one.area && w.inView].filter(Boolean).join(" · ");
    case "demand": {
      const [people, blind] = [fact("people"), fact("blind_cells")];
      if (one.device === "stations" && people !== null) return w.people(text(people));
      if (one.device === "cameras" && blind !== null) return w.blindCells(text(blind));
      return w.demandOf[one.device];
    }
    case "candidates": {
      const findings = (run?.summary?.findings ?? []) as readonly SiteFinding[];
      const told = findingsOf(findings, "candidates")[0];
      const places = told?.places ?? fact("candidate_places");
      const excluded = Object.entries(facts).reduce(
        (sum, [key, value]) => sum + (key.startsWith("excluded_") && typeof value === "number" ? value : 0),
        0,
      );
      if (places === null) return w.usualSources[one.device];
      const usable = told?.usable ?? places - excluded;
      return w.found(text(usable), text(places - usable));
    }
    case "band":
      return one.device === "cameras" ? w.tasks[one.task as keyof typeof w.tasks] : w.bandLine(one.indoor);
    case "budget":
      return budgetLine();
    case "run": {
      const proof = findingsOf((run?.summary?.findings ?? []) as readonly SiteFinding[], "proof")[0];
      if (!run || !proof || runningRun.value) return "";
      return proof.proven ? w.doneProven : w.doneWithin(`${(proof.gap * 100).toFixed(2)}%`);
    }
  }
}

export function budgetLine(): string {
  const w = words.value.siteDesk;
  const one = ask.value;
  const amount = {
    sites: w.budgetLine.sites(count(one.sites, language.value), w.unit[one.device]),
    money: w.budgetLine.money(money(one.money)),
    years: w.budgetLine.years(one.years),
    share: w.budgetLine.share(number(one.share, language.value)),
  }[one.by];
  return one.least > 0 ? `${amount} · ${w.leastLine(String(one.least))}` : amount;
}

/** What was fixed by hand, and a way to let it all go. */
function Fixed() {
  const w = words.value.siteDesk;
  const [lock, ban] = [forced.value.length, banned.value.size];
  if (lock + ban === 0) return null;
  return (
    <p class="step-fixed" data-locked={lock} data-banned={ban}>
      {w.fixed(String(lock), String(ban))}{" "}
      <button type="button" class="link" onClick={freeAll}>
        {w.freeAll}
      </button>
    </p>
  );
}
