/** Values to text: numbers, dates in the city's time zone, codes in words, and 未知 for what is not known. */
import type { CodeList, Field, Value } from "../data/types";
import type { Language } from "../state/store";
import type { WordBook } from "./words";

export interface Format {
  readonly language: Language;
  readonly timezone: string;
  readonly words: WordBook;
  readonly codeLists: Readonly<Record<string, CodeList>>;
}

export interface Shown {
  readonly text: string;
  readonly known: boolean;
}

const locale = (language: Language) => (language === "en" ? "en-GB" : "zh-CN");

/** A number with grouping, at most four decimals. */
export function number(value: number, language: Language): string {
  return new Intl.NumberFormat(locale(language), { maximumFractionDigits: 4 }).format(value);
}

/** A number with so many digits that count. */
const digits = (value: number, most: number, language: Language) =>
  new Intl.NumberFormat(locale(language), { maximumSignificantDigits: most }).format(value);

/** A count: grouped digits. */
export function count(value: number, language: Language): string {
  return new Intl.NumberFormat(locale(language), { maximumFractionDigits: 0 }).format(value);
}

/** How long ago: 不到 1 分钟前, 12 分钟前; whole units, never more than have passed. */
export function ago(seconds: number, words: WordBook): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return words.ago.moment;
  if (minutes < 120) return words.ago.minutes(minutes);
  if (minutes < 2 * 24 * 60) return words.ago.hours(Math.floor(minutes / 60));
  return words.ago.days(Math.floor(minutes / (24 * 60)));
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/** A calendar day as written, without a time zone. */
export function day(value: string): string {
  return DAY.test(value) ? value : value.slice(0, 10);
}

/** An instant in the city's time zone, to the minute: 2020-12-31 08:15. */
export function instant(value: string, timezone: string): string {
  const time = new Date(value);
  if (Number.isNaN(time.getTime())) return value;
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(time);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")} ${part("hour")}:${part("minute")}`;
}

/** The same where today needs no date: 08:15. */
export function clockText(value: string, timezone: string, now: Date): string {
  const [told, today] = [instant(value, timezone), instant(now.toISOString(), timezone)];
  return told.slice(0, 10) === today.slice(0, 10) ? told.slice(11) : told;
}

/** Title of a code; the code itself where the list does not know it. */
export function codeTitle(code: string, list: CodeList | undefined, language: Language): string {
  return list?.codes.find((one) => one.code === code)?.title[language] ?? code;
}

/** A year is an integer that is never grouped: 2,020 is no year. */
const isYear = (field: Field) =>
  field.type === "integer" && !field.unit && /(^|_)(year|built)(_|$)/.test(field.name);

function textOf(field: Field, value: NonNullable<Value>, format: Format): string {
  const { language, words } = format;
  const list = field.codes ? format.codeLists[field.codes] : undefined;
  const separator = language === "en" ? ", " : "、";
  switch (field.type) {
    case "boolean":
      return value === true ? words.yes : words.no;
    case "number":
    case "integer":
      if (typeof value !== "number") return String(value);
      return isYear(field) ? String(value) : number(value, language);
    case "date":
      return day(String(value));
    case "datetime":
      return instant(String(value), format.timezone);
    case "code":
      return codeTitle(String(value), list, language);
    case "codes":
      return (Array.isArray(value) ? value : [value])
        .map((code) => codeTitle(String(code), list, language))
        .join(separator);
    default:
      return Array.isArray(value) ? value.join(separator) : String(value);
  }
}

/** From so many square metres on, an area is read in square kilometres. */
const LARGE_M2 = 100_000;

/** A field's value in words. Null, missing and blank are unknown: never a blank, never a zero; an empty list is none. */
export function shown(field: Field, value: Value | undefined, format: Format): Shown {
  if (value === null || value === undefined || value === "")
    return { text: format.words.unknown, known: false };
  if (Array.isArray(value) && value.length === 0) return { text: format.words.none, known: true };
  if (field.unit === "m²" && typeof value === "number" && Math.abs(value) >= LARGE_M2)
    return { text: `${digits(value / 1e6, 4, format.language)} km²`, known: true };
  const text = textOf(field, value, format);
  const unit = field.unit && (field.type === "number" || field.type === "integer") ? field.unit : "";
  const gap = unit === "°" || unit === "%" ? "" : " ";
  return { text: unit ? `${text}${gap}${unit}` : text, known: true };
}

/** Longitude and latitude to about a metre: 115.90412°E 31.86230°N. */
export function coordinates(lng: number, lat: number): string {
  const east = `${Math.abs(lng).toFixed(5)}°${lng < 0 ? "W" : "E"}`;
  const north = `${Math.abs(lat).toFixed(5)}°${lat < 0 ? "S" : "N"}`;
  return `${east} ${north}`;
}

/** The roundest length (1, 2 or 5 times a power of ten) that is not longer than this many metres. */
export function roundLength(metres: number): number {
  const power = 10 ** Math.floor(Math.log10(metres));
  const lead = metres / power;
  return (lead >= 5 ? 5 : lead >= 2 ? 2 : 1) * power;
}
