/** One cell of a result: its values with units and denominators, its regions, the run. */
import { useEffect, useRef } from "preact/hooks";

import type { Cell, CellRegion, Column, ResultLayer } from "../data/results";
import { boxOf } from "../map/geometry";
import { controller } from "../map/current";
import { columnTitle } from "../map/results";
import { cell, cellDocument, cellProblem, published, runs, shownResults, table } from "../state/results";
import { deselect, select } from "../state/select";
import { language } from "../state/store";
import { decimalsOf, figure, parameterTexts, shareText, unitText, wordOf } from "../words/results";
import { say, words } from "../words";
import { GapOfCell } from "./GapOfCell";
import { LiveBadge } from "./ResultLegend";
import { AlsoHere, CardActions } from "./DetailCard";
import { Icon } from "./icons";
import { namingOf, regionText, resultTitle, timeText } from "./naming";
import { ProblemNote } from "./States";

const MOST_REGIONS = 4;

export function CellCard() {
  const w = words.value;
  const chosen = cell.value;
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus({ preventScroll: true }), [chosen?.cell]);
  if (!chosen) return null;
  const found = cellDocument.value?.cell === chosen.cell ? cellDocument.value : null;
  const layer = [...shownResults.value, ...published.value].find((one) => one.run === chosen.run);
  const close = () => {
    deselect();
    controller.value?.container.focus();
  };
  return (
    <aside
      class="panel right"
      aria-label={w.cell}
      data-cell={chosen.cell}
      onKeyDown={(event) => event.key === "Escape" && close()}
    >
      <header class="card-head">
        <div class="card-kind">
          <span>{w.cell}</span>
          <button type="button" class="plain" aria-label={w.close} onClick={close}>
            <Icon name="close" />
          </button>
        </div>
        <h2 class="card-title" ref={head} tabIndex={-1}>
          {found ? <Answer found={found} layer={layer} /> : chosen.cell}
        </h2>
        <div class="card-sub">
          <span>
            {layer ? resultTitle(layer) : ""} {found && found.run === layer?.live?.run && <LiveBadge />}
          </span>
          <span class="muted">{w.cellNote}</span>
        </div>
      </header>
      <div class="panel-scroll">
        {found ? (
          <Values found={found} layer={layer} />
        ) : cellProblem.value ? (
          <ProblemNote title={w.cellFailed} problem={cellProblem.value} />
        ) : (
          <div class="message">
            <span class="muted">{w.loadingItem}</span>
            <div class="progress" />
          </div>
        )}
        <AlsoHere />
      </div>
      {found && (
        <CardActions box={boxOf(found.geometry)} address={`/runs/${found.run}/cells/${found.cell}`} />
      )}
    </aside>
  );
}

function shownValue(found: Cell, column: Column, layer?: ResultLayer): { text: string; known: boolean } {
  const value = found.values[column.name];
  const title = layer && columnTitle(layer, column.name, value);
  if (title) return { text: say(title), known: true };
  const word = wordOf(column, value);
  if (word) return { text: say(word), known: true };
  const text = figure(value, decimalsOf([value], column.decimals), language.value);
  if (text === null) return { text: words.value.noData, known: false };
  const unit = unitText(column.unit, language.value);
  return { text: unit ? `${text} ${unit}` : text, known: true };
}

/** The value that colours the cell, first. */
function Answer({ found, layer }: { found: Cell; layer: ResultLayer | undefined }) {
  const column = found.columns.find((one) => one.name === layer?.style.by);
  if (!column) return <>{found.cell}</>;
  return (
    <>
      {say(column.title)} {shownValue(found, column, layer).text}
    </>
  );
}

function Values({ found, layer }: { found: Cell; layer: ResultLayer | undefined }) {
  const w = words.value;
  const chosen = cell.value?.run ?? found.run;
  const run = runs.value.find((one) => one.id === chosen);
  return (
    <>
      <GapOfCell found={found} />
      <dl class="fields" aria-label={w.valuesSection}>
        {found.columns.map((column) => {
          const { text, known } = shownValue(found, column, layer);
          return (
            <div key={column.name} data-value={column.name}>
              <dt>{say(column.title)}</dt>
              <dd class={known ? undefined : "unknown"} title={known ? undefined : w.noDataNote}>
                {column.name === "best_sector" && known ? <Sector id={found.values[column.name]} /> : text}
              </dd>
            </div>
          );
        })}
        {!found.columns.some(({ name }) => name === "area_km2") && (
          <div>
            <dt>{w.cellArea}</dt>
            <dd>
              {figure(found.area_m2 / 1e6, 4, language.value)} {w.squareKilometres}
            </dd>
          </div>
        )}
        <div>
          <dt>{w.cellCode}</dt>
          <dd>
            {found.cell} <span class="muted">{w.resolution(found.resolution)}</span>
          </dd>
        </div>
      </dl>
      <h3 class="section">{w.cellRegions}</h3>
      <Regions regions={found.regions} />
      <h3 class="section">{w.run}</h3>
      <dl class="fields">
        <div>
          <dt>{w.run}</dt>
          <dd>
            <button type="button" class="link" onClick={() => (table.value = chosen)}>
              #{chosen}
            </button>{" "}
            {run && timeText(run.finished_at)}
          </dd>
        </div>
        {run && (
          <div>
            <dt>{w.analysisRegion}</dt>
            <dd>{regionText(run.region)}</dd>
          </div>
        )}
        {run &&
          parameterTexts(run.parameters, namingOf(run.kind)).map(({ title, text }) => (
            <div key={title}>
              <dt>{title}</dt>
              <dd>{text}</dd>
            </div>
          ))}
      </dl>
    </>
  );
}

/** The sector that serves a cell, to be opened. */
function Sector({ id }: { id: unknown }) {
  if (typeof id !== "number") return null;
  return (
    <button type="button" class="link" onClick={() => select("sectors", id)}>
      #{id}
    </button>
  );
}

/** The lowest regions that the cell meets, by the share of it that lies in each. */
function Regions({ regions }: { regions: readonly CellRegion[] }) {
  const w = words.value;
  const deepest = Math.max(0, ...regions.map((region) => region.path.length));
  const lowest = regions.filter((region) => region.path.length === deepest);
  if (lowest.length === 0) return <p class="palette-note">{w.cellRegionsOutside}</p>;
  const rest = lowest.length - MOST_REGIONS;
  return (
    <ul class="cell-regions">
      {lowest.slice(0, MOST_REGIONS).map((region) => (
        <li key={region.code}>
          <button type="button" onClick={() => select("regions", region.id)}>
            <span>{region.path.join(" › ")}</span>
            <span class="muted">{shareText(region.share, language.value)}</span>
          </button>
        </li>
      ))}
      {rest > 0 && <li class="palette-note muted">{w.moreRegions(rest)}</li>}
    </ul>
  );
}
