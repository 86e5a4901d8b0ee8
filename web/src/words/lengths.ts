/** Lengths in words, everywhere alike; sentences of the service follow the same rule (`api/lengths.py`). */
import type { Language } from "../state/store";
import { decimal } from "./figures";
import { unitText } from "./results";

/** A length or distance: 950 m, 2 km, 2.2 km; under a metre with one digit that counts. */
export function lengthText(metres: number, language: Language): string {
  const kilometres = Math.round(metres) >= 1000;
  const [value, decimals] = kilometres ? [metres / 1000, 1] : [metres, metres < 1 ? 1 : 0];
  return `${decimal(value, decimals, language)} ${unitText(kilometres ? "km" : "m", language)}`;
}
