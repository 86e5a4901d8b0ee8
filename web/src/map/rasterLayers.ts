/** Pictures of heights between the ground and the names, on the map's own tiles. */
import L from "leaflet";

import type { Raster } from "../data/types";
import { TILE_SIZE } from "./tiles";

const PANE = "rasters";
/** Relief is not known finer than this: closer tiles are enlarged. */
const FINEST = 15;

export class RasterLayers {
  private readonly shown = new Map<string, L.TileLayer>();

  constructor(
    private readonly map: L.Map,
    private readonly unit: number,
  ) {
    const pane = map.createPane(PANE);
    pane.style.zIndex = "300";
    pane.style.pointerEvents = "none";
  }

  show(rasters: readonly Raster[], dark: boolean): void {
    const wanted = new Set(rasters.map((raster) => raster.name));
    for (const [name, layer] of this.shown) {
      if (wanted.has(name)) continue;
      layer.remove();
      this.shown.delete(name);
    }
    for (const raster of rasters) {
      if (this.shown.has(raster.name)) continue;
      const [west, south, east, north] = raster.bbox;
      const layer = L.tileLayer(raster.tiles, {
        pane: PANE,
        tileSize: TILE_SIZE * this.unit,
        maxNativeZoom: FINEST,
        bounds: [
          [south, west],
          [north, east],
        ],
        keepBuffer: 1,
      });
      this.shown.set(raster.name, layer.addTo(this.map));
    }
    for (const raster of rasters) {
      const full = raster.style === "heights" ? 0.55 : 1;
      this.shown.get(raster.name)?.setOpacity(dark ? 0.5 * full : full);
    }
  }
}
