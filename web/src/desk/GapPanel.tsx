/** Coverage gaps in words, those with most residents first: where, why, how many people and how much road. */
import { useSignal } from "@preact/signals";

import type { Area, Run } from "../data/results";
import { controller } from "../map/current";
import { goToArea } from "../parts/goToArea";
import { rowsOf } from "../state/areas";
import { table, told, toldRun } from "../state/results";
import { language } from "../state/store";
import { count } from "../words/format";
import { stakes } from "../words/gaps";
import { wordOf } from "../words/results";
import { say, words } from "../words";
import { FindingsFrame } from "./FindingsFrame";

/** Gaps that the list shows before it is asked for more. */
const FIRST = 20;

export function GapPanel() {
  const w = words.value;
  const layer = told.value;
  const run = toldRun.value?.id === layer?.run ? toldRun.value : null;
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
      <ol class="finding-list">
        {rows.slice(0, all.value ? undefined : FIRST).map((row) => (
          <li key={row.code}>
            <button
              type="button"
              data-gap={row.code}
              onClick={() => {
                void goToArea(run, row);
                controller.peek()?.container.focus();
              }}
            >
              <span class="finding-title">
                {row.name || w.radioFindings.nameless} <span class="muted">{reason(run, row)}</span>
              </span>
              <span class="finding-count">{stakes(row)[0]}</span>
            </button>
          </li>
        ))}
      </ol>
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

function reason(run: Run, row: Area): string {
  const column = run.area_columns.find((one) => one.name === "cause");
  const cause = row["cause"];
  const word = column && typeof cause === "number" ? wordOf(column, cause) : undefined;
  return word ? say(word) : "";
}
