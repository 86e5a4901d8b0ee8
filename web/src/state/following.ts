/** Keeping one document in step with what is chosen. */
import { effect } from "@preact/signals";

import { Problem } from "../data/client";
import * as store from "./store";

/**
 * Ask for what is chosen whenever that or the language changes; only the last answer counts. What was found
 * before stays until the answer is there, unless it would be wrong beside the new choice (`forget`).
 */
export function followOne<Chosen, Found>(
  chosen: { readonly value: Chosen | null },
  found: { value: Found | null },
  problem: { value: Problem | null },
  ask: (chosen: Chosen, language: string, signal: AbortSignal) => Promise<Found>,
  { forget = false } = {},
): void {
  let aborter = new AbortController();
  effect(() => {
    const [one, language] = [chosen.value, store.language.value];
    aborter.abort();
    aborter = new AbortController();
    const { signal } = aborter;
    problem.value = null;
    if (forget || one === null) found.value = null;
    if (one === null) return;
    ask(one, language, signal).then(
      (answer) => {
        if (!signal.aborted) found.value = answer;
      },
      (reason: unknown) => {
        if (signal.aborted) return;
        if (!(reason instanceof Problem)) throw reason;
        found.value = null;
        problem.value = reason;
      },
    );
  });
}
