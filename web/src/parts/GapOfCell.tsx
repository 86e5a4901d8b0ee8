/** The gap that a cell belongs to: its place in the list, its name, what is at stake in all of it, and why. */
import type { Cell } from "../data/results";
import { boxOf, middleOf } from "../map/geometry";
import { recordOf } from "../state/results";
import { asking, askSignal, technologyOf } from "../state/signal";
import { surface } from "../state/store";
import { stakes } from "../words/gaps";
import { words } from "../words";

export function GapOfCell({ found }: { found: Cell }) {
  const w = words.value.radioFindings;
  const run = recordOf(found.run);
  const rank = found.values["rank"];
  const row =
    run?.kind === "radio_gaps" && typeof rank === "number"
      ? run.areas?.find((one) => one["rank"] === rank)
      : undefined;
  if (!row) return null;
  const box = boxOf(found.geometry);
  const technology = technologyOf(found.run);
  return (
    <div class="palette-note gap-of" data-gap-of={row.code}>
      <strong>{w.gapOf(String(rank), row.name || w.nameless)}</strong>
      <span>{stakes(row).join(" · ")}</span>
      {box && technology && (
        <button
          type="button"
          class="link"
          data-why-gap
          onClick={() => {
            // On a desk the answer belongs to the tool: it is taken in hand with it.
            if (surface.value !== "field") asking.value = true;
            const { lng, lat } = middleOf(box);
            askSignal(lat, lng, technology);
          }}
        >
          {w.whyGap}
        </button>
      )}
    </div>
  );
}
