/** Where features and cells are drawn, in CSS pixels of the map; for the end-to-end tests. */
import type L from "leaflet";

import { middleOf } from "./results";
import { EXTENT, type Properties, toLonLat } from "./tiles";
import type { VectorTileLayer } from "./VectorTileLayer";

export interface DrawnCell {
  readonly cell: string;
  readonly x: number;
  readonly y: number;
  readonly values: Properties;
}

/** Screen positions of drawn features of a layer, in CSS pixels of the map; for the end-to-end tests. */
export function positionsOf(
  map: L.Map,
  vector: VectorTileLayer,
  layer: string,
): { id: number; x: number; y: number }[] {
  const found: { id: number; x: number; y: number }[] = [];
  const size = map.getSize();
  for (const { parts } of vector.current()) {
    for (const { layer: own, features, placement } of parts) {
      if (own.name !== layer) continue;
      for (let index = 0; index < features.count; index++) {
        const vertex = features.vertices[features.rings[index] ?? 0] ?? 0;
        const [x, y] = [features.coordinates[vertex * 2] ?? 0, features.coordinates[vertex * 2 + 1] ?? 0];
        if (x < 0 || y < 0 || x > EXTENT || y > EXTENT) continue;
        const { lng, lat } = toLonLat(placement.key, x, y);
        const point = map.latLngToContainerPoint([lat, lng]);
        if (point.x < 0 || point.y < 0 || point.x > size.x || point.y > size.y) continue;
        found.push({ id: features.ids[index] ?? 0, x: point.x, y: point.y });
      }
    }
  }
  return found;
}

/** Cells of a run that are drawn in the view, once each, with a place inside each; for the end-to-end tests. */
export function cellsOf(map: L.Map, vector: VectorTileLayer, run: number): DrawnCell[] {
  const found = new Map<string, DrawnCell>();
  const size = map.getSize();
  for (const { results: parts } of vector.current()) {
    for (const { layer, features, placement } of parts) {
      if (layer.run !== run) continue;
      for (let index = 0; index < features.count; index++) {
        const { x, y } = middleOf(features, index);
        const { lng, lat } = toLonLat(placement.key, x, y);
        const point = map.latLngToContainerPoint([lat, lng]);
        if (x < 0 || y < 0 || x > EXTENT || y > EXTENT) continue;
        if (point.x < 0 || point.y < 0 || point.x > size.x || point.y > size.y) continue;
        const { cell, ...values } = features.properties[index] ?? {};
        found.set(String(cell), { cell: String(cell), x: point.x, y: point.y, values });
      }
    }
  }
  return [...found.values()];
}
