/** Hotspots of the result on the map in words, worst first: category and rule, how many against how many, since when. */
import { useSignal } from "@preact/signals";

import type { Hotspot, ResultLayer } from "../data/results";
import { controller } from "../map/current";
import { categoryColour } from "../map/results";
import { Icon } from "../parts/icons";
import { namingOf, regionText, resultTitle, timeText } from "../parts/naming";
import { Glyph } from "../parts/Glyph";
import { clock, hotspotsInFront } from "../state/clock";
import { cell, hotspotsClosed, told, toldRun } from "../state/results";
import { catalogue, language, theme } from "../state/store";
import { codeTitle, number } from "../words/format";
import { countsByCategory, shareText, parameterTexts } from "../words/results";
import { say, words } from "../words";

/** Hotspots that the list shows before it is asked for all. */
const FIRST = 8;

export function HotspotPanel() {
  const w = words.value;
  const layer = told.value;
  const run = toldRun.value?.id === layer?.run ? toldRun.value : null;
  const found = run?.summary?.findings as readonly Hotspot[] | undefined;
  if (!layer || !run || !found) return null;
  const parameters = parameterTexts(layer.parameters, namingOf(layer.name));
  return (
    <aside class="panel right hotspots" aria-label={w.hotspotList} data-hotspots={layer.run}>
      <header class="card-head">
        <div class="card-kind">
          <span>{resultTitle(layer)}</span>
          <button
            type="button"
            class="plain"
            aria-label={w.close}
            onClick={() => (hotspotsClosed.value = layer.run)}
          >
            <Icon name="close" />
          </button>
        </div>
        <h2 class="card-title">{w.hotspotAnswer(found.length, inWords(found))}</h2>
        <div class="card-sub">
          <span>{w.falseDiscovery(shareText(Number(layer.parameters["q"] ?? 0.05), language.value))}</span>
          <span>{w.runAt(run.id, timeText(run.finished_at))}</span>
        </div>
        {clock.value && (
          <button type="button" class="link" onClick={() => (hotspotsInFront.value = false)}>
            {w.time.backToCounts}
          </button>
        )}
        <p class="legend-facts">
          {[regionText(layer.region), ...parameters.map(({ title, text }) => `${title} ${text}`)].join(" · ")}
        </p>
      </header>
      <div class="panel-scroll">
        <List layer={layer} found={found} />
        <p class="palette-note muted">{w.cellNote}</p>
      </div>
    </aside>
  );
}

function inWords(found: readonly Hotspot[]): string {
  const separator = language.value === "en" ? ", " : "、";
  return countsByCategory(found)
    .map(({ title, hotspots }) => `${title[language.value]} ${hotspots}`)
    .join(separator);
}

function List({ layer, found }: { layer: ResultLayer; found: readonly Hotspot[] }) {
  const w = words.value;
  const all = useSignal(false);
  const shown = all.value ? found : found.slice(0, FIRST);
  return (
    <>
      <ol class="hotspot-list">
        {shown.map((one) => (
          <Row key={one.cell} layer={layer} one={one} />
        ))}
      </ol>
      {shown.length < found.length && (
        <button type="button" class="link" onClick={() => (all.value = true)}>
          {w.allHotspots(found.length)}
        </button>
      )}
    </>
  );
}

function Row({ layer, one }: { layer: ResultLayer; one: Hotspot }) {
  const w = words.value;
  const text = (value: number, decimals = 0) => number(Number(value.toFixed(decimals)), language.value);
  const codes = catalogue.value?.code_lists["incident_class"];
  const total = one.n ?? 0;
  const classes = one.classes.map(([code, n]) =>
    total > 0
      ? `${codeTitle(code, codes, language.value)} ${shareText(n / total, language.value)}`
      : codeTitle(code, codes, language.value),
  );
  const go = () => {
    cell.value = { run: layer.run, cell: one.cell };
    controller.peek()?.flyTo(one.lon, one.lat, 14);
  };
  return (
    <li>
      <button type="button" data-hotspot={one.cell} onClick={go}>
        <Glyph category={one.category} colour={categoryColour(layer, one.category, theme.value)} />
        <span class="hotspot-title">
          {say(one.category_title)}
          {one.region_name && <span class="muted"> {one.region_name}</span>}
        </span>
        <span class="hotspot-count">
          {one.n === null ? w.fewerThanShown : text(one.n)}
          <small> / {w.expectedCount(text(one.expected, one.expected < 10 ? 1 : 0))}</small>
        </span>
        <span class="hotspot-why">
          {say(one.rule)} · {w.hotSince(one.since, one.cells)}
        </span>
        {classes.length > 0 && (
          <span class="hotspot-why">
            {classes.join(" · ")}
            {one.hours.length > 0 &&
              ` · ${w.atHours(one.hours.map(([hour]) => hour).join(language.value === "en" ? ", " : "、"))}`}
          </span>
        )}
        {one.trend_z !== undefined && (
          <span class="hotspot-why muted">
            {one.coarser ? w.alsoCoarser : w.notCoarser} · {w.trendOf(one.trend_z.toFixed(1))}
          </span>
        )}
      </button>
    </li>
  );
}
