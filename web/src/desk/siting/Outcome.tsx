/** What comes of a plan: its years, the targets of the city, poles that are shared. */
import type { SharedPoles, Sharing, SiteTarget, SiteYear } from "../../data/siting";
import { language } from "../../state/store";
import { count, number } from "../../words/format";
import { words } from "../../words";
import { bare, type GainKind, money } from "./planned";

interface YearsProps {
  readonly years: readonly SiteYear[];
  readonly unit: string;
  readonly kind: GainKind;
}

export function Years({ years, unit, kind }: YearsProps) {
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
            <th scope="col">{w.covered[kind]}</th>
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

export function Targets({ targets }: { targets: readonly SiteTarget[] }) {
  const w = words.value.siting;
  if (targets.length === 0) return null;
  const text = (value: number) => count(value, language.value);
  const met = ({ now, after, at_least: least, met_in: year, met_at_pace: pace }: SiteTarget) => {
    if (now >= least) return w.metAlready;
    if (year !== null) return w.met(String(year));
    const missing = w.notMet(text(least - after));
    return pace == null ? missing : `${missing} · ${w.atPace(String(pace))}`;
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

/** Poles that carry several devices: what they save, and how the city shares poles with them. */
export function Poles({
  shared,
  sharing,
}: {
  shared: SharedPoles | undefined;
  sharing: Sharing | undefined;
}) {
  const w = words.value.siteDesk;
  const text = (value: number) => number(Number(value.toFixed(1)), language.value);
  if (!shared && !sharing) return null;
  const rows =
    sharing &&
    ([
      [w.newRoads, sharing.new_roads.km, sharing.new_roads.with_km_before, sharing.new_roads.with_km_after],
      [
        w.publicPlaces,
        sharing.public_places.count,
        sharing.public_places.with_before,
        sharing.public_places.with_after,
      ],
      [
        w.devicesShared,
        sharing.devices.count_after,
        sharing.devices.shared_before,
        sharing.devices.shared_after,
      ],
    ] as const);
  return (
    <section data-poles={shared?.poles ?? 0}>
      <h3 class="section">{w.sharing}</h3>
      {shared && (
        <p class="site-note">
          <b>{w.shared(text(shared.poles), text(shared.saved))}</b>{" "}
          {w.sharedParts(text(shared.stations), text(shared.cameras), text(shared.sensors))}
        </p>
      )}
      {rows && (
        <ul class="site-towns">
          {rows.map(([name, whole, before, after]) => (
            <li key={name}>
              <span class="site-town">{name}</span>
              <span class="site-change">
                {text(before)} → <b>{text(after)}</b> / {text(whole)}
              </span>
            </li>
          ))}
        </ul>
      )}
      {sharing && (
        <p class="site-note">{w.mergeable(text(sharing.mergeable.groups), text(sharing.mergeable.poles))}</p>
      )}
    </section>
  );
}
