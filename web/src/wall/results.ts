/** Names of analyses, and why a figure of one is not there. */
import type { Reason } from "../data/views";
import { published, runs } from "../state/results";
import { say, words } from "../words";

/** Title of an analysis: that of what is published, else of the last that was asked for; its name before that. */
export function resultTitleOf(kind: string): string {
  const layer = published.value.find((one) => one.name === kind);
  const title = layer?.title ?? runs.value.find((run) => run.kind === kind)?.title;
  return title ? say(title) : kind;
}

/** Why there is no value: the analysis that brings it is on its way, or what the service says. */
export function whyNone(reason: Reason): string {
  const w = words.value;
  const run =
    reason.code === "no-run" &&
    runs.value.find(
      ({ kind, state }) => kind === reason.facts?.["kind"] && (state === "queued" || state === "running"),
    );
  return run ? w.wall.computing(say(run.title), w.runStates[run.state]) : say(reason.text);
}
