/** The sites of the plan as rows under the maps: a row is its pin; lock, ban, and what was moved by hand. */
import { useEffect, useRef } from "preact/hooks";

import type { SiteCurve, SiteFinding, SiteProof, PlannedSite } from "../../data/siting";
import { controller } from "../../map/current";
import { regionText } from "../../parts/naming";
import { coveredNow, heldSite, hold, type Move, moves, placeOf, takeBack } from "../../state/siteMoves";
import { plannedProblem, plannedSites } from "../../state/siting";
import { banned, locked, planRun, runPlan, set, toggleBan, toggleLock } from "../../state/sitingPage";
import { language } from "../../state/store";
import { count } from "../../words/format";
import { shareText } from "../../words/results";
import { words } from "../../words";
import { findingsOf, gained, money } from "./planned";

export function SiteDrawer() {
  const w = words.value.siteDesk;
  const run = planRun.value;
  const found = (run?.summary?.findings ?? []) as readonly SiteFinding[];
  const proof = findingsOf(found, "proof")[0];
  const curve = findingsOf(found, "curve")[0];
  if (plannedProblem.value)
    return (
      <section class="drawer site-drawer">
        <p class="palette-note" role="alert">
          {words.value.siting.rankedFailed}
        </p>
      </section>
    );
  const sites = run && plannedSites.value?.run === run.id ? plannedSites.value.sites : null;
  if (!sites || !proof || !curve) return null;
  const several = new Set(sites.map(({ year }) => year)).size > 1;
  const most = Math.max(...sites.map(({ gain }) => gain));
  return (
    <section class="drawer site-drawer" aria-label={w.table(count(sites.length, language.value))}>
      <header class="drawer-head">
        <h2>{w.table(count(sites.length, language.value))}</h2>
        <span class="muted">{w.tableNote}</span>
        <span class="space" />
        <button
          type="button"
          class="link"
          onClick={() => (locked.value = new Set(sites.flatMap((one) => hostOf(one) ?? [])))}
        >
          {w.lockAll}
        </button>
      </header>
      <Moved unit={proof.unit} />
      <div class="drawer-scroll">
        <table class="site-rows">
          <thead>
            <tr>
              <th scope="col" />
              <th scope="col">{w.columns.site}</th>
              <th scope="col">{w.columns.town}</th>
              {several && <th scope="col">{w.columns.year}</th>}
              <th scope="col" class="amount">
                {w.columns.gain}
              </th>
              <th scope="col" />
              <th scope="col" class="amount">
                {w.columns.total}
              </th>
              <th scope="col" class="amount">
                {w.columns.cost}
              </th>
              <th scope="col">{w.columns.fixed}</th>
            </tr>
          </thead>
          <tbody>
            {sites.map((one) => (
              <Row
                key={one.id}
                one={one}
                several={several}
                share={most > 0 ? one.gain / most : 0}
                curve={curve}
                proof={proof}
              />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const hostOf = (one: PlannedSite) => moves.value.get(one.rank)?.host ?? one.host;

/** Name of a place where a site stands: what carries it, and its name or code. */
export function placeName(one: Pick<PlannedSite, "source" | "name" | "host">): string {
  const { sources } = words.value.siting;
  const source = sources[one.source as keyof typeof sources] ?? one.source;
  return [source, one.name ?? one.host].filter(Boolean).join(" ");
}

interface RowProps {
  readonly one: PlannedSite;
  readonly several: boolean;
  readonly share: number;
  readonly curve: SiteCurve;
  readonly proof: SiteProof;
}

function Row({ one, several, share, curve, proof }: RowProps) {
  const w = words.value.siteDesk;
  const move = moves.value.get(one.rank);
  const host = hostOf(one);
  const held = heldSite.value === one.rank;
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (held) row.current?.scrollIntoView({ block: "nearest" });
  }, [held]);
  const total = curve.covered[one.rank - 1];
  const whole = proof.unit === "%" ? 100 : proof.total;
  const show = () => {
    const { lng, lat } = placeOf(one);
    hold(one.rank);
    controller.peek()?.flyTo(lng, lat, 13.5);
  };
  const isLocked = host !== null && locked.value.has(host);
  const isBanned = host !== null && banned.value.has(host);
  return (
    <tr
      ref={row}
      class={[held && "held", isBanned && "banned"].filter(Boolean).join(" ") || undefined}
      data-site={one.id}
      data-host={host ?? ""}
      aria-selected={held}
    >
      <td>
        <b class="site-number">{one.rank}</b>
      </td>
      <th scope="row">
        <button type="button" onClick={show}>
          {placeName(move ?? one)}
        </button>
        {move && (
          <small>
            {w.moved(placeName(one), placeName(move))}{" "}
            <button type="button" class="link" onClick={() => takeBack(one.rank)}>
              {w.takeBack}
            </button>
          </small>
        )}
      </th>
      <td>{townOf(one.grid)}</td>
      {several && <td>{one.year}</td>}
      <td class="amount">
        <b>{gained(move?.gain ?? one.gain, proof.unit)}</b>
      </td>
      <td class="site-share" aria-hidden="true">
        <i style={{ width: `${(share * 100).toFixed(1)}%` }} />
      </td>
      <td class="amount">
        {total === undefined || whole <= 0 ? "" : shareText(total / whole, language.value)}
      </td>
      <td class="amount">{money(move?.cost ?? one.cost)}</td>
      <td class="site-fix">
        {host !== null && (
          <>
            <button
              type="button"
              class="link"
              aria-pressed={isLocked}
              data-lock={host}
              onClick={() => toggleLock(host)}
            >
              {isLocked ? w.unlock : w.lock}
            </button>
            <button
              type="button"
              class="link"
              aria-pressed={isBanned}
              data-ban={host}
              onClick={() => toggleBan(host)}
            >
              {isBanned ? w.unban : w.ban}
            </button>
          </>
        )}
      </td>
    </tr>
  );
}

/** The town of a grid or community: the first nine digits of its code. */
function townOf(grid: string | null): string {
  const code = grid?.slice(0, 9) ?? "";
  const town = planRun.value?.areas?.find((one) => one.layer === "towns" && one.code === code);
  return town?.name ?? (code ? regionText(code) : "");
}

/** What was moved by hand, what the plan gains so, and what to do with it. */
function Moved({ unit }: { unit: string }) {
  const w = words.value.siteDesk;
  const all: readonly Move[] = [...moves.value.values()];
  if (all.length === 0) return null;
  const covered = coveredNow.value;
  return (
    <p class="site-moved" role="status" data-moved={all.length} data-covered={covered ?? ""}>
      {w.movedCount(String(all.length), covered === null ? "…" : gained(covered, unit))}
      <button
        type="button"
        class="button"
        onClick={() => {
          const sites = plannedSites.peek()?.sites.length;
          if (sites) set({ by: "sites", sites });
          void runPlan();
        }}
      >
        {w.runMoved}
      </button>
      <button type="button" class="link" onClick={() => takeBack()}>
        {w.takeAllBack}
      </button>
    </p>
  );
}
