/** A plan of sites in words: the answer, amounts with their unit, how good the plan is. */
import type { SiteProof, SiteYear } from "../data/siting";
import type { Language } from "../state/store";
import { count } from "./format";
import { shareText } from "./results";
import type { WordBook } from "./words";

type Facts = Readonly<Record<string, number | string | null>>;

/** An amount that is gained: 1,260 人, 2.02%. */
export function gainText(value: number, unit: string, words: WordBook, language: Language): string {
  return unit === "%" ? percentText(value, language) : words.siting.people(count(value, language));
}

/** Percent with two decimals: gains of single cameras are small. */
function percentText(value: number, language: Language): string {
  return `${new Intl.NumberFormat(language === "en" ? "en-GB" : "zh-CN", { maximumFractionDigits: 2 }).format(value)}%`;
}

export interface SiteAnswer {
  readonly title: string;
  readonly lines: readonly string[];
}

/**
 * The answer in one line, and the figures that it comes from. Where the whole network was predicted with the new
 * sites in it, that is the answer: single sites added up do not know of their interference.
 */
export function siteAnswer(
  sites: number,
  proof: SiteProof,
  facts: Facts,
  indoor: boolean,
  words: WordBook,
  language: Language,
): SiteAnswer {
  const w = words.siting;
  const fact = (name: string) => (typeof facts[name] === "number" ? facts[name] : undefined);
  const text = (value: number) => count(value, language);
  const won = fact("people_won");
  if (won !== undefined)
    return {
      title: w.poles(text(sites), percentText(proof.covered, language)),
      lines: [
        w.polesWin(
          text(won),
          text(fact("people_without_5g") ?? 0),
          percentText(fact("exposure_closed_percent") ?? 0, language),
          text(fact("sensors_hung") ?? 0),
          text(fact("sensors_without_carrier") ?? 0),
        ),
        w.polesReach(percentText(proof.total, language)),
      ],
    };
  if (proof.unit === "%") {
    const closed = fact("blind_cells_closed");
    const blind = fact("blind_cells");
    const exposure = percentText(proof.covered, language);
    return {
      title: w.cameras(text(sites), exposure),
      lines: [
        ...(closed === undefined || blind === undefined ? [] : [w.closed(text(closed), text(blind))]),
        w.inReach(percentText(proof.total, language)),
      ],
    };
  }
  const planned = proof.already + proof.covered;
  const after = fact("people_expected_after");
  const share = (value: number) => shareText(proof.total > 0 ? value / proof.total : 0, language);
  const range = (value: number) => w.ofPeople(text(proof.already), text(value), text(proof.total));
  const [before, then] = [fact("people_covered_before"), fact("people_covered_after")];
  // The wall and the coverage of the map count whole cells, so theirs are other figures of the same network.
  const byThreshold =
    before === undefined || then === undefined || indoor
      ? []
      : [w.byThreshold(text(before), text(then), share(before), share(then))];
  return {
    title: w.stations(text(sites), share(proof.already), share(after ?? planned), indoor),
    lines:
      after === undefined
        ? [range(planned)]
        : [w.predicted(range(after)), ...byThreshold, w.addedUp(text(planned), share(planned))],
  };
}

/** What the bound is of: what the plan gains, or where there are several years the sum of what stands after each. */
export function boundedGain({ covered, already }: SiteProof, years: readonly SiteYear[]): number {
  return years.length > 1 ? years.reduce((sum, one) => sum + one.covered - already, 0) : covered;
}

/** How good a plan is, in a sentence. */
export function proofText({ proven, gap, bound_method }: SiteProof, words: WordBook): string {
  const w = words.siting;
  const by = w.bounds[bound_method as keyof typeof w.bounds] ?? bound_method;
  return proven ? w.proven(by) : w.within(`${(gap * 100).toFixed(2)}%`, by);
}
