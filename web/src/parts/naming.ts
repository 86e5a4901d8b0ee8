/** What the panels need to put results into words, from the state. */
import type { Run, ResultLayer } from "../data/results";
import { kindNamed } from "../state/results";
import { city, language, layersByName, regionNames } from "../state/store";
import { instant } from "../words/format";
import { type Naming, parameterTexts, titleOf } from "../words/results";
import { words } from "../words";

export const namingOf = (kind: string): Naming => ({
  language: language.value,
  kind: kindNamed(kind),
  layers: layersByName.value,
});

export const resultTitle = (result: Run | ResultLayer): string => titleOf(result, language.value);

/** What is said elsewhere (q as the false discovery rate), or matters only to who draws random copies again. */
const SAID = new Set(["q", "seed", "permutations"]);

/** Parameters that the title does not tell already; what was not asked for is no news. */
export function parametersBeside(result: Run | ResultLayer): { title: string; text: string }[] {
  const told = new Set(resultTitle(result).split(" · "));
  const naming = namingOf("kind" in result ? result.kind : result.name);
  const news = Object.entries(result.parameters).filter(
    ([name, value]) => !SAID.has(name) && value !== "off" && value !== false,
  );
  return parameterTexts(Object.fromEntries(news), naming).filter(({ text }) => !told.has(text));
}

/** Name of a run's region; its code until the name is known. */
export const regionText = (code: string | null): string =>
  code === null ? words.value.wholeRegion : (regionNames.value.get(code) ?? code);

export const timeText = (moment: string | null): string =>
  moment === null ? words.value.unknown : instant(moment, city.value?.timezone ?? "Asia/Shanghai");
