/** Figures of a run by region and extent: to sort, to go to a region, to take along as files. */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import type { Area, Column, Run } from "../data/results";
import { controller } from "../map/current";
import { agree, levelsOf, type Order, rowsOf, sumOf, townOf } from "../state/areas";
import { table, tableProblem, tableRun } from "../state/results";
import { item, language, layersByName, selection, surface } from "../state/store";
import { number } from "../words/format";
import { decimalsOf, figure, unitText, wordOf } from "../words/results";
import { say, words } from "../words";
import { goToArea } from "./goToArea";
import { Icon } from "./icons";
import { regionText, resultTitle, timeText } from "./naming";
import { ProblemNote } from "./States";

const FILES = ["csv", "geojson", "parquet"] as const;

const level = signal("");
const order = signal<Order>({ column: "", descending: true });
/** Whether the table takes most of the height: long lists are read so. */
const tall = signal(false);

export function RunTable() {
  const w = words.value;
  const head = useRef<HTMLHeadingElement>(null);
  const chosen = table.value;
  useEffect(() => head.current?.focus({ preventScroll: true }), [chosen]);
  if (chosen === null) return null;
  const run = tableRun.value?.id === chosen ? tableRun.value : null;
  const close = () => {
    table.value = null;
    controller.value?.container.focus();
  };
  return (
    <section
      class={tall.value ? "panel drawer tall" : "panel drawer"}
      aria-label={w.openTable}
      data-table={chosen}
      onKeyDown={(event) => event.key === "Escape" && close()}
    >
      <header class="drawer-head">
        <h2 ref={head} tabIndex={-1}>
          {run ? (LISTS.has(run.kind) ? w.listTitle : w.tableTitle)(resultTitle(run)) : w.runAt(chosen, "")}
          {run && (
            <small>
              {regionText(run.region)} · {w.runAt(run.id, timeText(run.finished_at))}
            </small>
          )}
        </h2>
        {run?.has_results && <Files run={run} />}
        {surface.value !== "field" && (
          <button
            type="button"
            class="plain drawer-size"
            aria-expanded={tall.value}
            aria-label={tall.value ? w.tableLower : w.tableTaller}
            title={tall.value ? w.tableLower : w.tableTaller}
            onClick={() => (tall.value = !tall.value)}
          >
            <Icon name="chevron" />
          </button>
        )}
        <button type="button" class="plain" aria-label={w.close} onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      {run?.state === "succeeded" && !run.has_results && (
        <p class="drawer-gone" role="status">
          {w.droppedTable}
        </p>
      )}
      {run ? (
        <Figures run={run} />
      ) : tableProblem.value ? (
        <ProblemNote title={w.tableFailed} problem={tableProblem.value} />
      ) : (
        <div class="message">
          <div class="progress" />
        </div>
      )}
    </section>
  );
}

const numberIn = (row: Area, column: string) => {
  const value = row[column];
  return typeof value === "number" ? value : null;
};

/** Columns in their order, a rank first of all; on the phone what colours the map comes right after the name. */
function ordered({ area_columns: all, shown }: Run): readonly Column[] {
  const columns = [...all.filter((one) => one.name === "rank"), ...all.filter((one) => one.name !== "rank")];
  if (surface.value !== "field") return columns;
  return [...columns.filter((one) => one.name === shown), ...columns.filter((one) => one.name !== shown)];
}

/** Layers whose features may lie over each other: their figures are not added up. */
const OVERLAPPING = new Set(["extents", "key_places", "legal_entities"]);

/** Kinds that share the figures of their cells out to regions: people who are registered are counted otherwise. */
const SHARED_OUT: ReadonlySet<string> = new Set(["radio_coverage", "risk_cells"]);

/** Kinds of which the worst is asked for first. */
const WORST_FIRST: Readonly<Record<string, string>> = { radio_coverage: "covered_percent" };

/** Columns that tell of the villages inside a region. */
const OF_VILLAGES: ReadonlySet<string> = new Set(["villages", "villages_full"]);

/** Kinds whose table lists what was found; of all others it tells regions. */
const LISTS: ReadonlySet<string> = new Set(["radio_gaps"]);

/** What colours the map is what is asked for first. */
function usualOrder(run: Run): Order {
  const worst = run.area_columns.find((one) => one.name === WORST_FIRST[run.kind]);
  if (worst) return { column: worst.name, descending: false };
  const by = run.area_columns.some((one) => one.name === run.shown) ? run.shown : run.area_columns[0]?.name;
  return { column: by ?? "name", descending: by !== undefined };
}

function Figures({ run }: { run: Run }) {
  const w = words.value;
  const areas = run.areas ?? [];
  const levels = levelsOf(areas);
  if (levels.length === 0) {
    const text =
      run.state === "succeeded" ? w.tableEmpty : `${w.runStates[run.state]} ${run.error?.detail ?? ""}`;
    return <p class="palette-note">{text}</p>;
  }
  const usual = levels.includes("towns") ? "towns" : levels[0]!;
  const at = levels.includes(level.value) ? level.value : usual;
  const sorted =
    run.area_columns.some((one) => one.name === order.value.column) || order.value.column === "name";
  const by = sorted ? order.value : usualOrder(run);
  const rows = rowsOf(areas, at, by);
  const told = ordered(run)
    .filter(({ name }) => rows.some((row) => row[name] !== null))
    // How many villages a village has is no question.
    .filter(({ name }) => at !== "communities" || !OF_VILLAGES.has(name));
  const columns = (rows.length > 0 ? told : ordered(run)).map((column) => ({
    ...column,
    decimals: decimalsOf(
      rows.map((row) => numberIn(row, column.name)),
      column.decimals,
    ),
  }));
  return (
    <>
      <div class="drawer-tools">
        <div class="segments" role="tablist" aria-label={w.tableLevels}>
          {levels.map((one) => (
            <button
              key={one}
              type="button"
              role="tab"
              aria-selected={one === at}
              data-level={one}
              onClick={() => (level.value = one)}
            >
              {layersByName.value.get(one)?.title[language.value] ??
                (one === run.kind ? say(run.title) : one)}
            </button>
          ))}
        </div>
        {at === run.kind ? (
          <Listed run={run} rows={rows} />
        ) : (
          <Sum run={run} rows={rows} overlapping={OVERLAPPING.has(at)} />
        )}
      </div>
      <div class="panel-scroll">
        <table class="figures">
          <thead>
            <tr>
              <Heading name="name" title={w.tableRegion} by={by} />
              {columns.map((column) => (
                <Heading
                  key={column.name}
                  name={column.name}
                  title={say(column.title)}
                  unit={unitText(column.unit, language.value)}
                  by={by}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.code} run={run} row={row} columns={columns} />
            ))}
          </tbody>
          {!OVERLAPPING.has(at) && (
            <tfoot>
              <tr>
                <th scope="row">{at === run.kind ? w.tableSumListed : w.tableSum}</th>
                {columns.map((column) => (
                  <td key={column.name}>
                    {figure(sumOf(rows, column), column.decimals, language.value) ?? ""}
                  </td>
                ))}
              </tr>
            </tfoot>
          )}
        </table>
      </div>
    </>
  );
}

/** How many of all that was found the list holds. */
function Listed({ run, rows }: { run: Run; rows: readonly Area[] }) {
  const all = run.note?.facts["gaps"];
  if (typeof all !== "number" || all <= rows.length) return null;
  const text = (value: number) => number(value, language.value);
  return <p class="drawer-sum muted">{words.value.listedOf(text(rows.length), text(all))}</p>;
}

/** Whether the rows hold every feature that the layer has. */
function Sum({ run, rows, overlapping }: { run: Run; rows: readonly Area[]; overlapping: boolean }) {
  const w = words.value;
  const counted = run.note?.facts["counted"];
  const features = run.area_columns.find((column) => column.name === "n");
  if (overlapping) return <p class="drawer-sum muted">{w.overlapping}</p>;
  const sum = features ? sumOf(rows, features) : null;
  if (SHARED_OUT.has(run.kind)) return <p class="drawer-sum muted">{w.sharedOut}</p>;
  if (typeof counted !== "number" || sum === null) return null;
  const text = (value: number) => number(value, language.value);
  return agree(sum, counted) ? (
    <p class="drawer-sum" data-sum={sum}>
      {w.sumEquals(text(sum))}
    </p>
  ) : (
    <p class="drawer-sum differs" data-sum={sum}>
      {w.sumDiffers(text(sum), text(counted), text(counted - sum))}
    </p>
  );
}

function Files({ run }: { run: Run }) {
  const w = words.value;
  const areas = run.links["areas.csv"];
  return (
    <p class="drawer-files">
      <span class="muted">{w.download}</span>
      {areas && <a href={areas}>{w.areasFile}</a>}
      {FILES.map((form) => {
        const address = run.links[`cells.${form}`];
        return (
          address && (
            <a key={form} href={address}>
              {w.cellsFile(form === "geojson" ? "GeoJSON" : form === "csv" ? "CSV" : "Parquet")}
            </a>
          )
        );
      })}
    </p>
  );
}

function Heading({ name, title, unit, by }: { name: string; title: string; unit?: string; by: Order }) {
  const w = words.value;
  const own = by.column === name;
  const descending = own ? !by.descending : name !== "name";
  return (
    <th scope="col" aria-sort={own ? (by.descending ? "descending" : "ascending") : "none"}>
      <button
        type="button"
        title={`${w.sortBy(title)}（${descending ? w.descending : w.ascending}）`}
        onClick={() => (order.value = { column: name, descending })}
      >
        {title}
        {unit && <small> {unit}</small>}
        <span class="sort" aria-hidden="true">
          {own ? (by.descending ? "↓" : "↑") : ""}
        </span>
      </button>
    </th>
  );
}

function Row({ run, row, columns }: { run: Run; row: Area; columns: readonly Column[] }) {
  const w = words.value;
  const { shown } = run;
  const town = townOf(row, run.areas ?? []);
  const chosen =
    selection.value?.layer === row.layer && item.value?.properties["code"] === row.code ? true : undefined;
  return (
    <tr aria-selected={chosen} onClick={() => void goToRow(run, row)}>
      <th scope="row">
        <button type="button" data-code={row.code}>
          {row.name}
        </button>
        {town && <small class="muted"> {town}</small>}
      </th>
      {columns.map((column) => {
        const value = numberIn(row, column.name);
        const word = wordOf(column, value);
        const text = word ? say(word) : figure(value, column.decimals, language.value);
        return (
          <td key={column.name} class={column.name === shown ? "shown" : undefined}>
            {text ?? (
              <span class="muted" title={w.noDataNote}>
                {w.noData}
              </span>
            )}
          </td>
        );
      })}
    </tr>
  );
}

async function goToRow(run: Run, row: Area): Promise<void> {
  tableProblem.value = (await goToArea(run, row)) ?? tableProblem.value;
}
