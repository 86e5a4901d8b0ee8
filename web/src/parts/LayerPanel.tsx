/** The legend, which is the layer switch: symbols as drawn, in groups, top layer first. */
import { useSignal } from "@preact/signals";

import type { Layer, Raster } from "../data/types";
import { controller } from "../map/current";
import { standingOf } from "../state/asOf";
import { chosenResults } from "../state/results";
import {
  catalogue,
  chosenRasters,
  chosenVisible,
  counts,
  drawnLayers,
  language,
  thinned,
  tilesPending,
  toggleLayer,
  toggleRaster,
  view,
  visible,
} from "../state/store";
import { count } from "../words/format";
import { say, words } from "../words";
import { Icon } from "./icons";
import { LayerSwitch } from "./LayerSwitch";
import { LegendSymbol } from "./LegendSymbol";
import { DayChoice, Worth } from "./MapDay";
import { ResultGroup } from "./ResultGroup";

interface Group {
  readonly code: string;
  readonly title: string;
  readonly layers: readonly Layer[];
}

/** Groups in the order of the code list; within one, the layer that lies on top first. */
export function groups(): Group[] {
  const lists = catalogue.value?.code_lists ?? {};
  const list = lists["layer_groups"] ?? lists["layer_group"];
  const known = list?.codes ?? [];
  const codes = [
    ...new Set([...known.map((one) => one.code), ...drawnLayers.value.map((one) => one.style?.group ?? "")]),
  ];
  // The base map is what everything lies on: it comes last.
  const rank = (code: string) => (code === "base_map" || code === "base" ? 1 : 0);
  return codes
    .sort((a, b) => rank(a) - rank(b))
    .map((code) => {
      const title = known.find((one) => one.code === code)?.title;
      return {
        code,
        title: title ? say(title) : code || words.value.otherGroup,
        layers: drawnLayers.value.filter((one) => one.style?.group === code).reverse(),
      };
    })
    .filter((group) => group.layers.length > 0);
}

export function LayerPanel() {
  const w = words.value;
  return (
    <div class="panel" role="region" aria-label={w.layers}>
      <div class="panel-scroll">
        <DayChoice />
        <ResultGroup />
        {groups().map((group, index, all) => (
          <section class="group" key={group.code}>
            <h3>{group.title}</h3>
            <ul>
              {group.layers.map((layer) => (
                <LayerRow key={layer.name} layer={layer} />
              ))}
              {index === all.length - 1 &&
                (catalogue.value?.rasters ?? []).map((raster) => (
                  <RasterRow key={raster.name} raster={raster} />
                ))}
            </ul>
          </section>
        ))}
        <p class="palette-note muted">{w.hollowNote}</p>
      </div>
      <div class="panel-foot">
        <button
          type="button"
          onClick={() => {
            chosenVisible.value = new Set();
            chosenResults.value = [];
            chosenRasters.value = [];
          }}
        >
          {w.allOff}
        </button>
        <button
          type="button"
          disabled={chosenVisible.value === null && chosenRasters.value.length === 0}
          onClick={() => {
            chosenVisible.value = null;
            chosenRasters.value = [];
          }}
        >
          {w.reset}
        </button>
      </div>
    </div>
  );
}

/** How many features of a layer, or of one of its classes, are in view: nothing rather than a wrong number. */
function Count({ layer, index }: { layer: string; index?: number }) {
  const w = words.value;
  const number = counts.value.get(index === undefined ? layer : `${layer}/${index}`);
  const thin = thinned.value.has(layer);
  if (tilesPending.value > 0) return <span class="layer-count">…</span>;
  if (number === undefined && thin)
    return (
      <span class="layer-count" title={w.partlyNote}>
        {index === undefined ? w.partly : ""}
      </span>
    );
  const text = count(number ?? 0, language.value);
  return <span class="layer-count">{thin ? w.about(text) : text}</span>;
}

function RasterRow({ raster }: { raster: Raster }) {
  const on = chosenRasters.value.includes(raster.name);
  return (
    <li>
      <div class="layer">
        <LayerSwitch
          on={on}
          toggle={() => toggleRaster(raster.name)}
          title={raster.source}
          data={{ "data-raster": raster.name }}
        >
          <Icon name="relief" />
          <span class="layer-name">{say(raster.title)}</span>
        </LayerSwitch>
        <span class="layer-more none" />
      </div>
    </li>
  );
}

function LayerRow({ layer }: { layer: Layer }) {
  const open = useSignal(false);
  const w = words.value;
  const on = visible.value.has(layer.name);
  const classes = layer.style?.classes ?? [];
  const below = (view.value?.zoom ?? 0) < (layer.zoom?.min ?? 0) - 0.5;
  const zoomThere = () => controller.value?.map.setZoom(layer.zoom?.min ?? 0);
  return (
    <li>
      <div class="layer">
        <LayerSwitch
          on={on}
          toggle={() => toggleLayer(layer.name)}
          title={say(layer.description)}
          data={{ "data-layer": layer.name }}
        >
          <LegendSymbol
            layer={layer}
            classIndex={layer.style?.symbol.colour || classes.length === 0 ? -1 : 0}
          />
          <span class="layer-name">
            {say(layer.title)}
            {on && <Worth standing={standingOf(layer.name)} />}
          </span>
          {on && !below && <Count layer={layer.name} />}
        </LayerSwitch>
        {on && below ? (
          <button type="button" class="layer-more" title={w.zoomTo} onClick={zoomThere}>
            {w.zoomIn}
          </button>
        ) : classes.length > 0 ? (
          <button
            type="button"
            class="layer-more"
            aria-expanded={open.value}
            aria-label={`${say(layer.title)}：${open.value ? w.hideClasses : w.showClasses}`}
            onClick={() => (open.value = !open.value)}
          >
            {w.classes(classes.length)}
            <Icon name="chevron" />
          </button>
        ) : (
          <span class="layer-more none" />
        )}
      </div>
      {open.value && classes.length > 0 && (
        <ul class="classes">
          {classes.map((one, index) => (
            <li key={one.values.join()}>
              <LegendSymbol layer={layer} classIndex={index} />
              <span>{say(one.title)}</span>
              {on && !below && <Count layer={layer.name} index={index} />}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
