/** One canvas above the tiles: large symbols, names, the selection and the keyboard's mark. */
import L from "leaflet";

import { furnitureOver } from "./furniture";
import type { Rect } from "./labels/collide";
import type { Frame } from "./labels/collect";

/** Share of the view that is drawn beyond each edge, so that a short pan shows no bare margin. */
const PADDING = 0.15;

export interface OverlayFrame extends Frame {
  readonly width: number;
  readonly height: number;
  /** The part that lies within the edges of the view. */
  readonly seen: Rect;
  /** What of that something stands over. */
  readonly covered: readonly Rect[];
}

export type OverlayPainter = (pen: CanvasRenderingContext2D, frame: OverlayFrame) => void;

export class OverlayLayer extends L.Layer {
  private canvas: HTMLCanvasElement | null = null;
  private centre: L.LatLng | null = null;
  private zoom = 0;
  private painter: OverlayPainter = () => {};
  private unit = 1;

  static make(unit: number, painter: OverlayPainter, pane: string): OverlayLayer {
    const layer = new OverlayLayer();
    L.Util.setOptions(layer, { pane });
    layer.unit = unit;
    layer.painter = painter;
    return layer;
  }

  override onAdd(map: L.Map): this {
    this.canvas = L.DomUtil.create("canvas", "leaflet-zoom-animated map-overlay");
    this.canvas.setAttribute("aria-hidden", "true");
    this.getPane()?.appendChild(this.canvas);
    map.whenReady(() => this.redraw());
    return this;
  }

  override onRemove(): this {
    this.canvas?.remove();
    this.canvas = null;
    return this;
  }

  override getEvents(): Record<string, L.LeafletEventHandlerFn> {
    return {
      zoom: () => this.transform(this._map.getCenter(), this._map.getZoom()),
      zoomanim: (event) => {
        const { center, zoom } = event as L.ZoomAnimEvent;
        this.transform(center, zoom);
      },
      viewreset: () => this.transform(this._map.getCenter(), this._map.getZoom()),
    };
  }

  /** Take the present view and draw. */
  redraw(): void {
    const map = this._map as L.Map | undefined;
    const { canvas } = this;
    if (!map || !canvas) return;
    const size = map.getSize();
    const margin = size.multiplyBy(PADDING).round();
    const full = size.add(margin.multiplyBy(2));
    const ratio = window.devicePixelRatio;
    const [width, height] = [Math.round(full.x * ratio), Math.round(full.y * ratio)];
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      canvas.style.width = `${full.x}px`;
      canvas.style.height = `${full.y}px`;
    }
    this.centre = map.getCenter();
    this.zoom = map.getZoom();
    this.transform(this.centre, this.zoom);
    const pen = canvas.getContext("2d");
    if (!pen) return;
    const corner = map.project(this.centre, this.zoom).subtract(size.divideBy(2)).subtract(margin);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.setTransform(ratio * this.unit, 0, 0, ratio * this.unit, 0, 0);
    this.painter(pen, {
      zoom: this.zoom,
      theme: "light",
      left: corner.x / this.unit,
      top: corner.y / this.unit,
      width: full.x / this.unit,
      height: full.y / this.unit,
      seen: {
        left: margin.x / this.unit,
        right: (margin.x + size.x) / this.unit,
        top: margin.y / this.unit,
        bottom: (margin.y + size.y) / this.unit,
      },
      covered: furnitureOver(map.getContainer()).map(({ left, right, top, bottom }) => ({
        left: (margin.x + left) / this.unit,
        right: (margin.x + right) / this.unit,
        top: (margin.y + top) / this.unit,
        bottom: (margin.y + bottom) / this.unit,
      })),
    });
  }

  private transform(centre: L.LatLng, zoom: number): void {
    const map = this._map as L.Map | undefined;
    if (!map || !this.canvas || !this.centre) return;
    const scale = map.getZoomScale(zoom, this.zoom);
    const margin = map.getSize().multiplyBy(PADDING).round();
    const half = map.getSize().divideBy(2).add(margin);
    const origin = map.project(centre, zoom).subtract(map.getSize().divideBy(2));
    const pane = L.DomUtil.getPosition(map.getPane("mapPane")!) ?? L.point(0, 0);
    const shift = map
      .project(this.centre, zoom)
      .subtract(half.multiplyBy(scale))
      .subtract(origin)
      .subtract(pane);
    L.DomUtil.setTransform(this.canvas, shift.round(), scale);
  }
}
