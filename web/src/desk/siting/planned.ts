/** What the parts that tell a plan share: findings of one sort, amounts with and without their unit. */
import type { SiteFinding } from "../../data/siting";
import { language } from "../../state/store";
import { count, number } from "../../words/format";
import { gainText } from "../../words/siting";
import { words } from "../../words";

type Of<What extends SiteFinding["what"]> = Extract<SiteFinding, { what: What }>;

export const findingsOf = <What extends SiteFinding["what"]>(found: readonly SiteFinding[], what: What) =>
  found.filter((one): one is Of<What> => one.what === what);

/** What is gained; words differ by it. */
export type GainKind = "people" | "exposure" | "needs";

/** Of shared poles it is a part of what is asked for in all: people, ground and sensors. */
export const kindOf = (unit: string, device: unknown): GainKind =>
  unit !== "%" ? "people" : device === "poles" ? "needs" : "exposure";

export const gained = (value: number, unit: string) => gainText(value, unit, words.value, language.value);

/** The same under a heading that says the unit. */
export const bare = (value: number, unit: string) =>
  unit === "%" ? value.toFixed(2) : count(value, language.value);

export const money = (value: number) => number(Number(value.toFixed(1)), language.value);
