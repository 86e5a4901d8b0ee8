/** What is drawn and told of surroundings on the map: the outline in the making, and the rings of the answer. */
import { effect } from "@preact/signals";
import L from "leaflet";

import { around, aroundKind, corners, drawing, drawn, lookingAround, widthM } from "../state/around";
import { pointer, theme } from "../state/store";
import type { Corner } from "./outline";
import { PALETTES } from "./palette";

const places = (several: readonly Corner[]): L.LatLngTuple[] => several.map(({ lat, lng }) => [lat, lng]);

/** Keep outline and rings on the map; returns what ends it. */
export function followOutline(map: L.Map, unit: number): () => void {
  const pane = map.createPane("outline");
  pane.style.zIndex = "460";
  pane.style.pointerEvents = "none";
  const renderer = L.svg({ pane: "outline", padding: 0.5 });
  const group = L.layerGroup().addTo(map);
  // Where the keyboard sets a corner.
  const cross = L.DomUtil.create("div", "draw-cross", map.getContainer());
  const line = (at: L.LatLngExpression[], style: L.PolylineOptions) =>
    group.addLayer(L.polyline(at, { renderer, interactive: false, pane: "outline", ...style }));

  const draw = () => {
    group.clearLayers();
    const { accent } = PALETTES[theme.value];
    const weight = 2.5 * unit;
    for (const { geometry } of around.value?.area.rings ?? [])
      group.addLayer(
        L.geoJSON(geometry, {
          pane: "outline",
          renderer,
          interactive: false,
          style: {
            color: accent,
            weight: 1.5 * unit,
            fillOpacity: 0.04,
            dashArray: `${6 * unit} ${5 * unit}`,
          },
        } as L.GeoJSONOptions),
      );
    if (!drawing.value || corners.value.length === 0) return;
    const closed = aroundKind.value === "polygon" && drawn.value;
    const at = places(corners.value);
    line(closed ? [...at, at[0]!] : at, { color: accent, weight });
    if (aroundKind.value === "line")
      line(at, { color: accent, weight: bandPixels(map, corners.value[0]!), opacity: 0.18, lineCap: "butt" });
    const ahead = drawn.value ? null : pointer.value;
    if (ahead) {
      const loose: L.LatLngTuple[] = [at.at(-1)!, [ahead.lat, ahead.lng]];
      if (aroundKind.value === "polygon" && at.length > 1) loose.push(at[0]!);
      line(loose, { color: accent, weight: 1.5 * unit, dashArray: `${4 * unit} ${4 * unit}` });
    }
    at.forEach((place, index) =>
      group.addLayer(
        L.circleMarker(place, {
          renderer,
          pane: "outline",
          interactive: false,
          radius: (index === 0 && !drawn.value ? 6 : 4) * unit,
          color: accent,
          weight: 2 * unit,
          fillColor: PALETTES[theme.value].surface,
          fillOpacity: 1,
        }),
      ),
    );
  };
  const ends = [
    effect(draw),
    effect(() => {
      map.getContainer().classList.toggle("around-in-hand", lookingAround.value);
      // A double click ends an outline; it must not zoom too.
      if (drawing.value) map.doubleClickZoom.disable();
      else map.doubleClickZoom.enable();
    }),
  ];
  map.on("zoomend", draw);
  return () => {
    ends.forEach((end) => end());
    map.off("zoomend", draw);
    cross.remove();
  };
}

/** Width of the band of a line in pixels at the present zoom. */
function bandPixels(map: L.Map, at: Corner): number {
  const here = map.project([at.lat, at.lng]);
  const east = map.unproject(here.add([100, 0]));
  return (100 * widthM.value) / Math.max(1e-9, map.distance([at.lat, at.lng], east));
}
