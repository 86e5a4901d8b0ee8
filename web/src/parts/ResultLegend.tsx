/** The legend of a result on the map: what it shows, in which classes, of how many features, how old. */
import { signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

import type { Level, ResultLayer } from "../data/results";
import { OPACITY } from "../map/paintResult";
import { classRanges, colours, isOutOfDate, levelAt, liesOver } from "../map/results";
import { mapDay } from "../state/asOf";
import { hiddenClasses, toggleClass } from "../state/findings";
import { otherPicture } from "../state/pictures";
import {
  forgetResult,
  hideResult,
  missingResults,
  published,
  refOf,
  drawnResults,
  showResult,
  table,
} from "../state/results";
import { language, panel, selection, surface, theme, view, viewing } from "../state/store";
import { cell } from "../state/results";
import { writeReference } from "../state/url";
import { count, number } from "../words/format";
import { bound, shareText, unitText } from "../words/results";
import { say, words } from "../words";
import { Glyph } from "./Glyph";
import { Icon } from "./icons";
import { MethodNote } from "./MethodNote";
import { Pictures } from "./PictureSwitch";
import { parametersBeside, regionText, resultTitle, timeText } from "./naming";

/** Results whose list has the switch between pictures. */
const LISTED_WITH_SWITCH = new Set(["incident_hotspots"]);

/** Runs whose note is open: it stays open while the legend follows the zoom. */
const openNote = signal<number | null>(null);

export function ResultLegends() {
  const shown = [...drawnResults.value].reverse();
  // On the phone the sheet takes the lower half: the legend comes back when it is closed.
  const covered =
    surface.value === "field" &&
    (panel.value !== "none" || selection.value !== null || cell.value !== null || table.value !== null);
  const missing = missingResults.value;
  // Results are not drawn on the map of an earlier day.
  if (shown.length + missing.length === 0 || covered || mapDay.value !== null) return null;
  return (
    <div class="legends" role="region" aria-label={words.value.legend}>
      {shown.map((layer) => (
        <ResultLegend key={layer.name} layer={layer} />
      ))}
      {missing.map((reference) => (
        <section class="legend" key={writeReference(reference)} data-missing={writeReference(reference)}>
          <header>
            <p class="legend-facts" role="status">
              {words.value.resultMissing(writeReference(reference))}
            </p>
            <button
              type="button"
              class="plain"
              aria-label={words.value.hideResult}
              onClick={() => forgetResult(reference)}
            >
              <Icon name="close" />
            </button>
          </header>
        </section>
      ))}
    </div>
  );
}

function ResultLegend({ layer }: { layer: ResultLayer }) {
  const w = words.value;
  const small = surface.value === "field" || viewing.value;
  const open = useSignal(!small);
  const level = levelAt(layer, Math.round(view.value?.zoom ?? 12));
  const shown = layer.columns.find((column) => column.name === layer.style.by);
  const over = liesOver(layer, drawnResults.value);
  const unit = over ? "" : unitText(shown?.unit ?? null, language.value);
  const picture = otherPicture(layer);
  return (
    <section class="legend" data-result={layer.name} data-run={layer.run}>
      <header>
        <h3>
          {resultTitle(layer)}
          {picture && ` · ${say(picture.title)}`} {unit && <span class="legend-unit">{unit}</span>}
        </h3>
        <button
          type="button"
          class="plain"
          aria-expanded={open.value}
          aria-label={`${w.legend}：${open.value ? w.hideClasses : w.showClasses}`}
          onClick={() => (open.value = !open.value)}
        >
          <Icon name="chevron" />
        </button>
        <button type="button" class="plain" aria-label={w.hideResult} onClick={() => hideResult(layer)}>
          <Icon name="close" />
        </button>
      </header>
      {open.value && <Others layer={layer} />}
      {open.value && !LISTED_WITH_SWITCH.has(layer.name) && <Pictures layer={layer} />}
      {level &&
        (over ? (
          <ul class="legend-classes">
            <li>
              <Hexagon fill="none" stroke="var(--text)" hatched />
              <span>{resultTitle(layer)}</span>
              <span class="legend-share">
                {manyOf(layer)(count(level.cells - level.empty, language.value))}
              </span>
            </li>
          </ul>
        ) : open.value ? (
          <Classes layer={layer} level={level} unit={unit} />
        ) : (
          <Ramp layer={layer} level={level} />
        ))}
      {open.value && <Facts layer={layer} level={level} />}
    </section>
  );
}

/** Published results of the same kind, one of which is on the map. */
function Others({ layer }: { layer: ResultLayer }) {
  const alike = published.value.filter((one) => one.name === layer.name);
  const own = alike.some((one) => one.run === layer.run) ? [] : [layer];
  if (alike.length + own.length < 2) return null;
  const name = (one: ResultLayer) => {
    const place = [one.about && say(one.about), regionText(one.region)].filter(Boolean).join(" · ");
    return own.includes(one) ? words.value.runAt(one.run, place) : place;
  };
  return (
    <select
      class="legend-choice"
      aria-label={words.value.otherResults(say(layer.title))}
      value={String(layer.run)}
      onChange={(event) => {
        const chosen = alike.find((one) => String(one.run) === event.currentTarget.value);
        if (chosen) showResult(refOf(chosen));
      }}
    >
      {[...own, ...alike].map((one) => (
        <option key={one.run} value={String(one.run)}>
          {name(one)}
        </option>
      ))}
    </select>
  );
}

/** A cell as the map draws it: with the same strength over the same ground. */
function Hexagon({ fill, stroke, hatched = false }: { fill: string; stroke: string; hatched?: boolean }) {
  return (
    <svg class="hexagon" viewBox="0 0 22 20" aria-hidden="true">
      <path
        d="M6 1.5h10L21 10l-5 8.5H6L1 10z"
        fill={fill}
        fill-opacity={OPACITY[theme.value]}
        stroke={stroke}
        stroke-width="1.2"
      />
      {hatched && (
        <path
          d="M3.5 14.500L12 2M8 17.500L17.500 4M13.500 18L19.500 9.500"
          stroke={stroke}
          stroke-width="1.2"
        />
      )}
    </svg>
  );
}

/** How many there are, as what they are: cells of the grid, or places of their own. */
const manyOf = (layer: ResultLayer) =>
  layer.result === "features" ? words.value.zeroPlaces : words.value.zeroCells;

function Classes({ layer, level, unit }: { layer: ResultLayer; level: Level; unit: string }) {
  const w = words.value;
  const many = manyOf(layer);
  const ramp = colours(layer, level, theme.value);
  const ranges = classRanges(level);
  const named = layer.style.classes;
  const zero = layer.style.zero_title;
  return (
    <ul class="legend-classes">
      {named
        ?.map((title, index) => (
          <li key={index} data-class={index}>
            <ClassSwitch layer={layer} place={index}>
              <Glyph category={layer.style.class_names?.[index] ?? ""} colour={ramp[index] ?? "none"} />
              <span>{say(title)}</span>
              <span class="legend-share">{many(count(level.in_class?.[index] ?? 0, language.value))}</span>
            </ClassSwitch>
          </li>
        ))
        .reverse()}
      {!named &&
        level.cells > level.empty + level.no_data &&
        ranges
          .map(([low, high], index) => (
            <li key={index}>
              <Hexagon fill={ramp[index] ?? "none"} stroke="none" />
              <span>
                {(low === 0 ? w.aboveZeroTo : w.upTo)(
                  bound(low, language.value),
                  bound(high, language.value),
                )}
              </span>
            </li>
          ))
          .reverse()}
      {level.empty > 0 && (
        <li>
          <Hexagon fill="none" stroke={zero ? "var(--border)" : (ramp[0] ?? "currentColor")} />
          <span>{zero ? say(zero) : w.zero(unit ? ` ${unit}` : "")}</span>
          <span class="legend-share">{many(count(level.empty, language.value))}</span>
        </li>
      )}
      {level.no_data > 0 && (
        <li title={w.noDataNote}>
          <Hexagon fill="none" stroke="var(--border)" hatched />
          <span>{w.noData}</span>
          <span class="legend-share">
            {shareText(level.no_data / level.cells, language.value)} ·{" "}
            {many(count(level.no_data, language.value))}
          </span>
        </li>
      )}
    </ul>
  );
}

/** A class that has a name of its own is legend, switch and count at once. */
function ClassSwitch({
  layer,
  place,
  children,
}: {
  layer: ResultLayer;
  place: number;
  children: ComponentChildren;
}) {
  if (!layer.style.class_names) return <>{children}</>;
  const title = layer.style.classes?.[place];
  return (
    <button
      type="button"
      class="legend-switch"
      aria-pressed={!hiddenClasses.value.get(layer.run)?.has(place)}
      title={title && words.value.hotspots.showClass(say(title))}
      onClick={() => toggleClass(layer.run, place)}
    >
      {children}
    </button>
  );
}

/** The classes in one line; their ends by name where they have names, else the least and the most with their column. */
function Ramp({ layer, level }: { layer: ResultLayer; level: Level }) {
  const named = layer.style.classes;
  const shown = layer.columns.find((column) => column.name === layer.style.by);
  const least = named?.[0] ? say(named[0]) : bound(Math.min(0, level.least ?? 0), language.value);
  const last = named?.at(-1);
  const most = last ? say(last) : level.most === null ? "" : bound(level.most, language.value);
  return (
    <div class="legend-ramp">
      <div class="ramp-bar" aria-hidden="true">
        {colours(layer, level, theme.value).map((colour) => (
          <i key={colour} style={{ background: colour, opacity: OPACITY[theme.value] }} />
        ))}
      </div>
      <div class="ramp-ends">
        <span>{least}</span>
        {!named && shown && <span>{say(shown.title)}</span>}
        <span>{most}</span>
      </div>
    </div>
  );
}

/** Says that cells follow each change. */
export function LiveBadge() {
  return (
    <span class="badge live" title={words.value.liveNote}>
      {words.value.live}
    </span>
  );
}

function Facts({ layer, level }: { layer: ResultLayer; level: Level | undefined }) {
  const w = words.value;
  const noted = openNote.value === layer.run;
  const q = layer.style.classes ? layer.parameters["q"] : undefined;
  const facts = [
    regionText(layer.region),
    ...parametersBeside(layer).map(({ title, text }) => `${title} ${text}`),
    level && level.resolution !== null && w.level(level.resolution),
  ].filter(Boolean);
  return (
    <>
      {typeof q === "number" && <p class="legend-facts">{w.falseDiscovery(shareText(q, language.value))}</p>}
      <p class="legend-facts">{facts.join(" · ")}</p>
      <p class="legend-facts">
        {layer.features !== null && (
          <span>
            {w.counted(number(layer.features, language.value), layer.counted ? say(layer.counted) : "")}
          </span>
        )}
        {layer.features === null && layer.result === "features" && level && (
          <span>{w.zeroPlaces(count(level.cells, language.value))}</span>
        )}
        {level && level.no_data === 0 && <span>{w.noDataShare("0%", manyOf(layer)("0"))}</span>}
      </p>
      <p class="legend-facts">
        {layer.live && (
          <span data-live={layer.live.run}>
            <LiveBadge /> {w.liveAsOf(timeText(layer.live.as_of))}
          </span>
        )}
        <span>{w.runAt(layer.run, timeText(layer.finished_at))}</span>
        {isOutOfDate(layer) && (
          <span class="badge stale" title={w.outOfDateNote}>
            {w.outOfDate}
          </span>
        )}
      </p>
      <p class="legend-actions">
        <button
          type="button"
          class="link"
          aria-expanded={noted}
          onClick={() => (openNote.value = noted ? null : layer.run)}
        >
          {w.method}
        </button>
        <button type="button" class="link" onClick={() => (table.value = layer.run)}>
          {w.openTable}
        </button>
      </p>
      {noted && (
        <div role="region" aria-label={w.methodTitle}>
          <p class="legend-facts">{say(layer.description)}</p>
          <MethodNote note={layer.note} />
        </div>
      )}
    </>
  );
}
