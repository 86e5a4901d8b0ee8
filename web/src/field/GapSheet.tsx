/** Coverage gaps for who is outside: those with most people first, or the nearest to one's place or grid. */
import { signal } from "@preact/signals";

import type { RadioFinding } from "../data/findings";
import type { Area, Run } from "../data/results";
import { boxOf, middleOf } from "../map/geometry";
import { type Corner, distance } from "../map/outline";
import { GapList } from "../parts/GapList";
import { ListAside } from "../parts/MapDay";
import { rowsOf } from "../state/areas";
import { published, table } from "../state/results";
import { grid } from "../state/sight";
import { language, view } from "../state/store";
import { count } from "../words/format";
import { lengthText } from "../words/lengths";
import { words } from "../words";
import { ResultSheet } from "./ResultSheet";

const KIND = "radio_gaps";
/** Gaps that the list shows: who is outside wants the first ones. */
const LISTED = 30;
/** Whether the nearest to the own grid, else to the middle of the map, come first. */
const nearest = signal(false);

export const hasGaps = () => published.value.some((one) => one.name === KIND);

export function GapSheet() {
  const w = words.value.radioFindings;
  return (
    <ResultSheet
      kind={KIND}
      first={published.value.find((one) => one.name === KIND && one.region === null)}
      label={w.gapList}
      none={w.none}
      look="findings"
      data="data-gaps"
    >
      {(_, run) => <Gaps run={run} />}
    </ResultSheet>
  );
}

function Gaps({ run }: { run: Run }) {
  const w = words.value.radioFindings;
  const own = grid.value;
  const box = own && boxOf(own.geometry);
  const from = box ? middleOf(box) : view.value;
  const rows = rowsOf(run.areas ?? [], KIND, { column: "rank", descending: false });
  const metres = from && nearest.value ? distancesOf(run, from) : null;
  const sorted = metres
    ? [...rows].sort((a, b) => (metres.get(a.code) ?? Infinity) - (metres.get(b.code) ?? Infinity))
    : rows;
  const fact = (name: string) => count(Math.round(Number(run.note?.facts[name] ?? 0)), language.value);
  const away = (row: Area) => {
    const far = metres?.get(row.code);
    return far === undefined ? "" : lengthText(far, language.value);
  };
  return (
    <>
      <ListAside />
      <header class="grid-head">
        <strong data-gap-count={rows.length}>
          {rows.length === 0 ? w.noGaps : w.gapsFound(fact("gaps"), fact("gap_people"))}
        </strong>
      </header>
      <div class="grid-pictures">
        <div class="segments" role="group" aria-label={w.order}>
          <button type="button" aria-pressed={!nearest.value} onClick={() => (nearest.value = false)}>
            {w.byPeople}
          </button>
          <button type="button" aria-pressed={nearest.value} onClick={() => (nearest.value = true)}>
            {own ? w.nearGrid(own.name || own.code) : w.near}
          </button>
        </div>
      </div>
      <GapList run={run} rows={sorted.slice(0, LISTED)} {...(metres && { away })} />
      <button type="button" class="link" onClick={() => (table.value = run.id)}>
        {w.openTable}
      </button>
    </>
  );
}

/** From a place to the worst spot of each gap, by its code. */
function distancesOf(run: Run, from: Corner): ReadonlyMap<string, number> {
  const found = (run.summary?.findings ?? []) as readonly RadioFinding[];
  return new Map(
    found.flatMap((one) =>
      one.what === "gap" ? [[one.id, distance(from, { lng: one.lon, lat: one.lat })]] : [],
    ),
  );
}
