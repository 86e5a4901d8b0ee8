/** Vector tile bytes to flat arrays. Runs in the worker. */
import { VectorTile } from "@mapbox/vector-tile";
import { PbfReader } from "pbf";

import { EXTENT, type Properties, type TileFeatures } from "./tiles";

/** Decode every layer of a tile. Layers of any extent come out in units of `EXTENT`. */
export function decodeTile(bytes: ArrayBuffer): Map<string, TileFeatures> {
  const decoded = new Map<string, TileFeatures>();
  if (bytes.byteLength === 0) return decoded;
  const tile = new VectorTile(new PbfReader(new Uint8Array(bytes)));
  for (const [name, layer] of Object.entries(tile.layers)) {
    const scale = EXTENT / layer.extent;
    const ids = new Float64Array(layer.length);
    const kinds = new Uint8Array(layer.length);
    const rings = new Uint32Array(layer.length + 1);
    const vertices: number[] = [];
    const coordinates: number[] = [];
    const properties: Properties[] = [];
    for (let index = 0; index < layer.length; index++) {
      const feature = layer.feature(index);
      ids[index] = feature.id ?? 0;
      kinds[index] = feature.type;
      rings[index] = vertices.length;
      properties.push(feature.properties);
      for (const ring of feature.loadGeometry()) {
        vertices.push(coordinates.length / 2);
        for (const point of ring) coordinates.push(point.x * scale, point.y * scale);
      }
    }
    rings[layer.length] = vertices.length;
    vertices.push(coordinates.length / 2);
    decoded.set(name, {
      count: layer.length,
      ids,
      kinds,
      rings,
      vertices: Uint32Array.from(vertices),
      coordinates: Int16Array.from(coordinates),
      properties,
    });
  }
  return decoded;
}
