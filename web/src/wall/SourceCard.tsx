/** Where the number in front comes from: definition, formula with its parts, source, day, and what is missing. */
import type { Amount, Indicator } from "../data/views";
import { layersByName, language } from "../state/store";
import { indicatorNow, toldNow } from "../state/playback";
import { resultTitleOf, whyNone } from "./results";
import { say, words } from "../words";
import { count } from "../words/format";
import { decimal, part } from "../words/figures";
import { valueText } from "./values";

export function SourceCard() {
  const w = words.value;
  const indicator = indicatorNow.value;
  const document = toldNow.value;
  if (!indicator || !document) return null;
  const stale = document.runs.filter((run) => run.out_of_date).length;
  return (
    <section class="card source" aria-label={w.wall.source}>
      <header>
        <h2>{w.wall.source}</h2>
        <small>{w.asOf(document.as_of)}</small>
      </header>
      <p class="answer">
        {say(indicator.title)}
        {indicator.value !== null && <b> {valueText(indicator, indicator.value)}</b>}
      </p>
      <p>{say(indicator.definition)}</p>
      <dl>
        <Part amount={indicator.parts.numerator} value={indicator.numerator} />
        {indicator.parts.denominator && (
          <Part amount={indicator.parts.denominator} value={indicator.denominator} divided />
        )}
      </dl>
      <p class="muted">
        {w.wall.from(say(indicator.source))}
        {indicator.per !== 1 &&
          indicator.per !== 100 &&
          ` · ${w.wall.per(count(indicator.per, language.value))}`}
        {missing(indicator)}
        {stale > 0 && ` · ${w.wall.outOfDate(String(stale))}`}
      </p>
      {indicator.reason && <p class="reason">{whyNone(indicator.reason)}</p>}
    </section>
  );
}

function missing(indicator: Indicator): string {
  if (!indicator.missing_share) return "";
  return ` · ${words.value.wall.missing(`${decimal(100 * indicator.missing_share, 1, language.value)}%`)}`;
}

function Part({ amount, value, divided }: { amount: Amount; value: number | null; divided?: boolean }) {
  const w = words.value.wall;
  const layer = amount.layer ? layersByName.value.get(amount.layer) : undefined;
  const facts = [
    layer ? say(layer.title) : amount.run ? resultTitleOf(amount.run) : null,
    amount.measure && say(amount.measure),
    amount.window && w.window(String(amount.window.days)),
    amount.extent && w.withinExtent(say(amount.extent)),
  ].filter((fact) => fact !== null);
  return (
    <>
      <dt>
        {divided ? "÷ " : ""}
        {say(amount.title)}
      </dt>
      {/* The definition says in words what counts; the filter itself is for whoever checks it. */}
      <dd title={amount.where ? `${w.where} ${amount.where}` : undefined}>
        <b>{value === null ? w.noValue : part(value, amount, language.value)}</b>
        <small>{facts.join(" · ")}</small>
        {amount.tests?.map((test) => (
          <small key={test.en}>{say(test)}</small>
        ))}
      </dd>
    </>
  );
}
