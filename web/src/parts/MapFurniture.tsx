/** What stands on the map itself: approval line, scale, zoom buttons, notices. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { controller } from "../map/current";
import { MapController } from "../map/MapController";
import { onMapKey } from "../map/keyboard";
import { clock, toggleClock } from "../state/clock";
import { lookingAround, toggleAround } from "../state/around";
import { forgetHere, here, hereProblem, locate } from "../state/here";
import { grid } from "../state/sight";
import { asking, toggleSignal } from "../state/signal";
import {
  announcement,
  city,
  language,
  layersByName,
  online,
  panel,
  surface,
  tilesAge,
  tilesFailed,
  tilesPending,
  unit,
  view,
  viewing,
} from "../state/store";
import { ago, count, roundLength } from "../words/format";
import { lengthText } from "../words/lengths";
import { words } from "../words";
import { Icon } from "./icons";
import { MapDay } from "./MapDay";
import { ResultLegends } from "./ResultLegend";

/** Streets and what stands beside them are seen. */
const STREET_ZOOM = 16;

interface MapBoxProps {
  /** A legend of the page's own stands over the approval line. */
  readonly legend?: ComponentChildren;
  /** Told of the map of this very box: that of the page before may still stand when a page is made. */
  readonly onMap?: (made: MapController | null) => void;
}

/** The map and its furniture. */
export function MapBox({ legend, onMap }: MapBoxProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!box.current) return;
    const made = new MapController(box.current);
    controller.value = made;
    onMap?.(made);
    return () => {
      // The next page may have made its own already.
      if (controller.peek() === made) controller.value = null;
      onMap?.(null);
      made.destroy();
    };
  }, [unit.value]);
  const w = words.value;
  return (
    <main class="map-box">
      <div
        ref={box}
        id="map"
        class="map"
        tabIndex={0}
        role="application"
        aria-label={w.map}
        aria-describedby="map-help"
        onKeyDown={onMapKey}
      />
      <p id="map-help" class="hidden">
        {w.mapHelp}
      </p>
      <p class="hidden" role="status" aria-live="polite">
        {announcement.value}
      </p>
      {tilesPending.value > 0 && <div class="progress map-progress" aria-hidden="true" />}
      <div class="map-upper">
        {!viewing.value && <MapDay />}
        <Notice />
        <NotLocated />
      </div>
      <Buttons />
      <div class="map-lower">
        <div class="map-lower-left">
          {surface.value === "field" && <ResultLegends />}
          {legend}
          <ApprovalNote />
        </div>
        <div class="map-lower-right">
          {surface.value !== "field" && <ResultLegends />}
          <ScaleBar />
        </div>
      </div>
    </main>
  );
}

function Notice() {
  const w = words.value;
  if (!online.value)
    return (
      <p class="notice" role="status">
        {w.offlineNote}
      </p>
    );
  if (tilesAge.value === null && tilesFailed.value === 0) return null;
  return (
    <p class="notice" role="status">
      {tilesAge.value !== null && <span>{w.databaseAway(ago(tilesAge.value, w))}</span>}
      {tilesFailed.value > 0 && (
        <>
          {w.failedTiles(count(tilesFailed.value, language.value))}
          <button type="button" class="link" onClick={() => controller.value?.retry()}>
            {w.retry}
          </button>
        </>
      )}
    </p>
  );
}

/** Why the phone's place is not known; the sheets that ask for it say it themselves. */
function NotLocated() {
  const w = words.value;
  const told = panel.value === "hotspots" || (panel.value === "sight" && grid.value === null);
  if (surface.value !== "field" || told || !hereProblem.value) return null;
  return (
    <p class="notice" role="alert">
      {w.gridPicker[hereProblem.value]}
      <button type="button" class="link" onClick={forgetHere}>
        {w.close}
      </button>
    </p>
  );
}

function Buttons() {
  const w = words.value;
  return (
    <div class="map-buttons">
      {surface.value !== "field" && (
        <>
          <button
            type="button"
            class="plain"
            aria-label={w.zoomInButton}
            onClick={() => controller.value?.zoomBy(1)}
          >
            <Icon name="plus" />
          </button>
          <button
            type="button"
            class="plain"
            aria-label={w.zoomOutButton}
            onClick={() => controller.value?.zoomBy(-1)}
          >
            <Icon name="minus" />
          </button>
        </>
      )}
      <button
        type="button"
        class="plain"
        aria-label={w.home}
        title={w.home}
        onClick={() => controller.value?.home()}
      >
        <Icon name="home" />
      </button>
      {surface.value === "field" && (
        <button
          type="button"
          class="plain"
          aria-label={w.gridPicker.locate}
          title={w.gridPicker.locate}
          aria-pressed={here.value !== null}
          onClick={() => locate(STREET_ZOOM)}
        >
          <Icon name="locate" />
        </button>
      )}
      {layersByName.value.has("incidents") && !viewing.value && (
        <Tool icon="clock" words={w.time} inHand={clock.value !== null} toggle={toggleClock} />
      )}
      {surface.value === "desk" && !viewing.value && (
        <>
          <Tool icon="around" words={w.around} inHand={lookingAround.value} toggle={toggleAround} />
          <Tool icon="signal" words={w.signal} inHand={asking.value} toggle={toggleSignal} />
        </>
      )}
    </div>
  );
}

interface ToolProps {
  readonly icon: "clock" | "around" | "signal";
  readonly words: { readonly tool: string; readonly toolNote: string };
  readonly inHand: boolean;
  readonly toggle: () => void;
}

/** A tool that is taken in hand and laid down. */
function Tool({ icon, words: { tool, toolNote }, inHand, toggle }: ToolProps) {
  return (
    <button
      type="button"
      class="plain"
      aria-label={tool}
      aria-pressed={inHand}
      title={toolNote}
      onClick={toggle}
    >
      <Icon name={icon} />
    </button>
  );
}

/** 审图号, or that there is none; where the map comes from and what its outlines are worth. */
export function ApprovalNote() {
  const w = words.value;
  const about = city.value;
  return (
    <p class="approval">
      <span>{about?.approval_number ? w.approval(about.approval_number) : w.noApproval}</span>
      {about?.sample && <span title={w.sampleNote}>{w.sample}</span>}
      {about?.sample && <span>{w.outlines}</span>}
      {about?.credits?.map((line) => (
        <span key={line}>{line}</span>
      ))}
      {about?.producer && surface.value !== "field" && <span>{about.producer}</span>}
      <span>{about?.crs ?? "CGCS2000"}</span>
    </p>
  );
}

export function ScaleBar() {
  const w = words.value;
  const at = view.value;
  if (!at) return null;
  const perPixel = (40_075_016.686 * Math.cos((at.lat * Math.PI) / 180)) / (256 * 2 ** at.zoom);
  const metres = roundLength(perPixel * 120);
  const text = lengthText(metres, language.value);
  return (
    <div
      class="scale"
      aria-label={`${w.scale} ${text}`}
      style={{ width: `${(metres / perPixel) * unit.value}px` }}
    >
      {text}
    </div>
  );
}
