/** The numbers of a view: value, parts, and the gauge with the next target of each plan. */
import type { Indicator, Target } from "../data/views";
import { language } from "../state/store";
import { bringForward, indicator as inFront, told } from "../state/views";
import { say, words } from "../words";
import { decimal, filled, gaugeEnd, planned, quotient } from "../words/figures";

export function IndicatorTiles() {
  const document = told.value;
  if (!document) return null;
  return (
    <ul class="tiles">
      {document.indicators.map((one) => (
        <Tile
          key={one.name}
          indicator={one}
          targets={document.targets.filter((target) => target.indicator === one.name && target.current)}
        />
      ))}
    </ul>
  );
}

function Tile({ indicator, targets }: { indicator: Indicator; targets: readonly Target[] }) {
  const w = words.value;
  const behind = targets.some((target) => target.standing === "missed");
  const unit = indicator.unit ? say(indicator.unit) : "";
  return (
    <li class={`tile${behind ? " behind" : ""}`} data-indicator={indicator.name}>
      <button
        type="button"
        aria-pressed={inFront.value?.name === indicator.name}
        title={say(indicator.definition)}
        onClick={() => bringForward(indicator.name)}
      >
        <span class="tile-title">
          {behind && <i class="mark" aria-hidden="true" />}
          {say(indicator.short_title)}
          {unit && unit !== "%" && <small>{unit}</small>}
        </span>
        {indicator.value === null ? (
          <>
            <span class="tile-none">{w.wall.noValue}</span>
            <span class="tile-parts">{indicator.reason && say(indicator.reason.text)}</span>
          </>
        ) : (
          <>
            <span class="tile-value">
              {decimal(indicator.value, indicator.decimals, language.value)}
              {unit === "%" && <small>%</small>}
            </span>
            <span class="tile-parts">{quotient(indicator, language.value)}</span>
          </>
        )}
        <Gauge indicator={indicator} targets={targets} />
      </button>
    </li>
  );
}

function Gauge({ indicator, targets }: { indicator: Indicator; targets: readonly Target[] }) {
  const w = words.value;
  const unit = indicator.unit?.en;
  // Of several plans the region's own is told here; all of them stand in the list of targets.
  const region = told.value?.region.code;
  const own = targets.find((target) => target.plan.region === region) ?? targets[0];
  if (!own) return null;
  const end = gaugeEnd(unit, [indicator.value, ...targets.map((target) => target.value)]);
  return (
    <span class="gauge">
      <span class="gauge-line">
        <span class="gauge-fill" style={{ width: `${100 * filled(indicator.value, end)}%` }} />
        {targets.map((target) => (
          <span
            key={target.plan.name}
            class="gauge-mark"
            style={{ left: `${100 * filled(target.value, end)}%` }}
          />
        ))}
      </span>
      {own && (
        <small>
          {w.wall.plan} {planned(own, language.value)} · {w.wall.year(String(own.year))}
        </small>
      )}
    </span>
  );
}
