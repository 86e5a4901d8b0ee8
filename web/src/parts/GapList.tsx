/** Coverage gaps in words, one a row: place in the order, where, why, how many people and how much road. */
import type { Area, Run } from "../data/results";
import { controller } from "../map/current";
import { cell } from "../state/results";
import { stakes } from "../words/gaps";
import { wordOf } from "../words/results";
import { say, words } from "../words";
import { cellOf, goToArea } from "./goToArea";

export function GapList({
  run,
  rows,
  away,
}: {
  run: Run;
  rows: readonly Area[];
  away?: (row: Area) => string;
}) {
  const w = words.value;
  return (
    <ol class="finding-list numbered">
      {rows.map((row) => {
        const [first, ...rest] = stakes(row);
        return (
          <li key={row.code}>
            <button
              type="button"
              data-gap={row.code}
              aria-pressed={cell.value?.run === run.id && cell.value.cell === cellOf(run, row)}
              onClick={() => {
                void goToArea(run, row);
                controller.peek()?.container.focus();
              }}
            >
              <span class="finding-rank">{row["rank"]}</span>
              <span class="finding-title">{row.name || w.radioFindings.nameless}</span>
              <span class="finding-count">{first}</span>
              <span class="finding-why">{[causeOf(run, row), ...rest].filter(Boolean).join(" · ")}</span>
              {away && <span class="finding-away">{away(row)}</span>}
            </button>
          </li>
        );
      })}
    </ol>
  );
}

function causeOf(run: Run, row: Area): string {
  const column = run.area_columns.find((one) => one.name === "cause");
  const cause = row["cause"];
  const word = column && typeof cause === "number" ? wordOf(column, cause) : undefined;
  return word ? say(word) : "";
}
