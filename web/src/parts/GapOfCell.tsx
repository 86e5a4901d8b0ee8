/** The gap that a cell belongs to: its place in the list, its name, and what is at stake in the whole of it. */
import type { Cell } from "../data/results";
import { toldRun } from "../state/results";
import { stakes } from "../words/gaps";
import { words } from "../words";

export function GapOfCell({ found }: { found: Cell }) {
  const w = words.value.radioFindings;
  const run = toldRun.value?.id === found.run ? toldRun.value : null;
  const rank = found.values["rank"];
  const row =
    run?.kind === "radio_gaps" && typeof rank === "number"
      ? run.areas?.find((one) => one["rank"] === rank)
      : undefined;
  if (!row) return null;
  return (
    <p class="palette-note" data-gap-of={row.code}>
      {w.gapOf(String(rank), row.name || w.nameless)} {stakes(row).join(" · ")}
    </p>
  );
}
