/** What the parts that tell a plan share: findings of one sort, amounts with and without their unit. */
import type { SiteFinding } from "../../data/siting";
import { language } from "../../state/store";
import { count, number } from "../../words/format";
import { gainText } from "../../words/siting";
import { words } from "../../words";

type Of<What extends SiteFinding["what"]> = Extract<SiteFinding, { what: What }>;

export const findingsOf = <What extends SiteFinding["what"]>(found: readonly SiteFinding[], what: What) =>
  found.filter((one): one is Of<What> => one.what === what);

/** Words that differ by what is gained. */
export const kindOf = (unit: string) => (unit === "%" ? "exposure" : "people");

export const gained = (value: number, unit: string) => gainText(value, unit, words.value, language.value);

/** The same under a heading that says the unit. */
export const bare = (value: number, unit: string) =>
  unit === "%" ? value.toFixed(2) : count(value, language.value);

export const money = (value: number) => number(Number(value.toFixed(1)), language.value);
