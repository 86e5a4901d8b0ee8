/** The numbers of a view: value, parts, and the gauge with the next target of each plan. */
import type { Indicator, Target } from "../data/views";
import { city, language } from "../state/store";
import { placeOf, toldNow, trends } from "../state/playback";
import { bringForward, indicator as inFront } from "../state/views";
import { say, words } from "../words";
import { clockText } from "../words/format";
import { filled, gaugeEnd, planned, quotient } from "../words/figures";
import { Curve } from "./Curve";
import { useFittingText } from "./fitting";
import { whyNone } from "./results";
import { plainValue } from "./values";

/** Longer parts reach the place of the curve beside them. */
const SHORT_PARTS = 13;
/** Longer values leave no place for a curve beside them; still longer ones are drawn smaller. */
const [SHORT_VALUE, FITTING_VALUE] = [4, 6];

export function IndicatorTiles() {
  const document = toldNow.value;
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
  const title = say(indicator.short_title);
  const head = useFittingText<HTMLSpanElement>(`${title}${unit}`);
  const parts = quotient(indicator, indicator.parts, language.value);
  const value = indicator.value === null ? "" : plainValue(indicator, indicator.value);
  const long = parts.length > SHORT_PARTS;
  const since = indicator.stale_since;
  const look = `tile${behind ? " behind" : ""}${long ? " long" : ""}${value.length > FITTING_VALUE ? " wide" : ""}`;
  return (
    <li class={look} data-indicator={indicator.name}>
      <button
        type="button"
        aria-pressed={inFront.value?.name === indicator.name}
        title={say(indicator.definition)}
        onClick={() => bringForward(indicator.name)}
      >
        <span class="tile-title" ref={head}>
          {behind && <i class="mark" aria-hidden="true" />}
          <span class="tile-name">{title}</span>
          {unit && unit !== "%" && !tellsUnit(title, unit) && <small>{unit}</small>}
        </span>
        {!(long && value.length > SHORT_VALUE) && <Trend name={indicator.name} />}
        {indicator.value === null ? (
          <>
            <span class="tile-none">{w.wall.noValue}</span>
            <span class="tile-parts">{indicator.reason ? whyNone(indicator.reason) : w.wall.notThen}</span>
          </>
        ) : (
          <>
            <span class="tile-value">
              {value}
              {unit === "%" && <small>%</small>}
              {since && (
                <i class="tile-old" role="img" aria-label={oldSince(since)} title={oldSince(since)} />
              )}
            </span>
            <span class="tile-parts">{parts}</span>
          </>
        )}
        <Gauge indicator={indicator} targets={targets} />
      </button>
    </li>
  );
}

/** Why a ring stands beside a value: it is an old one. */
const oldSince = (since: string) =>
  words.value.oldFigures.updating(clockText(since, city.value?.timezone ?? "Asia/Shanghai", new Date()));

/** Whether a title has the unit in it: "Residents per worker" needs no "per worker" beside it. */
const tellsUnit = (title: string, unit: string) => title.toLowerCase().includes(unit.toLowerCase());

/** How the indicator went over the last days, up to where the clock stands; nothing where that is not known. */
function Trend({ name }: { name: string }) {
  const found = trends.value;
  const values = found?.indicators.find((one) => one.name === name)?.values;
  if (!found || !values || values.filter((value) => value !== null).length < 2) return null;
  const day = toldNow.value?.as_of;
  const at = day === undefined ? -1 : placeOf(found.days, day);
  return <Curve values={values} at={at >= 0 && at < values.length - 1 ? at : null} />;
}

function Gauge({ indicator, targets }: { indicator: Indicator; targets: readonly Target[] }) {
  const w = words.value;
  const unit = indicator.unit?.en;
  // Of several plans the region's own is told here; all of them stand in the list of targets.
  const region = toldNow.value?.region.code;
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
