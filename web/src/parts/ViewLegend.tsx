/** What stands on the map of a view: its layers that have something in sight, or incidents while time is played. */
import type { Layer, StyleClass } from "../data/types";
import { controller } from "../map/current";
import { isGround } from "../map/styles";
import { playsIncidents } from "../state/playback";
import { standingOf } from "../state/asOf";
import { counts, layersByName, thinned, view as mapView, visible } from "../state/store";
import { told } from "../state/views";
import { say, words } from "../words";
import { LegendSymbol } from "./LegendSymbol";
import { Worth } from "./MapDay";
import { CountLegend } from "./TimePanel";

/** More classes than can be told beside a title. */
const MOST_CLASSES: Readonly<Partial<Record<Layer["geometry"], number>>> = { polygon: 4, line: 9 };

/** Classes whose colours a reader needs: those of areas and lines, which have no other sign. */
const classesOf = (layer: Layer): readonly StyleClass[] => {
  const classes = layer.style?.classes ?? [];
  return classes.length <= (MOST_CLASSES[layer.geometry] ?? 0) ? classes : [];
};

export function ViewLegend() {
  const view = told.value?.view;
  if (!view) return null;
  if (playsIncidents.value)
    return (
      <section class="view-legend" aria-label={words.value.legend}>
        <h3>{words.value.time.legend}</h3>
        <CountLegend />
      </section>
    );
  const shown = view.layers
    .filter((name) => visible.value.has(name) && (counts.value.has(name) || thinned.value.has(name)))
    .flatMap((name) => layersByName.value.get(name) ?? [])
    .filter((layer) => !isGround(layer));
  // What the view is about but is drawn from nearer on is named too: the map would seem to be without it.
  const zoom = mapView.value?.zoom ?? 0;
  const nearer = view.layers
    .flatMap((name) => layersByName.value.get(name) ?? [])
    .filter((layer) => visible.value.has(layer.name) && !isGround(layer) && !shown.includes(layer))
    .filter((layer) => zoom < (layer.zoom?.min ?? 0) - 0.5);
  if (shown.length + nearer.length === 0) return null;
  return (
    <section class="view-legend" aria-label={words.value.legend}>
      <ul>
        {shown.map((layer) => (
          <li key={layer.name}>
            {classesOf(layer).length === 0 && <LegendSymbol layer={layer} classIndex={-1} />}
            {say(layer.title)}
            {thinned.value.has(layer.name) && !counts.value.has(layer.name) && (
              <small title={words.value.partlyNote}>{words.value.partly}</small>
            )}
            <Worth standing={standingOf(layer.name)} />
            {classesOf(layer).map((one, index) => (
              <span class="view-class" key={one.values.join()}>
                <LegendSymbol layer={layer} classIndex={index} />
                {say(one.title)}
              </span>
            ))}
          </li>
        ))}
        {nearer.map((layer) => (
          <li key={layer.name} data-nearer={layer.name}>
            <LegendSymbol layer={layer} classIndex={-1} />
            {say(layer.title)}
            <button
              type="button"
              class="link"
              onClick={() => controller.value?.map.setZoom(layer.zoom?.min ?? 0)}
            >
              {words.value.zoomIn}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
