/** Windows and steps of the clock in words. */
import type { IncidentCounts } from "../data/counts";
import type { Language } from "../state/store";
import type { WordBook } from "./words";

const minute = (text: string) => text.slice(0, 16).replace("T", " ");
const atMidnight = (text: string) => text.endsWith(" 00:00");

/** A day as people type it (2020-12-31, 2020/12/31, 20201231, 2020年12月31日); null where it is none. */
export function dayRead(text: string): string | null {
  const [, year, month, day] = /^(\d{4})\D?(\d{1,2})\D?(\d{1,2})\D?$/.exec(text.replace(/\s/g, "")) ?? [];
  if (!year || !month || !day) return null;
  const written = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const moment = new Date(`${written}T00:00:00Z`);
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(written) ? written : null;
}

/** The day before one of the form 2020-12-31. */
function dayBefore(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - 1);
  return date.toISOString().slice(0, 10);
}

/** A span of the city's clock: one day is named once, and midnight at its end is 24:00. */
export function spanText(from: string, to: string): string {
  const [start, end] = [minute(from), minute(to)];
  if (atMidnight(start) && atMidnight(end)) {
    const last = dayBefore(end.slice(0, 10));
    return last === start.slice(0, 10) ? last : `${start.slice(0, 10)} – ${last}`;
  }
  const until = atMidnight(end) ? `${dayBefore(end.slice(0, 10))} 24:00` : end;
  return until.slice(0, 10) === start.slice(0, 10) ? `${start}–${until.slice(11)}` : `${start} – ${until}`;
}

/** The span of one step inside its window. */
export function stepSpan(found: IncidentCounts, at: number): string {
  const [from, to] = [found.from.slice(0, 16), found.to.slice(0, 16)];
  const start = found.steps[at]?.start ?? from;
  const end = found.steps[at + 1]?.start ?? to;
  return spanText(start < from ? from : start, end);
}

/** What the clock shows: the window, or a step of it, or all steps up to it. */
export function frameText(
  found: IncidentCounts,
  at: number | null,
  cumulative: boolean,
  words: WordBook,
): string {
  if (at === null) return spanText(found.from, found.to);
  if (!cumulative) return stepSpan(found, at);
  const end = found.steps[at + 1]?.start ?? found.to.slice(0, 16);
  return words.time.upTo(spanText(found.from, end));
}

/** The hour of the week with most incidents; null where there is none. */
export function busiest(profile: IncidentCounts["profile"]): { day: number; hour: number; n: number } | null {
  let best: { day: number; hour: number; n: number } | null = null;
  profile.forEach((hours, day) =>
    hours.forEach((n, hour) => {
      if (n > (best?.n ?? 0)) best = { day, hour, n };
    }),
  );
  return best;
}

/** The step with most incidents; null where there is none. */
export function peak(found: IncidentCounts): number | null {
  const most = Math.max(...found.steps.map(({ n }) => n));
  return most > 0 ? found.steps.findIndex(({ n }) => n === most) : null;
}

export const classTitle = (one: IncidentCounts["classes"][number], language: Language) =>
  one.title?.[language] ?? one.code;
