/** The parts of the region by the indicator in front, the worst first; a click goes into one. */
import type { Indicator, RegionPart } from "../data/views";
import { language } from "../state/store";
import { indicatorNow, rankedNow } from "../state/playback";
import { drill } from "../state/views";
import { count } from "../words/format";
import { say, words } from "../words";
import { filled, gaugeEnd, quotient } from "../words/figures";
import { useFitting } from "./fitting";
import { valueText } from "./values";

/** More rows cannot be read from eight metres. */
const MOST_ROWS = 6;

export function Ranking() {
  const w = words.value;
  const indicator = indicatorNow.value;
  const known = rankedNow.value.filter((part) => part.figures[indicator?.name ?? ""]?.value !== null);
  const shown = known.slice(0, MOST_ROWS);
  const [list, seen] = useFitting<HTMLOListElement>(shown.length);
  if (!indicator) return null;
  const unknown = rankedNow.value.length - known.length;
  const values = shown.map((part) => part.figures[indicator.name]?.value ?? null);
  const isRate = indicator.parts.denominator !== undefined;
  const end = gaugeEnd(indicator.unit?.en, isRate ? [...values, indicator.value] : values);
  return (
    <section class="card ranking" aria-label={w.wall.ranking(say(indicator.short_title))}>
      <header>
        <h2>{w.wall.ranking(say(indicator.short_title))}</h2>
        {isRate && indicator.value !== null && (
          <small>{w.wall.whole(valueText(indicator, indicator.value))}</small>
        )}
      </header>
      <p class="answer">{answer(indicator, shown, rankedNow.value.length)}</p>
      <ol ref={list}>
        {shown.map((part) => (
          <Row
            key={part.code}
            part={part}
            indicator={indicator}
            end={end}
            line={isRate && indicator.value !== null ? filled(indicator.value, end) : null}
          />
        ))}
      </ol>
      <p class="rest">
        {known.length > seen && <span>{w.wall.more(count(known.length - seen, language.value))}</span>}
        {unknown > 0 && <span>{w.wall.unknownParts(count(unknown, language.value))}</span>}
      </p>
    </section>
  );
}

/** The first line is the answer, not a heading. */
function answer(indicator: Indicator, shown: readonly RegionPart[], all: number): string {
  const w = words.value.wall;
  const first = shown[0];
  const value = first?.figures[indicator.name]?.value ?? null;
  if (all === 0) return w.noParts;
  if (!first || value === null) return w.noneKnown;
  const whole = indicator.value === null ? w.noValue : valueText(indicator, indicator.value);
  const values = shown.map((part) => part.figures[indicator.name]?.value ?? null);
  // none is worst where no difference can be read
  if (all > 1 && new Set(values.map((one) => valueText(indicator, one ?? 0))).size === 1)
    return w.allAlike(valueText(indicator, value));
  const say = indicator.better === "neither" ? w.first : w.worst;
  return say(first.name, valueText(indicator, value), whole);
}

function Row(row: { part: RegionPart; indicator: Indicator; end: number; line: number | null }) {
  const { part, indicator, end, line } = row;
  const figure = part.figures[indicator.name];
  if (!figure || figure.value === null) return null;
  return (
    <li data-region={part.code}>
      <button type="button" onClick={() => drill(part)}>
        <span class="row-name">{part.name}</span>
        <span class="row-bar">
          <span class="row-fill" style={{ width: `${100 * filled(figure.value, end)}%` }} />
          {line !== null && <span class="row-line" style={{ left: `${100 * line}%` }} />}
        </span>
        <span class="row-value">{valueText(indicator, figure.value)}</span>
        <small>{quotient(figure, indicator.parts, language.value)}</small>
      </button>
    </li>
  );
}
