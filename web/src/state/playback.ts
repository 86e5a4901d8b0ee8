/**
 * A view over time: the clock's window gives the days, the present frame the moment; tiles, ranking and map tell
 * of it. What a day does not know stays unknown.
 */
import { batch, computed, effect, signal } from "@preact/signals";

import { client, type Problem } from "../data/client";
import type { Indicator, RegionPart, Series, Trends, ViewOfRegion, ViewSummary } from "../data/views";
import * as clock from "./clock";
import { followOne } from "./following";
import * as store from "./store";
import { indicator, showLayers, told, viewRef } from "./views";

/** Days that the small curves of the tiles tell, at least: the service takes 7 to 366. */
const [LEAST_DAYS, MOST_DAYS] = [30, 366];
/** Who looks for a day goes past many: only where the clock rests is the whole view asked for. */
const SETTLE_MS = 300;

export const trends = signal<Trends | null>(null);
export const series = signal<Series | null>(null);

/** The day before or after one, by so many days. */
export function dayPlus(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** How many days there are from one to another, both counted. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1;

/** The last day of a moment of the clock: midnight ends the day before. */
export const dayEnding = (moment: string): string =>
  moment.slice(11, 16) === "00:00" ? dayPlus(moment.slice(0, 10), -1) : moment.slice(0, 10);

/** Windows of a wall: those of the clock that fit, the last month, and the last year, up to a day. */
export const wallWindows = (today: string) =>
  [
    ["24h", "24h"],
    ["7d", "7d"],
    ["30d", `${dayPlus(today, -29)}/${today}`],
    ["1y", `${dayPlus(today, -364)}/${today}`],
  ] as const;

/** The window in which a view opens: incidents build up over the last day, all else is told by the month. */
export const usualWindow = (view: ViewSummary, today: string): string =>
  wallWindows(today)[tellsIncidents(view) ? 0 : 2][1];

/** The place of a day among days in order: the last one that is not later; -1 where all are. */
export function placeOf(days: readonly string[], day: string): number {
  let found = -1;
  for (let at = 0; at < days.length && days[at]! <= day; at++) found = at;
  return found;
}

/** The window in days. */
const span = computed(() => {
  const found = clock.counts.value;
  return found && { from: found.from.slice(0, 10), to: dayEnding(found.to) };
});

/** The day that is shown; null: the present. */
export const shownDay = computed<string | null>(() => {
  const [found, at] = [clock.counts.value, clock.frame.value];
  if (!found || at === null) return null;
  return dayEnding(found.steps[at + 1]?.start ?? found.to.slice(0, 16));
});

/** Whether a view tells of incidents: then time plays them on the map. */
export const tellsIncidents = (view: ViewSummary): boolean =>
  view.layers.includes("incidents") || view.results.some((name) => name.startsWith("incident"));

const onIncidents = computed(() => told.value !== null && tellsIncidents(told.value.view));

/** Whether the map plays incidents now. */
export const playsIncidents = computed(() => onIncidents.value && clock.frame.value !== null);

/** What the bar of time tells: incidents by step, or the indicator in front on the day that ends each step. */
export const barValues = computed<readonly (number | null)[]>(() => {
  const found = clock.counts.value;
  if (!found) return [];
  if (barIndicator.value === null) return found.steps.map((step) => step.n);
  const curve = series.value;
  if (!curve) return found.steps.map(() => null);
  return found.steps.map((_, at) => {
    const end = found.steps[at + 1]?.start ?? found.to.slice(0, 16);
    return curve.values[placeOf(curve.days, dayEnding(end))] ?? null;
  });
});

/** Whether the bar has one value for all its days: an analysis tells of the day on which it ran. */
export const hasOneDay = computed(
  () => series.value !== null && barValues.value.filter((value) => value !== null).length === 1,
);

/** The indicator that the bar tells; null: incidents. */
export const barIndicator = computed<Indicator | null>(() => (onIncidents.value ? null : indicator.value));

/** A view as it was on a day: what trends and series know of it. */
export function asOf(
  document: ViewOfRegion,
  day: string,
  known: { readonly trends: Trends | null; readonly series: Series | null },
): ViewOfRegion {
  const { trends: all, series: front } = known;
  const at = all ? placeOf(all.days, day) : -1;
  const frontAt = front ? placeOf(front.days, day) : -1;
  const plain = { numerator: null, denominator: null, missing_share: null, reason: null };
  const indicators = document.indicators.map((one): Indicator => {
    if (front?.indicator.name === one.name)
      return {
        ...one,
        ...plain,
        stale_since: null,
        value: front.values[frontAt] ?? null,
        numerator: front.numerators[frontAt] ?? null,
        denominator: front.denominators?.[frontAt] ?? null,
        ranking: rankedOn(document.parts, front, frontAt, one.better),
      };
    const values = all?.indicators.find(({ name }) => name === one.name)?.values;
    return { ...one, ...plain, stale_since: null, value: values?.[at] ?? null };
  });
  const then = new Map(front?.parts.map(({ code, values }) => [code, values[frontAt] ?? null]));
  const parts = document.parts.map((part) =>
    front
      ? {
          ...part,
          figures: {
            ...part.figures,
            [front.indicator.name]: { ...plain, value: then.get(part.code) ?? null },
          },
        }
      : part,
  );
  // How a target stood is not known of values alone.
  const targets = document.targets.map((one) => ({
    ...one,
    standing: "without_value" as const,
    gap: null,
    pace_per_year: null,
  }));
  return { ...document, as_of: day, stale_since: null, stale_reason: null, indicators, parts, targets };
}

/** Codes of parts by the value of a day, the worst first; those without one last. */
function rankedOn(
  parts: readonly RegionPart[],
  front: Series,
  at: number,
  better: Indicator["better"],
): string[] {
  const values = new Map(front.parts.map(({ code, values }) => [code, values[at] ?? null]));
  const way = better === "higher" ? 1 : -1;
  return parts
    .map(({ code }) => ({ code, value: values.get(code) ?? null }))
    .sort((one, other) =>
      one.value === null || other.value === null
        ? Number(one.value === null) - Number(other.value === null)
        : way * (one.value - other.value) || one.code.localeCompare(other.code),
    )
    .map(({ code }) => code);
}

/** What the service tells of the day on which the clock has come to stand: asked for where it does not run on. */
const toldThen = signal<ViewOfRegion | null>(null);

/** The document that tells of targets: the shown day's as soon as it is there, the present one until then. */
export const weighed = computed<ViewOfRegion | null>(() => {
  const [document, then] = [told.value, toldThen.value];
  const fits =
    then !== null &&
    then.as_of === shownDay.value &&
    then.view.name === document?.view.name &&
    then.region.code === document.region.code;
  return fits ? then : document;
});

/** The view as the wall shows it now: the present, or the day on which the clock stands. */
export const toldNow = computed<ViewOfRegion | null>(() => {
  const [document, day] = [told.value, shownDay.value];
  if (!document || day === null || day === document.as_of) return document;
  if (weighed.value?.as_of === day) return weighed.value;
  return asOf(document, day, { trends: trends.value, series: series.value });
});

export const indicatorNow = computed<Indicator | null>(
  () => toldNow.value?.indicators.find((one) => one.name === indicator.value?.name) ?? null,
);

export const rankedNow = computed<readonly RegionPart[]>(() => {
  const parts = new Map((toldNow.value?.parts ?? []).map((part) => [part.code, part]));
  return (indicatorNow.value?.ranking ?? []).flatMap((code) => parts.get(code) ?? []);
});

/** Keep the curves in step with view, region, indicator and window; let the map play. */
export function followPlayback(): void {
  let usual: string | null = null;
  effect(() => {
    const document = viewRef.value && told.value;
    clock.clockRegion.value = document ? document.region.code : "";
    if (!document) return;
    // A window that the reader has chosen stays from view to view.
    const now = clock.clock.peek();
    const next = usualWindow(document.view, document.today);
    if (now !== null && now.window !== usual) return;
    usual = next;
    if (now?.window !== next) clock.openWindow(next, true);
  });
  effect(() => {
    clock.cellsDrawn.value = viewRef.value === null || playsIncidents.value;
  });
  const nobody = signal<Problem | null>(null);
  const place = computed(() => {
    const [document, window] = [told.value, span.value];
    return document && window && document.indicators.some(({ past }) => past !== undefined)
      ? `${document.view.name} ${document.region.code} ${window.from} ${window.to}`
      : null;
  });
  followOne(place, trends, nobody, (text, language, signal) => {
    const [view = "", region = "", from = "", to = ""] = text.split(" ");
    const days = Math.min(MOST_DAYS, Math.max(LEAST_DAYS, daysBetween(from, to)));
    return client.trends(view, region, days, to, language, signal);
  });
  followOne(
    computed(() => (place.value && indicator.value ? `${place.value} ${indicator.value.name}` : null)),
    series,
    nobody,
    (text, language, signal) => {
      const [view = "", region = "", from = "", to = "", name = ""] = text.split(" ");
      return client.series({ view, region, indicator: name, from, to }, language, signal);
    },
  );
  followDayTold(nobody);
  followMapInTime();
}

/** Ask what the service tells of an earlier day once the clock stands there. */
function followDayTold(failed: { value: Problem | null }): void {
  const settled = signal<string | null>(null);
  effect(() => {
    const [document, day] = [told.value, shownDay.value];
    const wanted =
      viewRef.value && document && day !== null && day !== document.as_of && !clock.playing.value
        ? `${document.view.name} ${document.region.code} ${day}`
        : null;
    if (wanted === settled.peek()) return;
    settled.value = null;
    if (wanted === null) return;
    const timer = window.setTimeout(() => (settled.value = wanted), SETTLE_MS);
    return () => window.clearTimeout(timer);
  });
  followOne(settled, toldThen, failed, (text, language, signal) => {
    const [view = "", region = "", day = ""] = text.split(" ");
    return client.viewOfRegion(view, region, language, { day, signal });
  });
}

/** While incidents play, the results and points of the view stand aside; then they come back. */
function followMapInTime(): void {
  let aside = false;
  effect(() => {
    const [plays, document] = [playsIncidents.value, told.value];
    if (!document || !viewRef.value || plays === aside) return;
    aside = plays;
    batch(() => {
      if (plays) {
        const points = new Set(
          store.drawnLayers
            .peek()
            .filter(({ geometry }) => geometry === "point")
            .map(({ name }) => name),
        );
        showLayers({
          ...document.view,
          layers: document.view.layers.filter((one) => !points.has(one)),
          results: [],
        });
      } else showLayers(document.view);
    });
  });
}
