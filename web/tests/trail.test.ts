import { describe, expect, it } from "vitest";

import { nextStep, type Open, type Trail, trailOf } from "../src/state/trail";

const NONE: Open = ["", "", "", "", ""];
const A: Open = ["cameras:1", "", "", "", ""];
const B: Open = ["cameras:2", "", "", "", ""];
const A_AND_TABLE: Open = ["cameras:1", "", "7", "", ""];

/** Carry out what was opened and closed, and return what each entry of the history stands for. */
function walk(...opened: readonly Open[]): Trail {
  let trail: Trail = [NONE];
  for (const now of opened) {
    const step = nextStep(trail, now);
    trail = step.kind === "back" ? trail.slice(0, -step.by) : step.trail;
  }
  return trail;
}

describe("the history", () => {
  it("has an entry for what is opened, so that back closes it", () => {
    expect(walk(A)).toEqual([NONE, A]);
    expect(walk(A, B)).toEqual([NONE, A, B]);
    expect(walk(A, A_AND_TABLE)).toEqual([NONE, A, A_AND_TABLE]);
  });

  it("is as long after five cards were opened and closed as before", () => {
    expect(walk(A, NONE, B, NONE, A, NONE, B, NONE, A, NONE)).toEqual([NONE]);
  });

  it("goes back behind all cards that led to the one that is closed", () => {
    expect(walk(A, B, A, NONE)).toEqual([NONE]);
    expect(nextStep([NONE, A, B, A], NONE)).toEqual({ kind: "back", by: 3 });
  });

  it("closes one of two things without losing the other", () => {
    expect(walk(A, A_AND_TABLE, A)).toEqual([NONE, A]);
    expect(walk(["", "", "7", "", ""], A_AND_TABLE, A)).toEqual([NONE, ["", "", "7", "", ""], A]);
  });

  it("begins with a link to an open card, which is closed in its place", () => {
    expect(nextStep([A], NONE)).toEqual({ kind: "replace", trail: [NONE] });
  });

  it("is not confused by entries that something else has made", () => {
    for (const state of [null, undefined, 3, {}, { trail: [] }, { trail: [["a"]] }, { trail: "x" }])
      expect(trailOf(state)).toBeNull();
    expect(trailOf({ trail: [NONE, A] })).toEqual([NONE, A]);
  });
});
