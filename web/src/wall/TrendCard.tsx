/** How the number in front went over the last days, larger than its tile can tell it. */
import { indicatorNow, placeOf, toldNow, trends } from "../state/playback";
import { language } from "../state/store";
import { say, words } from "../words";
import { decimal } from "../words/figures";
import { Curve } from "./Curve";
import { valueText } from "./values";

export function TrendCard() {
  const w = words.value.wall;
  const [indicator, found, document] = [indicatorNow.value, trends.value, toldNow.value];
  const own = found?.indicators.find((one) => one.name === indicator?.name);
  if (!indicator || !found || !own || !document) return null;
  const known = own.values.filter((value) => value !== null);
  if (known.length < 2) return null;
  const at = placeOf(found.days, document.as_of);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return (
    <section class="card trend" aria-label={w.trend}>
      <header>
        <h2>
          {w.trend} · {say(indicator.short_title)}
        </h2>
        <small>{w.lastDays(String(found.days.length))}</small>
      </header>
      <p class="answer">
        {w.between(valueText(indicator, low), valueText(indicator, high))}
        {own.change !== null && ` · ${w.change(signed(100 * own.change))}`}
      </p>
      <Curve values={own.values} at={at >= 0 && at < own.values.length - 1 ? at : null} />
      <p class="trend-days">
        <small>{found.days[0]}</small>
        <small>{found.days.at(-1)}</small>
      </p>
    </section>
  );
}

/** A share with its sign: +1.6%, −0.4%. */
const signed = (percent: number) =>
  `${percent > 0 ? "+" : percent < 0 ? "−" : ""}${decimal(Math.abs(percent), 1, language.value)}%`;
