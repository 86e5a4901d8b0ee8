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

/** Parameters that the title does not tell already. */
export function parametersBeside(result: Run | ResultLayer): { title: string; text: string }[] {
  const told = new Set(resultTitle(result).split(" · "));
  const naming = namingOf("kind" in result ? result.kind : result.name);
  return parameterTexts(result.parameters, naming).filter(({ text }) => !told.has(text));
}

/** Name of a run's region; its code until the name is known. */
export const regionText = (code: string | null): string =>
  code === null ? words.value.wholeRegion : (regionNames.value.get(code) ?? code);

export const timeText = (moment: string | null): string =>
  moment === null ? words.value.unknown : instant(moment, city.value?.timezone ?? "Asia/Shanghai");
