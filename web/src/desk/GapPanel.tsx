/** Coverage gaps in words, those with most residents first: where, why, how many people and how much road. */
import { useSignal } from "@preact/signals";

import type { Area, Run } from "../data/results";
import { controller } from "../map/current";
import { goToArea } from "../parts/goToArea";
import { rowsOf } from "../state/areas";
import { table, told, toldRun } from "../state/results";
import { language } from "../state/store";
import { count, number } from "../words/format";
import { wordOf } from "../words/results";
import { say, words } from "../words";
import { FindingsFrame } from "./FindingsFrame";

/** Gaps that the list shows before it is asked for more. */
const FIRST = 20;

const figureOf = (row: Area, column: string): number => {
  const value = row[column];
  return typeof value === "number" ? value : 0;
};

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
              <span class="finding-count">{atStake(row)}</span>
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

/** People where some live, else the road or the area. */
function atStake(row: Area): string {
  const w = words.value.radioFindings;
  const [people, road] = [figureOf(row, "people"), figureOf(row, "roads_km")];
  if (people >= 0.5) return w.people(count(Math.round(people), language.value));
  const tenths = (value: number) => number(Math.round(value * 10) / 10, language.value);
  return road >= 0.05
    ? w.road(tenths(road))
    : w.area(number(Math.round(figureOf(row, "area_km2") * 100) / 100, language.value));
}
