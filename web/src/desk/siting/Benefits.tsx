/** What towns have now and with the plan: who gains, who stays lowest. */
import type { SiteTowns } from "../../data/siting";
import { language } from "../../state/store";
import { shareText } from "../../words/results";
import { words } from "../../words";
import type { GainKind } from "./planned";

export function Benefits({ towns, kind }: { towns: SiteTowns; kind: GainKind }) {
  const w = words.value.siteDesk;
  const rows = towns.rows.filter(({ whole }) => whole > 0);
  const percent = (value: number) => `${(100 * value).toFixed(2)}%`;
  return (
    <section data-towns={rows.length}>
      <h3 class="section">
        {w.benefits} <span class="muted">{w.benefitsNote[kind]}</span>
      </h3>
      <ul class="site-towns">
        {rows.map(({ code, name, whole, before, after }) => (
          <li key={code} data-town={code}>
            <span class="site-town">
              {name}
              {code === towns.lowest && <small> ▾ {w.lowest}</small>}
            </span>
            <span class="site-bar" aria-hidden="true">
              <i style={{ width: percent(before / whole) }} />
              <i class="more" style={{ width: percent(Math.max(0, after - before) / whole) }} />
            </span>
            <span class="site-change">
              {shareText(before / whole, language.value)} → <b>{shareText(after / whole, language.value)}</b>
            </span>
          </li>
        ))}
      </ul>
      {towns.spread !== null && towns.spread_before !== null && (
        <p class="site-note">
          {w.spread(
            `${shareText(towns.spread_before, language.value)} → ${shareText(towns.spread, language.value)}`,
          )}
        </p>
      )}
    </section>
  );
}
