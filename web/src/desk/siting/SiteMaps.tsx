/** The maps of the siting page: one, or two that move together, the present at the left and what differs at the right. */
import { effect, signal, useSignal } from "@preact/signals";
import type L from "leaflet";
import { useEffect, useRef } from "preact/hooks";

import type { Layer } from "../../data/types";
import { controller } from "../../map/current";
import { GAIN, GAP, LOSS } from "../../map/siteScene";
import { SiteLayer } from "../../map/SiteLayer";
import { TwinMap } from "../../map/TwinMap";
import { LegendSymbol } from "../../parts/LegendSymbol";
import { MapBox } from "../../parts/MapFurniture";
import { shownSide } from "../../state/comparing";
import { dragTo, drop, heldSite, hold } from "../../state/siteMoves";
import { plannedSites } from "../../state/siting";
import { boxOfPlan, planRun, sitingRef, standingLayers } from "../../state/sitingPage";
import { language, layersByName, theme, unit, viewChosen } from "../../state/store";
import { count } from "../../words/format";
import { say, words } from "../../words";
import { kindOf } from "./planned";
import { comparingMaps, drawingOf, type Half, sceneUnit } from "./scene";

/** Signs of one layer in the legend. */
const MOST_SIGNS = 2;
/** Two maps need so much room. */
const WIDE = 1200;
const wide = signal(innerWidth >= WIDE);
window.addEventListener("resize", () => (wide.value = innerWidth >= WIDE));

/** The reader wants two maps, where there is room for them. */
const both = signal(true);

export function SiteMaps() {
  const w = words.value.siteDesk;
  const two = both.value && wide.value;
  const main = useSignal<L.Map | null>(null);
  useFitted();
  return (
    <div class={two ? "map-pair two" : "map-pair"}>
      <div class="map-half">
        <MapBox legend={<SiteLegend />} onMap={(made) => (main.value = made?.map ?? null)} />
        <Scene key={`${two}`} half={two ? "state" : "difference"} alone={!two} map={main.value} />
        <p class="map-caption">
          {two ? <b>{w.stateMap}</b> : <Difference />}
          {wide.value && (
            <label class="step-check">
              <input type="checkbox" checked={both.value} onChange={() => (both.value = !both.value)} />
              {w.sideBySide}
            </label>
          )}
        </p>
      </div>
      {two && main.value && <Twin key={unit.value} main={main.value} />}
    </div>
  );
}

/** A plan that comes to the page is brought into view once. */
function useFitted(): void {
  useEffect(() => {
    let fitted: number | null = null;
    return effect(() => {
      const run = plannedSites.value?.run ?? null;
      if (run === null || run === fitted || sitingRef.value?.scenario != null || !controller.value) return;
      const first = fitted === null;
      fitted = run;
      const box = boxOfPlan();
      if (box && first && !viewChosen.peek()) controller.value.fitBeside(box);
    });
  }, []);
}

function Difference() {
  const w = words.value.siteDesk;
  const sites = plannedSites.value?.sites.length ?? 0;
  const scenario = sitingRef.value?.scenario ?? (comparingMaps.value ? shownSide.value : null);
  return (
    <>
      <b>{scenario ?? w.planMap(count(sites, language.value))}</b>{" "}
      <span class="muted">{w.onlyDifference}</span>
    </>
  );
}

function Twin({ main }: { main: L.Map }) {
  const box = useRef<HTMLDivElement>(null);
  const map = useRef(signal<L.Map | null>(null)).current;
  useEffect(() => {
    if (!box.current) return;
    const made = new TwinMap(box.current, main);
    map.value = made.map;
    return () => {
      map.value = null;
      made.destroy();
    };
  }, [main]);
  return (
    <div class="map-half">
      <div ref={box} class="map twin" aria-hidden="true" />
      <Scene half="difference" alone={false} map={map.value} />
      <p class="map-caption">
        <Difference />
      </p>
    </div>
  );
}

/** Draws what the state says on a map; pins that are dragged tell the state. */
function Scene({ half, alone, map }: { half: Half; alone: boolean; map: L.Map | null }) {
  useEffect(() => {
    if (!map) return;
    const layer = new SiteLayer(map, unit.peek(), {
      hold: (rank) => heldSite.peek() !== rank && hold(rank),
      drag: dragTo,
      drop,
    });
    const end = effect(() => layer.show(drawingOf(half, alone)));
    return () => {
      end();
      layer.remove();
    };
  }, [map, half, alone]);
  return null;
}

/** Classes of a layer that stand on the map of the page: the first ones, each with its sign. */
function shownClasses({ style }: Layer): { readonly place: number; readonly title: string }[] {
  const classes = (style?.classes ?? []).slice(0, MOST_SIGNS);
  if (classes.length === 0) return [{ place: -1, title: "" }];
  return classes.map(({ title }, place) => ({ place, title: say(title) }));
}

function SiteLegend() {
  const w = words.value.siteDesk.legend;
  const colours = theme.value;
  const standing = standingLayers.value.flatMap((name) => layersByName.value.get(name) ?? []);
  const kind = kindOf(
    sceneUnit.value === "people" ? "people" : "%",
    comparingMaps.value ? null : planRun.value?.parameters["device"],
  );
  return (
    <ul class="site-legend" aria-label={words.value.legend}>
      <li>
        <span class="site-ramp" aria-hidden="true">
          {GAP[colours].map((colour) => (
            <i key={colour} style={{ background: colour }} />
          ))}
        </span>
        {w.gap[kind]}
      </li>
      <li>
        <i class="site-swatch" style={{ background: GAIN }} aria-hidden="true" />
        {w.gain}
      </li>
      {comparingMaps.value && (
        <li>
          <i class="site-swatch" style={{ background: LOSS[colours] }} aria-hidden="true" />
          {w.loss}
        </li>
      )}
      <li>
        <b class="site-number" aria-hidden="true">
          1
        </b>
        {w.pin}
      </li>
      <li>
        <i class="site-ring" aria-hidden="true" />
        {w.candidate}
      </li>
      {standing.map((layer) => (
        <li key={layer.name}>
          {shownClasses(layer).map(({ place }) => (
            <LegendSymbol key={place} layer={layer} classIndex={place} />
          ))}
          {w.standing(
            w.standingOf[layer.name as keyof typeof w.standingOf] ?? say(layer.title),
            shownClasses(layer).map(({ title }) => title),
          )}
        </li>
      ))}
    </ul>
  );
}
