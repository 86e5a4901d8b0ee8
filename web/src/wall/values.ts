/** Values of indicators in words. */
import type { Indicator } from "../data/views";
import { language } from "../state/store";
import { told } from "../words/figures";

/** A value without its unit. */
export const plainValue = (indicator: Indicator, value: number): string =>
  told(value, indicator.decimals, indicator.unit?.[language.value], language.value);

/** A value with its unit, as short as it can be. */
export function valueText(indicator: Indicator, value: number): string {
  const unit = indicator.unit?.[language.value] === "%" ? "%" : "";
  return `${plainValue(indicator, value)}${unit}`;
}
