/** Values of indicators in words. */
import type { Indicator } from "../data/views";
import { language } from "../state/store";
import { decimal } from "../words/figures";

/** A value with its unit, as short as it can be. */
export function valueText(indicator: Indicator, value: number): string {
  const unit = indicator.unit?.[language.value] === "%" ? "%" : "";
  return `${decimal(value, indicator.decimals, language.value)}${unit}`;
}
