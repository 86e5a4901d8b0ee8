/** A second map beside the first, moved with it: the same ground, another result. */
import { effect } from "@preact/signals";
import L from "leaflet";

import * as store from "../state/store";
import { drawOverlay } from "./drawOverlay";
import { makeMap, MAX_ZOOM } from "./leafletMap";
import { OverlayLayer } from "./OverlayLayer";
import { PALETTES } from "./palette";
import { compile } from "./styles";
import { TileSource } from "./TileSource";
import { VectorTileLayer } from "./VectorTileLayer";

export class TwinMap {
  readonly map: L.Map;
  private readonly source = new TileSource(() => {});
  private readonly vector: VectorTileLayer;
  private readonly names: OverlayLayer;
  private readonly ends: (() => void)[] = [];
  private frame = 0;
  /** True while one of both follows the other. */
  private following = false;

  constructor(
    container: HTMLElement,
    private readonly main: L.Map,
  ) {
    const unit = store.unit.peek();
    this.map = makeMap(container, unit);
    this.map.setView(main.getCenter(), main.getZoom(), { animate: false });
    this.vector = VectorTileLayer.make(this.source, unit, { maxZoom: MAX_ZOOM, minZoom: 0 });
    this.names = OverlayLayer.make(unit, (pen, frame) => this.paint(pen, frame), "overlay-canvas");
    this.vector.addTo(this.map);
    this.names.addTo(this.map);
    this.vector.on("drawn", () => this.later());
    this.map.on("moveend zoomend", () => this.later());
    this.map.on("zoomend", () => this.vector.repaint());
    this.together();
    const observer = new ResizeObserver(() => {
      // In the box of no size of a page that is left, its middle is a corner: the first map must not follow there.
      if (container.clientWidth === 0) return;
      this.map.invalidateSize({ pan: false, animate: false });
      this.follow(this.map, this.main);
    });
    observer.observe(container);
    this.ends.push(
      () => observer.disconnect(),
      effect(() => {
        const theme = store.theme.value;
        const layers = compile(store.drawnLayers.value, store.city.value?.region ?? null);
        const visible = store.visible.value;
        const background = PALETTES[theme].outside;
        container.style.background = background;
        const shown = layers.filter(({ name }) => visible.has(name));
        this.vector.show({ layers: shown, results: [] }, { theme, background });
        this.later();
      }),
    );
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.ends.forEach((end) => end());
    this.map.remove();
    this.source.stop();
  }

  /** Either map follows the other while it is moved. */
  private together(): void {
    const pairs = [
      [this.main, this.map],
      [this.map, this.main],
    ] as const;
    for (const [leader, follower] of pairs) {
      const follow = () => this.follow(follower, leader);
      leader.on("move zoomend", follow);
      this.ends.push(() => leader.off("move zoomend", follow));
    }
  }

  private follow(follower: L.Map, leader: L.Map): void {
    if (this.following) return;
    const same =
      follower.getZoom() === leader.getZoom() && follower.getCenter().distanceTo(leader.getCenter()) < 0.5;
    if (same) return;
    this.following = true;
    follower.setView(leader.getCenter(), leader.getZoom(), { animate: false });
    this.following = false;
  }

  private later(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.names.redraw());
  }

  private paint(pen: CanvasRenderingContext2D, frame: Parameters<typeof drawOverlay>[1]): void {
    const theme = store.theme.peek();
    const wall = store.surface.peek() === "wall";
    drawOverlay(pen, frame, {
      tiles: [...this.vector.current()],
      theme,
      palette: PALETTES[theme],
      sizeOf: (size) => (wall ? 18 + Math.max(0, size - 12) * 3.5 : size),
      selected: null,
      group: null,
      pointed: null,
      roving: null,
      here: null,
      sight: null,
      trial: null,
      counts: null,
      own: null,
    });
  }
}
