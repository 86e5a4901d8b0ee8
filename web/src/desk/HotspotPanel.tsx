/** Hotspots of the result on the map in words, of the cells that the map draws: the same numbers as its legend. */
import { useSignal } from "@preact/signals";

import type { Hotspot } from "../data/findings";
import type { Level, ResultLayer, Run } from "../data/results";
import { controller } from "../map/current";
import { levelAt } from "../map/results";
import { parametersBeside, regionText, timeText } from "../parts/naming";
import { PictureSwitch } from "../parts/PictureSwitch";
import { clock, hotspotsInFront } from "../state/clock";
import { hiddenClasses } from "../state/findings";
import { asUsual, otherPicture } from "../state/pictures";
import { recordOf, told } from "../state/results";
import { language, view } from "../state/store";
import { count } from "../words/format";
import { across, beside, byChange, hotCells, ofLevel } from "../words/hotspots";
import { shareText } from "../words/results";
import { lengthText } from "../words/lengths";
import { say, words } from "../words";
import { FindingsFrame } from "./FindingsFrame";
import { HotspotRow } from "./HotspotRow";

/** Hotspots that the list shows before it is asked for all. */
const FIRST = 8;

export function HotspotPanel() {
  const w = words.value;
  const drawn = told.value;
  const run = recordOf(drawn?.run);
  const findings = run?.summary?.findings as readonly Hotspot[] | undefined;
  if (!drawn || !run) return null;
  const layer = asUsual(drawn);
  const level = levelAt(layer, Math.round(view.value?.zoom ?? 12));
  const found = ofLevel(findings ?? [], level);
  const parameters = parametersBeside(layer);
  const text = (value: number) => count(value, language.value);
  const cells = hotCells(layer, level);
  const all = cells.reduce((sum, one) => sum + one.cells, 0);
  return (
    <FindingsFrame
      layer={layer}
      run={run}
      sort="hotspots"
      label={w.hotspotList}
      answer={
        <span data-hot-cells={all}>
          {found.length === 0 ? w.hotspots.none : w.hotspots.answer(text(found.length), text(all))}
        </span>
      }
      sub={
        <>
          <div class="card-sub">
            <Share run={run} found={found} />
            <span>
              {cells
                .map(({ name, cells: own }) => w.hotspots.cells(titleOf(layer, name), text(own)))
                .reverse()
                .join(language.value === "en" ? ", " : "、")}
            </span>
            <span>{w.runAt(run.id, timeText(run.finished_at))}</span>
          </div>
          {clock.value && (
            <button type="button" class="link" onClick={() => (hotspotsInFront.value = false)}>
              {w.time.backToCounts}
            </button>
          )}
          <p class="legend-facts">
            {[
              regionText(layer.region),
              ...parameters.map(({ title, text: value }) => `${title} ${value}`),
            ].join(" · ")}
          </p>
          <Levels layer={layer} level={level} />
          <PictureSwitch layer={drawn} />
        </>
      }
    >
      <List
        key={level?.resolution}
        layer={layer}
        run={run}
        found={found}
        switched={otherPicture(drawn) === undefined}
      />
      <Beside layer={layer} run={run} found={beside(findings ?? [])} />
      {run.finding && (
        <details class="palette-note" data-paragraph>
          <summary>{w.hotspots.paragraph}</summary>
          <p>{say(run.finding)}</p>
        </details>
      )}
      <p class="palette-note muted">{w.cellNote}</p>
    </FindingsFrame>
  );
}

function titleOf(layer: ResultLayer, name: string): string {
  const title = layer.style.classes?.[layer.style.class_names?.indexOf(name) ?? -1];
  return title ? say(title) : name;
}

/** How much of all that was counted lies in hotspots. */
function Share({ run, found }: { run: Run; found: readonly Hotspot[] }) {
  const all = run.note?.facts["counted"];
  const inside = found.reduce((sum, { n }) => sum + (n ?? NaN), 0);
  if (typeof all !== "number" || all === 0 || !Number.isFinite(inside) || found.length === 0) return null;
  const text = (value: number) => count(value, language.value);
  return (
    <span>
      {words.value.hotspots.share(text(inside), text(all), shareText(inside / all, language.value))}
    </span>
  );
}

/** Both grids side by side: the map, the legend and this list go over to the other together. */
function Levels({ layer, level }: { layer: ResultLayer; level: Level | undefined }) {
  const w = words.value.hotspots;
  const { levels } = layer.style;
  if (levels.length < 2) return null;
  const show = (chosen: Level) => {
    const above = levels[levels.indexOf(chosen) - 1];
    const zoom = Math.round(view.peek()?.zoom ?? 12);
    const to = above ? Math.min(zoom, above.min_zoom - 1) : Math.max(zoom, chosen.min_zoom);
    controller.peek()?.zoomBy(to - zoom);
  };
  return (
    <div class="segments hotspot-levels" role="group" aria-label={w.levels}>
      {levels.map((one) => (
        <button
          key={one.resolution}
          type="button"
          aria-pressed={one === level}
          data-level={one.resolution}
          onClick={() => show(one)}
        >
          {w.across(lengthText(across(one.resolution ?? 0), language.value))}
        </button>
      ))}
    </div>
  );
}

interface Rows {
  readonly layer: ResultLayer;
  readonly run: Run;
  readonly found: readonly Hotspot[];
}

/** `switched`: whether the map's classes are the categories, so that one switched off leaves the list too. */
function List({ layer, run, found, switched }: Rows & { readonly switched: boolean }) {
  const w = words.value;
  const all = useSignal(false);
  const worsening = useSignal(false);
  const hidden = switched ? hiddenClasses.value.get(layer.run) : undefined;
  const names = layer.style.class_names ?? [];
  const listed = found.filter((one) => !hidden?.has(names.indexOf(one.category)));
  const ordered = worsening.value ? byChange(listed) : listed;
  const shown = all.value ? ordered : ordered.slice(0, FIRST);
  return (
    <>
      {listed.length > 1 && (
        <div class="segments hotspot-levels" role="group" aria-label={w.hotspots.order}>
          {[false, true].map((by) => (
            <button
              key={String(by)}
              type="button"
              aria-pressed={worsening.value === by}
              onClick={() => (worsening.value = by)}
            >
              {by ? w.hotspots.byChange : w.hotspots.byExcess}
            </button>
          ))}
        </div>
      )}
      <ol class="hotspot-list">
        {shown.map((one) => (
          <HotspotRow key={one.cell} layer={layer} run={run} one={one} change={worsening.value} />
        ))}
      </ol>
      {shown.length < ordered.length && (
        <button type="button" class="link" onClick={() => (all.value = true)}>
          {w.allHotspots(ordered.length)}
        </button>
      )}
    </>
  );
}

/** Clusters of the scan, dense groups of points, and whether incidents follow each other. */
function Beside({ layer, run, found }: Rows) {
  const w = words.value.hotspots;
  const facts = run.note?.facts ?? {};
  const pairs = facts["near_repeat_pairs"];
  if (found.length === 0 && pairs === undefined) return null;
  const text = (value: unknown) => count(Number(value), language.value);
  return (
    <section>
      <h3 class="section">{w.beside}</h3>
      {pairs !== undefined && (
        <p class="palette-note" data-near-repeats={pairs}>
          {w.nearRepeats(text(pairs), text(facts["near_repeat_expected"]), String(facts["near_repeat_p"]))}
        </p>
      )}
      <ol class="hotspot-list">
        {found.map((one) => (
          <HotspotRow key={`${one.category} ${one.cell} ${one.since}`} layer={layer} run={run} one={one} />
        ))}
      </ol>
    </section>
  );
}
