/** Figures in words: values with their decimals, parts, targets. */
import type { Amount, Figure, Indicator, Target } from "../data/views";
import type { Language } from "../state/store";

const locale = (language: Language) => (language === "en" ? "en-GB" : "zh-CN");

/** A value with at most so many decimals, and at least so many, grouped: 98.9, 230,000. */
export function decimal(value: number, decimals: number, language: Language, least = 0): string {
  return new Intl.NumberFormat(locale(language), {
    minimumFractionDigits: least,
    maximumFractionDigits: decimals,
  }).format(value);
}

/**
 * A value of an indicator with its decimals, so that those of a list stand under each other; all and nothing are
 * told without. A percentage that is not all never reads 100, and one that is something never 0: 99.997 is 99.9,
 * and 0.004 is < 0.1.
 */
export function told(value: number, decimals: number, unit: string | undefined, language: Language): string {
  const rounded = Number(value.toFixed(decimals));
  const hides = unit === "%" && rounded !== value && (rounded === 100 || rounded === 0);
  const plain = value === 0 || (unit === "%" && value === 100);
  if (!hides || value < 0 || value > 100) return decimal(value, decimals, language, plain ? 0 : decimals);
  const finer = Math.max(1, decimals);
  const scale = 10 ** finer;
  if (value * scale < 1) return `< ${decimal(1 / scale, finer, language)}`;
  return decimal(Math.floor(value * scale + 1e-9) / scale, finer, language);
}

/** A part of a figure: counts and people whole, lengths and areas with one decimal where they are small. */
export function part(value: number, amount: Pick<Amount, "whole">, language: Language): string {
  if (amount.whole && value > 0 && value < 0.5) return "< 1";
  return decimal(value, amount.whole || Math.abs(value) >= 1000 ? 0 : 1, language);
}

/** `2,231 / 2,300`, or nothing where the value is no quotient. */
export function quotient(figure: Figure, parts: Indicator["parts"], language: Language): string {
  if (figure.numerator === null || figure.denominator === null || !parts.denominator) return "";
  const above = part(figure.numerator, parts.numerator, language);
  const below = part(figure.denominator, parts.denominator, language);
  // Rounded alike they would say that nothing is missing.
  if (above === below && figure.numerator !== figure.denominator)
    return `${decimal(figure.numerator, 2, language)} / ${decimal(figure.denominator, 2, language)}`;
  return `${above} / ${below}`;
}

const SIGNS = { at_least: "≥", above: ">", at_most: "≤" } as const;

/** `≥ 280`, `> 90%`. */
export function planned(target: Target, language: Language): string {
  const unit = target.unit?.[language] === "%" ? "%" : "";
  return `${SIGNS[target.comparison]} ${decimal(target.value, 1, language)}${unit}`;
}

/** How far a value fills a gauge whose end is `most`, 0 to 1. */
export const filled = (value: number | null, most: number) =>
  value === null || most <= 0 ? 0 : Math.min(1, Math.max(0, value / most));

/** The end of a gauge: 100 for a percentage, else what is the greatest of values and targets. */
export function gaugeEnd(unit: string | undefined, values: readonly (number | null)[]): number {
  const known = values.filter((value) => value !== null);
  const most = known.length ? Math.max(...known) : 0;
  return unit === "%" ? Math.max(100, most) : most;
}
