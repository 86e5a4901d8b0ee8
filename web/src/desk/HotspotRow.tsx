/** One hotspot: what a grid worker asks first; chosen, the map marks it and it tells its course and how it was judged. */
import type { Hotspot } from "../data/findings";
import type { ResultLayer, Run } from "../data/results";
import type { StepName } from "../data/counts";
import { controller } from "../map/current";
import { categoryColour } from "../map/results";
import { Glyph } from "../parts/Glyph";
import { pointed, polygonOf } from "../state/findings";
import { cell } from "../state/results";
import { catalogue, language, theme } from "../state/store";
import { codeTitle, count } from "../words/format";
import { across, amount, changeOf, changeText, probability, stepsText, trendOf } from "../words/hotspots";
import { shareText } from "../words/results";
import { lengthText } from "../words/lengths";
import { say, words } from "../words";

interface Row {
  readonly layer: ResultLayer;
  readonly run: Run;
  readonly one: Hotspot;
  /** Whether the list is ordered by change. */
  readonly change?: boolean;
  /** Where it lies, as seen from the reader. */
  readonly note?: string | undefined;
}

const keyOf = (one: Hotspot) => `${one.category} ${one.cell} ${one.since}`;
const text = (value: number) => count(value, language.value);
const joined = (parts: readonly (string | null | undefined | false)[]) => parts.filter(Boolean).join(" · ");

/** Zoom at which a hotspot of a grid is shown: the map must still draw that grid. */
function zoomOf(layer: ResultLayer, one: Hotspot): number {
  const { levels } = layer.style;
  const place = levels.findIndex((level) => level.resolution === one.resolution);
  const finer = levels[place - 1];
  return finer ? finer.min_zoom - 1 : 14;
}

export function HotspotRow({ layer, run, one, change = false, note }: Row) {
  const w = words.value.hotspots;
  const chosen = pointed.value?.key === keyOf(one) && pointed.value.run === layer.run;
  const go = () => {
    pointed.value = chosen
      ? null
      : { run: layer.run, key: keyOf(one), geometry: polygonOf(one.outline ?? []) };
    if (!chosen) controller.peek()?.flyTo(one.lon, one.lat, zoomOf(layer, one));
  };
  const usual = one.expected === null ? null : w.usual(amount(one.expected, language.value));
  const times =
    one.n !== null && one.expected !== null && one.expected > 0 && one.n / one.expected >= 1.1
      ? w.times(amount(one.n / one.expected, language.value))
      : null;
  const course = changeOf(one);
  return (
    <li>
      <button type="button" data-hotspot={one.cell} aria-expanded={chosen} onClick={go}>
        <Glyph category={one.category} colour={categoryColour(layer, one.category, theme.value)} />
        <span class="hotspot-title">
          {say(one.category_title)}
          {one.region_name && <span class="muted"> {one.region_name}</span>}
        </span>
        <span class="hotspot-count">
          {change && course ? changeText(course) : one.n === null ? w.fewerThanShown : text(one.n)}
          {!change && usual && <small> / {usual}</small>}
        </span>
        <span class="hotspot-why">
          {joined([
            note,
            times,
            one.z === undefined && one.until
              ? w.between(one.since, one.until, text(one.cells))
              : w.since(one.since, text(one.cells)),
          ])}
        </span>
        <Classes one={one} />
      </button>
      {chosen && <Details layer={layer} run={run} one={one} />}
    </li>
  );
}

function Classes({ one }: { one: Hotspot }) {
  const codes = catalogue.value?.code_lists["incident_class"];
  const total = one.n ?? 0;
  const classes = one.classes.map(([code, n]) =>
    joined([codeTitle(code, codes, language.value)]).concat(
      total > 0 ? ` ${shareText(n / total, language.value)}` : "",
    ),
  );
  if (classes.length === 0) return null;
  const hours = one.hours.map(([hour]) => hour).join(language.value === "en" ? ", " : "、");
  return (
    <span class="hotspot-why">
      {joined([...classes, one.hours.length > 0 && words.value.hotspots.atHours(hours)])}
    </span>
  );
}

function Details({ layer, run, one }: { layer: ResultLayer; run: Run; one: Hotspot }) {
  const w = words.value.hotspots;
  const q = Number(layer.parameters["q"] ?? 0.05);
  const step = String(layer.parameters["step"] ?? "month") as StepName;
  const course = changeOf(one);
  const trend = trendOf(one, q);
  const hot = one.hot_steps?.filter(Boolean).length;
  return (
    <div class="hotspot-details" data-hotspot-details={one.cell}>
      <p>
        {joined([
          trend && w.trend[trend],
          course &&
            `${w.change(text(course.now), text(course.before), stepsText(step, course.steps, words.value))}（${changeText(course)}）`,
          hot !== undefined && w.hotSteps(text(hot), text(one.hot_steps?.length ?? 0)),
        ])}
      </p>
      <Series one={one} colour={categoryColour(layer, one.category, theme.value)} run={run} />
      <Above one={one} />
      {one.edge && <p>{w.edge}</p>}
      <details>
        <summary>{w.how}</summary>
        <p>{say(one.rule)}</p>
        {one.z !== undefined && <p>{w.ownCounts}</p>}
        {one.z !== undefined && one.p !== undefined && (
          <p>{w.statistic(one.z.toFixed(1), probability(one.p))}</p>
        )}
        {one.trend_z !== undefined && (
          <p>{w.trendStatistic(one.trend_z.toFixed(1), probability(one.trend_p ?? 1))}</p>
        )}
        <p>{words.value.falseDiscovery(shareText(q, language.value))}</p>
        <button type="button" class="link" onClick={() => (cell.value = { run: layer.run, cell: one.cell })}>
          {w.wholeCell}
        </button>
      </details>
    </div>
  );
}

/** How it looks one resolution up. */
function Above({ one }: { one: Hotspot }) {
  const w = words.value.hotspots;
  if (!one.above || one.resolution === undefined) return null;
  const metres = lengthText(across(one.resolution - 1), language.value);
  if (!one.coarser && one.above.category === "none") return <p>{w.aboveNothing(metres)}</p>;
  const n = one.above.n === null ? w.fewerThanShown : text(one.above.n);
  return (
    <p>{w.above(metres, say(one.above.category_title), n, amount(one.above.expected, language.value))}</p>
  );
}

const [WIDTH, HEIGHT] = [320, 56];

/** Incidents step by step; those in which it was hot have its colour. */
function Series({ one, colour, run }: { one: Hotspot; colour: string; run: Run }) {
  const { series, hot_steps: hot } = one;
  if (!series || series.length < 2) return null;
  const most = Math.max(1, ...series.map((n) => n ?? 0));
  const width = WIDTH / series.length;
  const facts = run.note?.facts ?? {};
  const told = words.value.hotspots.series(
    series.map((n) => n ?? "–").join(language.value === "en" ? ", " : "、"),
  );
  return (
    <figure class="hotspot-series">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={told} preserveAspectRatio="none">
        {series.map((n, at) => (
          <rect
            key={at}
            x={at * width + width * 0.08}
            width={width * 0.84}
            y={HEIGHT - ((n ?? 0) / most) * HEIGHT}
            height={((n ?? 0) / most) * HEIGHT}
            fill={hot?.[at] ? colour : "var(--border)"}
          />
        ))}
      </svg>
      <figcaption>
        <span>{String(facts["first_step"] ?? "")}</span>
        <span>{String(facts["last_step"] ?? "")}</span>
      </figcaption>
    </figure>
  );
}
