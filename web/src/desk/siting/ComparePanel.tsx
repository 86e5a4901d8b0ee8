/** Two to four scenarios side by side: metrics with the best in bold, cost against coverage, towns. */
import { useSignal } from "@preact/signals";

import type { Comparison, Share } from "../../data/siting";
import { ProblemNote } from "../../parts/States";
import {
  compareProblem,
  comparison,
  computeMissing,
  computing,
  missing,
  MOST_SIDES,
  PRESENT,
  scenarios,
  scenariosProblem,
  shownSide,
  sides,
  toggleSide,
} from "../../state/comparing";
import { goToSiting } from "../../state/sitingPage";
import { language } from "../../state/store";
import { number } from "../../words/format";
import { shareText } from "../../words/results";
import { say, words } from "../../words";
import { ParetoChart } from "./ParetoChart";
import { money } from "./planned";

const nameOf = (side: string) => side.replace(/@\d+$/, "");
export const sideTitle = (side: string) => (side === PRESENT ? words.value.siteDesk.present : nameOf(side));

export function ComparePanel() {
  const w = words.value.siteDesk;
  const found = comparison.value;
  return (
    <section class="compare" data-compare={sides.value.length}>
      <h3 class="section">
        {w.compare} {found && <span class="muted">{w.compareNote}</span>}
      </h3>
      <Choice />
      {compareProblem.value && <ProblemNote title={w.compareFailed} problem={compareProblem.value} />}
      {found && <Missing />}
      {found && (
        <>
          <Metrics found={found} />
          <ParetoChart found={found} />
          <Towns found={found} />
        </>
      )}
    </section>
  );
}

function Choice() {
  const w = words.value.siteDesk;
  // It stays as the reader has it: a third and a fourth are chosen without opening it anew.
  const open = useSignal(sides.value.length < 2);
  if (scenariosProblem.value) return <ProblemNote title={w.compareFailed} problem={scenariosProblem.value} />;
  if (scenarios.value.length === 0) return <p class="site-note">{w.noScenarios}</p>;
  return (
    <details
      class="compare-choice"
      open={open.value}
      onToggle={(event) => (open.value = event.currentTarget.open)}
    >
      <summary>{w.choose}</summary>
      <ul>
        {scenarios.value.map(({ name, state, changes }) => (
          <li key={name} data-scenario={name}>
            <label class="step-check">
              <input
                type="checkbox"
                checked={sides.value.includes(name)}
                disabled={!sides.value.includes(name) && sides.value.length >= MOST_SIDES}
                onChange={() => toggleSide(name)}
              />
              {name} <span class="badge">{words.value.siting.states[state]}</span>
              <span class="muted">{w.changesOf(String(changes))}</span>
            </label>
            <button
              type="button"
              class="link"
              aria-label={`${w.openScenario} ${name}`}
              onClick={() => goToSiting({ scenario: name })}
            >
              {w.openScenario}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Sides without a run, and a way to compute them. */
function Missing() {
  const w = words.value.siteDesk;
  if (computing.value > 0)
    return (
      <p class="site-note" role="status">
        {w.computing(String(computing.value))}
      </p>
    );
  if (missing.value.length === 0) return null;
  return (
    <p class="site-note">
      {w.missingRuns(String(missing.value.length))}{" "}
      <button type="button" class="button" data-compute-missing onClick={() => void computeMissing()}>
        {w.computeMissing}
      </button>
    </p>
  );
}

function Metrics({ found }: { found: Comparison }) {
  const w = words.value.siteDesk;
  const text = (value: number) => number(Number(value.toFixed(1)), language.value);
  const share = (value: Share | null) =>
    value === null || value.share === null ? "–" : shareText(value.share, language.value);
  const first = found.figures[0];
  const base = first?.values[0]?.part;
  const per = found.sides.map(({ cost }, place) => {
    const part = first?.values[place]?.part;
    return cost > 0 && part !== undefined && base !== undefined ? (part - base) / cost : null;
  });
  const bestPer = Math.max(...per.map((one) => one ?? -Infinity));
  return (
    <table class="signal-table compare-table">
      <thead>
        <tr>
          <td />
          {found.sides.map(({ name }) => (
            <th key={name} scope="col">
              {name === PRESENT ? (
                w.present
              ) : (
                <button
                  type="button"
                  class="link"
                  aria-pressed={shownSide.value === nameOf(name)}
                  title={w.showSide(nameOf(name))}
                  onClick={() => (shownSide.value = shownSide.value === nameOf(name) ? null : nameOf(name))}
                >
                  {nameOf(name)}
                </button>
              )}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {found.figures.map(({ name, title, values, best }) => (
          <tr key={name} data-figure={name}>
            <th scope="row">{say(title)}</th>
            {values.map((value, place) => (
              <td key={place} title={value ? `${text(value.part)} / ${text(value.whole)}` : undefined}>
                {best.includes(place) ? <b>{share(value)}</b> : share(value)}
              </td>
            ))}
          </tr>
        ))}
        {first && (
          <tr data-figure="part">
            <th scope="row">
              {first.name === "people" ? `${say(first.title)} (${w.unitOf.people})` : say(first.title)}
            </th>
            {first.values.map((value, place) => (
              <td key={place}>{value ? text(Math.round(value.part)) : "–"}</td>
            ))}
          </tr>
        )}
        <tr data-figure="cost">
          <th scope="row">{w.compareCost}</th>
          {found.sides.map(({ name, cost }) => (
            <td key={name}>{name === PRESENT ? "–" : money(cost)}</td>
          ))}
        </tr>
        <tr data-figure="per-cost">
          <th scope="row">{w.comparePer}</th>
          {per.map((value, place) => (
            <td key={place}>
              {value === null ? "–" : value === bestPer ? <b>{text(value)}</b> : text(value)}
            </td>
          ))}
        </tr>
      </tbody>
    </table>
  );
}

/** Each town with one bar a side; the lowest town of each side is named. */
function Towns({ found }: { found: Comparison }) {
  const w = words.value.siteDesk;
  const codes =
    found.towns.sides[0]?.towns ?? found.towns.sides.find(({ towns }) => towns.length > 0)?.towns ?? [];
  if (codes.length === 0) return null;
  return (
    <>
      <h4 class="compare-sub">{w.fairness}</h4>
      <table class="signal-table compare-table">
        <tbody>
          {codes.map(({ code, name }) => (
            <tr key={code} data-town={code}>
              <th scope="row">{name}</th>
              {found.towns.sides.map((side, place) => {
                const town = side.towns.find((one) => one.code === code);
                const text = town?.share == null ? "–" : shareText(town.share, language.value);
                return (
                  <td key={place} class={side.lowest === code ? "lowest" : undefined}>
                    {text}
                    {side.lowest === code && <small> ▾</small>}
                  </td>
                );
              })}
            </tr>
          ))}
          <tr>
            <th scope="row">{w.spread("").trim()}</th>
            {found.towns.sides.map(({ spread }, place) => (
              <td key={place}>{spread === null ? "–" : shareText(spread, language.value)}</td>
            ))}
          </tr>
        </tbody>
      </table>
    </>
  );
}
