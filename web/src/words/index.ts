/** The words of the language that is chosen. */
import { computed } from "@preact/signals";

import type { Words } from "../data/types";
import { language } from "../state/store";
import { en } from "./en";
import type { WordBook } from "./words";
import { zh } from "./zh";

export const words = computed<WordBook>(() => (language.value === "en" ? en : zh));

/** A title of the catalogue in the language that is chosen. */
export const say = (title: Words): string => title[language.value];
