/** Why cameras do not see, in a few words; the sentences with their numbers come from the service. */
import type { SightCamera, SightFailure } from "../data/sight";
import type { WordBook } from "./words";

/** Cause of a blind spot. */
export function causeText(cause: string | null, words: WordBook): string {
  if (cause === null) return words.causeUnknown;
  return words.causes[cause as keyof WordBook["causes"]] ?? cause;
}

/** The four tests in their fixed order, with the failures that belong to each. */
export const TESTS = {
  online: ["offline"],
  distance: ["too_far", "too_near", "too_coarse", "unknown_view"],
  view: ["outside_view", "unknown_direction"],
  line: ["hidden_by_building"],
} as const satisfies Record<string, readonly SightFailure[]>;

export type TestName = keyof typeof TESTS;

/** Each test of a camera, and whether it passes. */
export function testsOf(camera: SightCamera): { name: TestName; passes: boolean }[] {
  return (Object.keys(TESTS) as TestName[]).map((name) => ({
    name,
    passes: !TESTS[name].some((failure) => camera.failing.includes(failure)),
  }));
}
