/** A plan of new sites: the answer, how good it is, what each site adds, the years, the places; and a scenario of it. */
import { useSignal } from "@preact/signals";

import { Problem } from "../data/client";
import type { Run } from "../data/results";
import type { PlannedSite, SiteCurve, SiteFinding, SiteProof, SiteTarget, SiteYear } from "../data/siting";
import { controller } from "../map/current";
import { told, toldRun } from "../state/results";
import { draftScenario, drafted, plannedProblem, plannedSites } from "../state/siting";
import { language } from "../state/store";
import { count, number } from "../words/format";
import { boundedGain, gainText, proofText, siteAnswer } from "../words/siting";
import { words } from "../words";
import { FindingsFrame } from "./FindingsFrame";
import { bendOf, drawCurve } from "./siteCurve";

/** Sites that the table shows before it is asked for all. */
const FIRST = 12;

type Of<What extends SiteFinding["what"]> = Extract<SiteFinding, { what: What }>;

const of = <What extends SiteFinding["what"]>(found: readonly SiteFinding[], what: What) =>
  found.filter((one): one is Of<What> => one.what === what);

/** Words that differ by what is gained. */
const kindOf = (unit: string) => (unit === "%" ? "exposure" : "people");

const gained = (value: number, unit: string) => gainText(value, unit, words.value, language.value);
/** The same under a heading that says the unit. */
const bare = (value: number, unit: string) =>
  unit === "%" ? value.toFixed(2) : count(value, language.value);
const money = (value: number) => number(Number(value.toFixed(1)), language.value);

export function SitePanel() {
  const w = words.value.siting;
  const layer = told.value;
  const run = toldRun.value?.id === layer?.run ? toldRun.value : null;
  const found = run?.summary?.findings as readonly SiteFinding[] | undefined;
  const proof = found && of(found, "proof")[0];
  const curve = found && of(found, "curve")[0];
  if (!layer || !run || !found || !proof || !curve) return null;
  const years = of(found, "year");
  const answer = siteAnswer(
    curve.covered.length,
    proof,
    run.note?.facts ?? {},
    run.parameters["indoor"] === true,
    words.value,
    language.value,
  );
  return (
    <FindingsFrame layer={layer} run={run} label={w.label} answer={answer.title}>
      <div class="site-answer">
        {answer.lines.map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
      <Curve curve={curve} already={proof.already} />
      <Proof proof={proof} years={years} />
      <Years years={years} unit={proof.unit} />
      <Targets targets={of(found, "target")} />
      <Draft key={run.id} run={run} />
      <Ranked run={run} curve={curve} />
    </FindingsFrame>
  );
}

const WIDTH = 360;
const HEIGHT = 176;
const FRAME = { left: 56, right: WIDTH - 8, top: 12, bottom: HEIGHT - 24 };

function Curve({ curve, already }: { curve: SiteCurve; already: number }) {
  const w = words.value.siting;
  const drawing = drawCurve(curve, already, FRAME);
  const bend = bendOf(curve, already);
  const { elbow } = drawing;
  const title = w.curve[kindOf(curve.unit)];
  const last = curve.covered.length;
  const said = bend
    ? `${w.elbow(count(bend.sites, language.value))}. ${w.bend(gained(bend.before, curve.unit), gained(bend.after, curve.unit))}`
    : w.noElbow;
  // Where the line of the elbow stands far right, its words stand before it: the curve leaves that corner free.
  const turned = elbow !== null && elbow.x > WIDTH * 0.6;
  const beside = elbow === null ? 0 : elbow.x + (turned ? -6 : 6);
  return (
    <section data-curve={last}>
      <h3 class="section">
        {title} {curve.unit !== "%" && <span class="muted">{w.oneByOne}</span>}
      </h3>
      <svg class="site-curve" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${title}: ${said}`}>
        {drawing.ticks.map(({ value, y }) => (
          <g key={value}>
            <line class="tick" x1={FRAME.left} x2={FRAME.right} y1={y} y2={y} />
            <text x={FRAME.left - 6} y={y + 4} text-anchor="end">
              {number(value, language.value)}
            </text>
          </g>
        ))}
        <line class="axis" x1={FRAME.left} x2={FRAME.right} y1={FRAME.bottom} y2={FRAME.bottom} />
        <path class="rest" d={drawing.after} />
        <path d={drawing.before} />
        {elbow && bend && (
          <>
            <line class="elbow" x1={elbow.x} x2={elbow.x} y1={FRAME.top} y2={FRAME.bottom} />
            <circle cx={elbow.x} cy={elbow.y} r="3.5" />
            <text class="elbow-text" x={beside} y={FRAME.bottom - 12} text-anchor={turned ? "end" : "start"}>
              {w.elbow(count(bend.sites, language.value))}
            </text>
          </>
        )}
        <text x={FRAME.left} y={HEIGHT - 8} text-anchor="middle">
          0
        </text>
        <text x={FRAME.right} y={HEIGHT - 8} text-anchor="end">
          {count(last, language.value)}
        </text>
        <text x={(FRAME.left + FRAME.right) / 2} y={HEIGHT - 8} text-anchor="middle">
          {w.newSites}
        </text>
      </svg>
      <p class="site-note">
        {bend ? w.bend(gained(bend.before, curve.unit), gained(bend.after, curve.unit)) : w.noElbow}
      </p>
    </section>
  );
}

function Proof({ proof, years }: { proof: SiteProof; years: readonly SiteYear[] }) {
  const w = words.value.siting;
  const facts = [
    [w.method, w.methods[proof.method as keyof typeof w.methods] ?? proof.method],
    [
      years.length > 1 ? w.gainedOverYears : w.gained,
      `${bare(boundedGain(proof, years), proof.unit)} / ${gained(proof.bound, proof.unit)}`,
    ],
    [w.gap, `${(proof.gap * 100).toFixed(2)}%`],
    [w.seconds, w.second(proof.seconds.toFixed(2))],
  ] as const;
  return (
    <section data-proof={proof.method}>
      <h3 class="section">{w.proof}</h3>
      <dl class="site-proof">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p class="site-note">{proofText(proof, words.value)}</p>
    </section>
  );
}

function Years({ years, unit }: { years: readonly SiteYear[]; unit: string }) {
  const w = words.value.siting;
  const sum = (of: (one: SiteYear) => number) => years.reduce((total, one) => total + of(one), 0);
  const text = (value: number) => count(value, language.value);
  return (
    <section>
      <h3 class="section">
        {w.years} {unit !== "%" && <span class="muted">{w.oneByOne}</span>}
      </h3>
      <table class="signal-table">
        <thead>
          <tr>
            <th scope="col">{w.year}</th>
            <th scope="col">{w.sites}</th>
            <th scope="col">{w.cost}</th>
            <th scope="col">{w.covered[kindOf(unit)]}</th>
          </tr>
        </thead>
        <tbody>
          {years.map((one) => (
            <tr key={one.year} data-year={one.year}>
              <td>{one.year}</td>
              <td>{text(one.sites)}</td>
              <td>{money(one.cost)}</td>
              <td>{bare(one.covered, unit)}</td>
            </tr>
          ))}
          {years.length > 1 && (
            <tr class="sum">
              <td>{w.all}</td>
              <td>{text(sum((one) => one.sites))}</td>
              <td>{money(sum((one) => one.cost))}</td>
              <td />
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}

function Targets({ targets }: { targets: readonly SiteTarget[] }) {
  const w = words.value.siting;
  if (targets.length === 0) return null;
  const text = (value: number) => count(value, language.value);
  const met = ({ now, after, at_least: least, met_in: year }: SiteTarget) => {
    if (now >= least) return w.metAlready;
    return year === null ? w.notMet(text(least - after)) : w.met(String(year));
  };
  return (
    <ul class="site-targets">
      {targets.map((one) => (
        <li key={`${one.source} ${one.year}`} data-target={one.year}>
          <strong>
            {w.target(String(one.year), text(one.at_least))} · {met(one)}
          </strong>
          <span>
            {w.targetNow(text(one.now), text(one.after))} · {one.source}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Draft({ run }: { run: Run }) {
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
            target="_blank"
            rel="noopener"
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
          <a class="button" href={`/runs/${run.id}/features.csv`} download>
            {w.file}
          </a>
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

function Ranked({ run, curve }: { run: Run; curve: SiteCurve }) {
  const w = words.value.siting;
  const all = useSignal(false);
  if (plannedProblem.value)
    return (
      <p class="palette-note" role="alert">
        {w.rankedFailed}
      </p>
    );
  const sites = plannedSites.value?.run === run.id ? plannedSites.value.sites : null;
  if (!sites) return null;
  const total = count(curve.covered.length, language.value);
  const shown = all.value ? sites : sites.slice(0, FIRST);
  return (
    <section>
      <h3 class="section">
        {sites.length < curve.covered.length && all.value
          ? w.rankedFirst(count(sites.length, language.value), total)
          : w.ranked(total)}
      </h3>
      <table class="signal-table site-table">
        <thead>
          <tr>
            <th scope="col">{w.site}</th>
            <th scope="col">{w.year}</th>
            <th scope="col">{w.gain[kindOf(curve.unit)]}</th>
            <th scope="col">{w.money}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((one) => (
            <Row key={one.id} one={one} unit={curve.unit} />
          ))}
        </tbody>
      </table>
      {shown.length < sites.length && (
        <button type="button" class="link" onClick={() => (all.value = true)}>
          {words.value.allHotspots(sites.length)}
        </button>
      )}
    </section>
  );
}

function Row({ one, unit }: { one: PlannedSite; unit: string }) {
  const w = words.value.siting;
  const source = w.sources[one.source as keyof typeof w.sources] ?? one.source;
  const setting = [
    one.height_m !== null && w.height(money(one.height_m)),
    one.azimuth_deg !== null && w.azimuth(count(one.azimuth_deg, language.value)),
  ].filter(Boolean);
  const [lng, lat] = one.bbox;
  return (
    <tr>
      <td>
        <button type="button" data-site={one.id} onClick={() => controller.peek()?.flyTo(lng, lat, 16)}>
          <b class="site-rank">{count(one.rank, language.value)}</b>
          <span>
            {[source, one.name ?? one.host].filter(Boolean).join(" ")}
            <span class="muted">{setting.join(" · ")}</span>
          </span>
        </button>
      </td>
      <td>{one.year}</td>
      <td>{bare(one.gain, unit)}</td>
      <td>{money(one.cost)}</td>
    </tr>
  );
}
