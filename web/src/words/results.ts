/** Results in words: titles with the layer they are about, parameters, units, classes. */
import type { Column, FormField, Kind, Parameters, ResultLayer, Run } from "../data/results";
import type { Layer } from "../data/types";
import type { Language } from "../state/store";
import { told } from "./figures";

/** Where the words of a parameter come from. */
export interface Naming {
  readonly language: Language;
  readonly kind: Kind | undefined;
  readonly layers: ReadonlyMap<string, Layer>;
}

const CHINESE_UNITS: Readonly<Record<string, string>> = {
  "km²": "平方公里",
  km: "公里",
  "m²": "平方米",
  m: "米",
  people: "人",
  "1000 people": "千人",
  "1000 incidents": "千件其他事件",
  "10,000 CNY": "万元",
};

/** A unit as it is read: `1/km²` is “per square kilometre”. */
export function unitText(unit: string | null, language: Language): string {
  if (!unit) return "";
  const per = unit.startsWith("1/");
  const plain = per ? unit.slice(2) : unit;
  const named = language === "zh" ? (CHINESE_UNITS[plain] ?? plain) : plain;
  return per ? `/${named}` : named;
}

function valueText(field: FormField, value: unknown, parameters: Parameters, naming: Naming): string {
  const { language, layers } = naming;
  if (Array.isArray(value)) {
    const separator = language === "en" ? ", " : "、";
    return value.map((one) => valueText(field, one, parameters, naming)).join(separator);
  }
  if (field.type === "layer") return layers.get(String(value))?.title[language] ?? String(value);
  if (field.type === "field") {
    const layer = layers.get(String(parameters[field.of ?? ""]));
    return layer?.fields.find((one) => one.name === value)?.title[language] ?? String(value);
  }
  // Amounts by name, as of each town.
  if (typeof value === "object" && value !== null)
    return Object.entries(value)
      .map(([name, amount]) => `${name} ${String(amount)}`)
      .join(language === "en" ? ", " : "、");
  const option = field.options?.find((one) => String(one.value) === String(value));
  if (option) return option.title[language];
  if (typeof value === "boolean") return language === "en" ? (value ? "yes" : "no") : value ? "是" : "否";
  return field.unit ? `${String(value)} ${unitText(field.unit, language)}` : String(value);
}

/** Parameters of a run as pairs of words; what was left open is left out. */
export function parameterTexts(parameters: Parameters, naming: Naming): { title: string; text: string }[] {
  const fields = naming.kind?.form ?? [];
  return Object.entries(parameters).flatMap(([name, value]) => {
    if (value === null || value === undefined || value === "") return [];
    if (typeof value === "object" && Object.keys(value).length === 0) return [];
    const field = fields.find((one) => one.name === name);
    if (!field)
      return [{ title: name, text: typeof value === "object" ? JSON.stringify(value) : String(value) }];
    return [{ title: field.title[naming.language], text: valueText(field, value, parameters, naming) }];
  });
}

/** Title of a result: what was computed, and of what. */
export function titleOf(result: Pick<Run | ResultLayer, "title" | "about">, language: Language): string {
  return result.about ? `${result.title[language]} · ${result.about[language]}` : result.title[language];
}

/** Decimals that a column's values need: none for whole numbers, fewer for large ones. */
export function decimalsOf(values: readonly (number | null | undefined)[], decimals: number): number {
  const known = values.filter((value): value is number => Number.isFinite(value));
  if (known.every(Number.isInteger)) return 0;
  const most = Math.max(...known.map(Math.abs));
  return Math.min(decimals, most >= 100 ? 1 : most >= 10 ? 2 : decimals);
}

/** A value with so many decimals; null where there is none. */
export function figure(
  value: number | null | undefined,
  decimals: number,
  language: Language,
): string | null {
  if (value === null || value === undefined || !Number.isFinite(value)) return null;
  return new Intl.NumberFormat(language === "en" ? "en-GB" : "zh-CN", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(value);
}

/** What a code stands for; undefined where the column's values are no codes. */
export function wordOf(column: Pick<Column, "words">, value: number | null | undefined) {
  return value === null || value === undefined ? undefined : column.words?.[value];
}

/** A bound of a class: two or three digits that count. */
export function bound(value: number, language: Language): string {
  return new Intl.NumberFormat(language === "en" ? "en-GB" : "zh-CN", {
    maximumSignificantDigits: Math.abs(value) >= 1000 ? 4 : 3,
  }).format(value);
}

/** A share in percent, one decimal; a small one is never shown as none, and one that is not all never as all. */
export const shareText = (share: number, language: Language): string =>
  `${told(share * 100, 1, "%", language)}%`;

/** Decibels with their sign: −92.4; with `plus` also a positive one has it. */
export function decibels(value: number, decimals = 1, plus = false): string {
  const rounded = Number(value.toFixed(decimals));
  const sign = rounded < 0 ? "−" : plus && rounded > 0 ? "+" : "";
  return sign + Math.abs(rounded).toFixed(decimals);
}
