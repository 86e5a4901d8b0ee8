/** One site: what it gains here and at candidates around, who gains, what stands in the way, what overlaps. */
import type { PlannedSite, SiteExplained, SiteProof } from "../../data/siting";
import { ProblemNote } from "../../parts/States";
import { explained, explainProblem } from "../../state/siting";
import {
  candidateOf,
  gains,
  heldSite,
  hold,
  moves,
  ownGain,
  pull,
  put,
  reachProblem,
  takeBack,
  target,
} from "../../state/siteMoves";
import { banned, locked, toggleBan, toggleLock } from "../../state/sitingPage";
import { catalogue, language } from "../../state/store";
import { codeTitle, count } from "../../words/format";
import { shareText } from "../../words/results";
import { lengthText } from "../../words/lengths";
import { say, words } from "../../words";
import { SideCard } from "../SideCard";
import { gained } from "./planned";
import { placeName } from "./SiteDrawer";

/** Candidates around that the card lists. */
const LISTED = 8;

export function SiteCard({ site, proof }: { site: PlannedSite; proof: SiteProof }) {
  const w = words.value.siteDesk;
  const move = moves.value.get(site.rank);
  const shown = move ?? site;
  const host = shown.host;
  const setting = [
    site.height_m !== null && words.value.siting.height(count(site.height_m, language.value)),
    site.azimuth_deg !== null && words.value.siting.azimuth(count(site.azimuth_deg, language.value)),
    site.owner && `${w.owner} ${ownerText(site.owner)}`,
    site.power && `${w.power} ${w[site.power as "mains" | "solar" | "none"] ?? site.power}`,
  ].filter(Boolean);
  return (
    <SideCard
      sort="findings site-card"
      label={w.site(String(site.rank))}
      kind={w.site(String(site.rank))}
      answer={placeName(shown)}
      head={
        <div class="card-sub">
          {move ? (
            <span>{w.moved(placeName(site), placeName(move))}</span>
          ) : (
            setting.map((one) => <span key={`${one}`}>{one}</span>)
          )}
        </div>
      }
      close={() => hold(null)}
      data={{ "data-held": site.rank }}
    >
      <GainHere unit={proof.unit} />
      {host !== null && (
        <p class="site-actions">
          <button
            type="button"
            class="button"
            aria-pressed={locked.value.has(host)}
            onClick={() => toggleLock(host)}
          >
            {locked.value.has(host) ? w.unlock : w.lock}
          </button>
          <button
            type="button"
            class="button"
            aria-pressed={banned.value.has(host)}
            onClick={() => toggleBan(host)}
          >
            {banned.value.has(host) ? w.unban : w.ban}
          </button>
          {move && (
            <button type="button" class="button" onClick={() => takeBack(site.rank)}>
              {w.takeBack}
            </button>
          )}
        </p>
      )}
      <Around rank={site.rank} unit={proof.unit} />
      {!move && <Explained />}
    </SideCard>
  );
}

const ownerText = (code: string): string =>
  codeTitle(code, catalogue.value?.code_lists["tower_owner"], language.value);

/** A gain and how much more or less it is than another: +120 人. */
export function changeText(gain: number, than: number, unit: string): string {
  const change = gain - than;
  return `${change < 0 ? "−" : "+"}${gained(Math.abs(change), unit)}`;
}

function GainHere({ unit }: { unit: string }) {
  const w = words.value.siteDesk;
  const own = ownGain.value;
  const held = target.value;
  if (reachProblem.value) return <ProblemNote title={w.reachFailed} problem={reachProblem.value} />;
  if (!own)
    return (
      <div class="message">
        <span class="muted">{w.loadingReach}</span>
        <div class="progress" />
      </div>
    );
  const shown = held ?? own;
  return (
    <dl class="grid-numbers site-gain" aria-live="polite" data-gain={shown.gain} data-at={shown.number}>
      <div>
        <dd>{gained(shown.gain, unit)}</dd>
        <dt>
          {w.gainHere} <small class="muted">{w.beside}</small>
        </dt>
      </div>
      {pull.value && (
        <div>
          <dd>{changeText(shown.gain, own.gain, unit)}</dd>
          <dt>{w.thanHere}</dt>
        </div>
      )}
    </dl>
  );
}

/** The best candidates around, for those who do not drag. */
function Around({ rank, unit }: { rank: number; unit: string }) {
  const w = words.value.siteDesk;
  const own = ownGain.value;
  if (!own) return null;
  return (
    <section>
      <h3 class="section">{w.around}</h3>
      <table class="signal-table site-around">
        <tbody>
          {gains.value.slice(0, LISTED).map((one) => {
            const candidate = candidateOf(one.number);
            if (!candidate) return null;
            const here = one.number === own.number;
            return (
              <tr key={one.number} data-candidate={one.number} data-gain={one.gain}>
                <td>{placeName(candidate)}</td>
                <td>
                  <b>{gained(one.gain, unit)}</b>
                </td>
                <td>{here ? w.here : changeText(one.gain, own.gain, unit)}</td>
                <td>
                  {!here && (
                    <button
                      type="button"
                      class="link"
                      aria-label={`${w.moveHere} ${placeName(candidate)}`}
                      onClick={() => put(rank, one)}
                    >
                      {w.moveHere}
                    </button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Explained() {
  const w = words.value.siteDesk;
  const found = explained.value;
  if (explainProblem.value && explainProblem.value.status !== 404)
    return <ProblemNote title={w.explainFailed} problem={explainProblem.value} />;
  if (!found || heldSite.value === null) return null;
  const percent = (value: number) => shareText(value, language.value);
  const amount = (value: number) =>
    (found.people ? words.value.siting.people : w.squareMetres)(count(value, language.value));
  return (
    <div data-explained={heldSite.value}>
      {found.sentences.map((one) => (
        <p class="site-note" key={one.en}>
          {say(one)}
        </p>
      ))}
      <Lines
        title={w.who}
        rows={found.towns.map(({ code, name, gained: more }) => [code, name, amount(more)])}
      />
      <Lines
        title={w.places}
        rows={found.places.map((one) => [
          String(one.id),
          one.name ?? one.code ?? `#${one.id}`,
          one.after && !one.before ? w.placeWon : one.before ? w.placeHad : w.placeNot,
        ])}
      />
      <Lines
        title={w.obstacles}
        rows={found.obstacles.map((one) => [
          String(one.id),
          `${one.name ?? one.code ?? `#${one.id}`} · ${lengthText(one.distance_m, language.value)}`,
          w.hides(percent(one.hides)),
        ])}
      />
      <Overlap found={found} />
    </div>
  );
}

function Overlap({ found }: { found: SiteExplained }) {
  const w = words.value.siteDesk;
  const percent = (value: number) => shareText(value, language.value);
  return (
    <>
      <Lines
        title={w.overlap}
        rows={found.overlap
          .filter(({ share }) => share > 0)
          .map((one) => [
            one.id,
            `${w.site(String(one.rank))} · ${lengthText(one.distance_m, language.value)}`,
            percent(one.share),
          ])}
      />
      <p class="site-note">{w.overlapExisting(percent(found.overlap_existing))}</p>
    </>
  );
}

function Lines({ title, rows }: { title: string; rows: readonly (readonly [string, string, string])[] }) {
  if (rows.length === 0) return null;
  return (
    <>
      <h3 class="section">{title}</h3>
      <ul class="site-lines">
        {rows.map(([key, name, value]) => (
          <li key={key}>
            <span>{name}</span>
            <b>{value}</b>
          </li>
        ))}
      </ul>
    </>
  );
}
