/** Keeping one document in step with what is chosen. */
import { effect } from "@preact/signals";

import { Problem } from "../data/client";
import type { Ageing } from "../data/views";
import * as store from "./store";

/** While a document is the last one because a new one is being made, it is asked for again after this. */
export const RENEWED_MS = 2_000;

/** Whether a document says that a newer one will come. */
export const isOld = (found: unknown): boolean => Boolean((found as Partial<Ageing> | null)?.stale_since);

/**
 * Ask for what is chosen whenever that or the language changes, and again while the answer is an old one; only
 * the last answer counts. What was found before stays until the answer is there, unless it would be wrong
 * beside the new choice (`forget`).
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
    let old = false;
    const again = () => {
      const timer = window.setTimeout(go, RENEWED_MS);
      signal.addEventListener("abort", () => window.clearTimeout(timer), { once: true });
    };
    const go = () =>
      void ask(one, language, signal).then(
        (answer) => {
          if (signal.aborted) return;
          found.value = answer;
          old = isOld(answer);
          if (old) again();
        },
        (reason: unknown) => {
          if (signal.aborted) return;
          if (!(reason instanceof Problem)) throw reason;
          // What is shown says already that it is old.
          if (old) return again();
          found.value = null;
          problem.value = reason;
        },
      );
    go();
  });
}
