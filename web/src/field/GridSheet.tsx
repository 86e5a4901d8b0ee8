/** The grid worker's own grid: three numbers, and its blind spots by rank. */
import { boxOf } from "../map/geometry";
import { controller } from "../map/current";
import { NoRun, SpotList } from "../parts/SightPanel";
import { ProblemNote } from "../parts/States";
import { blindSpots, grid, gridOffline, MOST_SPOTS, spots, spotsProblem } from "../state/sight";
import { language } from "../state/store";
import { count } from "../words/format";
import { words } from "../words";
import { GridPicker } from "./GridPicker";

export function GridSheet() {
  const w = words.value;
  const own = grid.value;
  if (!own) return <GridPicker />;
  const show = () => {
    const box = boxOf(own.geometry);
    if (box) controller.value?.fit(box);
  };
  return (
    <div class="panel grid-sheet" role="region" aria-label={w.myGrid} data-grid={own.code}>
      <div class="panel-scroll">
        <header class="grid-head">
          <button type="button" class="link" onClick={show}>
            {own.name || w.myGrid}
          </button>
          <small>{own.code}</small>
          <button type="button" class="link" onClick={() => (grid.value = null)}>
            {w.gridChange}
          </button>
        </header>
        <Numbers />
        {!blindSpots.value ? (
          <NoRun />
        ) : spotsProblem.value ? (
          <ProblemNote title={w.spotsFailed} problem={spotsProblem.value} />
        ) : spots.value.length === 0 ? (
          <p class="palette-note">{w.gridClear}</p>
        ) : (
          <SpotList found={spots.value} />
        )}
      </div>
    </div>
  );
}

function Numbers() {
  const w = words.value;
  const found = spots.value;
  const people = found.reduce((sum, one) => sum + one.people, 0);
  const text = (value: number | null) => (value === null ? "–" : count(value, language.value));
  const more = found.length >= MOST_SPOTS ? "+" : "";
  return (
    <dl class="grid-numbers">
      <div>
        <dd>{blindSpots.value ? text(found.length) + more : text(null)}</dd>
        <dt>{w.gridSpots}</dt>
      </div>
      <div>
        <dd>{blindSpots.value ? text(Math.round(people)) + more : text(null)}</dd>
        <dt>{w.gridPeople}</dt>
      </div>
      <div>
        <dd>{text(gridOffline.value)}</dd>
        <dt>{w.gridOffline}</dt>
      </div>
    </dl>
  );
}
