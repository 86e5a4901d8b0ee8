/** A plan of new sites on the map: the answer, how good it is, what each site adds, the years, the places. */
import { useSignal } from "@preact/signals";

import type { Run } from "../data/results";
import type { PlannedSite, SiteCurve, SiteFinding } from "../data/siting";
import { controller } from "../map/current";
import { recordOf, told } from "../state/results";
import { plannedProblem, plannedSites } from "../state/siting";
import { goToSiting } from "../state/sitingPage";
import { language } from "../state/store";
import { count } from "../words/format";
import { words } from "../words";
import { FindingsFrame } from "./FindingsFrame";
import { answerOf, PlanTold } from "./siting/PlanTold";
import { bare, findingsOf, kindOf, money } from "./siting/planned";

/** Sites that the table shows before it is asked for all. */
const FIRST = 12;

export function SitePanel() {
  const w = words.value.siting;
  const layer = told.value;
  const run = recordOf(layer?.run);
  const found = run?.summary?.findings as readonly SiteFinding[] | undefined;
  const curve = found && findingsOf(found, "curve")[0];
  const answer = run && found && answerOf(run, found);
  if (!layer || !run || !found || !curve || !answer) return null;
  return (
    <FindingsFrame layer={layer} run={run} label={w.label} answer={answer.title}>
      <p class="site-actions">
        <button type="button" class="button main" onClick={() => goToSiting({ scenario: null })}>
          {words.value.siteDesk.tool}
        </button>
      </p>
      <PlanTold run={run} found={found} />
      <Ranked run={run} curve={curve} />
    </FindingsFrame>
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
            <th scope="col">{w.gain[kindOf(curve.unit, run.parameters["device"])]}</th>
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
