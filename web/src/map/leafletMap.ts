/** A Leaflet map as all of ours are: tiles of our size, quarter zooms, one design pixel to `unit` CSS pixels. */
import L from "leaflet";

import { TILE_SIZE } from "./tiles";

export const MAX_ZOOM = 20;

/** Ends of the world in Web Mercator: beyond them the same places would have other longitudes. */
const WORLD: L.LatLngBoundsLiteral = [
  [-85.0511, -180],
  [85.0511, 180],
];

export function makeMap(container: HTMLElement, unit: number): L.Map {
  const crs = L.Util.extend({}, L.CRS.EPSG3857, {
    scale: (zoom: number) => TILE_SIZE * unit * 2 ** zoom,
    zoom: (scale: number) => Math.log2(scale / (TILE_SIZE * unit)),
  }) as L.CRS;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(container, {
    crs,
    zoomSnap: 0.25,
    zoomDelta: 1,
    wheelPxPerZoomLevel: 120,
    minZoom: 5,
    maxZoom: MAX_ZOOM,
    maxBounds: WORLD,
    maxBoundsViscosity: 1,
    zoomControl: false,
    attributionControl: false,
    keyboard: false,
    fadeAnimation: false,
    zoomAnimation: !still,
    inertia: !still,
    trackResize: false,
  });
  const pane = map.createPane("overlay-canvas");
  pane.style.zIndex = "450";
  pane.style.pointerEvents = "none";
  return map;
}
