/** Coverage gaps in words, those with most residents first: where, why, how many people and how much road. */
import { useSignal } from "@preact/signals";

import type { Area, Run } from "../data/results";
import { GapList } from "../parts/GapList";
import { rowsOf } from "../state/areas";
import { recordOf, table, told } from "../state/results";
import { language } from "../state/store";
import { count } from "../words/format";
import { words } from "../words";
import { FindingsFrame } from "./FindingsFrame";

/** Gaps that the list shows before it is asked for more. */
const FIRST = 20;

export function GapPanel() {
  const w = words.value;
  const layer = told.value;
  const run = recordOf(layer?.run);
  if (!layer || !run?.areas) return null;
  const rows = rowsOf(run.areas, run.kind, { column: "rank", descending: false });
  const fact = (name: string) => Number(run.note?.facts[name] ?? 0);
  const text = (value: number) => count(Math.round(value), language.value);
  return (
    <FindingsFrame
      layer={layer}
      run={run}
      label={w.radioFindings.gapList}
      answer={
        rows.length === 0
          ? w.radioFindings.noGaps
          : w.radioFindings.gapsFound(text(fact("gaps")), text(fact("gap_people")))
      }
    >
      {rows.length > 0 && <Ranked run={run} rows={rows} />}
    </FindingsFrame>
  );
}

function Ranked({ run, rows }: { run: Run; rows: readonly Area[] }) {
  const w = words.value;
  const all = useSignal(false);
  return (
    <section>
      <h3 class="section">{w.radioFindings.ranked}</h3>
      <GapList run={run} rows={rows.slice(0, all.value ? undefined : FIRST)} />
      {!all.value && rows.length > FIRST && (
        <button type="button" class="link" onClick={() => (all.value = true)}>
          {w.allHotspots(rows.length)}
        </button>
      )}
      <button type="button" class="link" onClick={() => (table.value = run.id)}>
        {w.openTable}
      </button>
    </section>
  );
}
