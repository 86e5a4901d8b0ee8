/** Hexagons, candidates and numbered pins of a plan on one map; pins can be dragged to other candidates. */
import L from "leaflet";

import { OverlayLayer } from "./OverlayLayer";
import { project } from "./drawOverlay";
import type { Palette } from "./palette";
import { GAIN, type Hexagon } from "./siteScene";

export interface Pin {
  readonly rank: number;
  readonly lng: number;
  readonly lat: number;
  readonly title: string;
  readonly held: boolean;
  readonly locked: boolean;
  readonly moved: boolean;
  readonly draggable: boolean;
}

export interface SiteDrawing {
  readonly hexagons: readonly Hexagon[];
  /** What the held site gains, over the rest. */
  readonly live: readonly (readonly number[])[];
  readonly candidates: readonly { readonly lon: number; readonly lat: number }[];
  readonly pins: readonly Pin[];
  /** From where a dragged site was taken to where it would stand. */
  readonly pulled: {
    readonly from: readonly [number, number];
    readonly to: readonly [number, number];
    readonly text: string;
  } | null;
  readonly palette: Palette;
}

/** What the reader does with pins. */
export interface PinEvents {
  readonly hold: (rank: number) => void;
  readonly drag: (lng: number, lat: number) => void;
  readonly drop: () => void;
}

/** Zoom from which candidates are drawn: below it they would be a grey cloud. */
const CANDIDATES_FROM = 12;
/** More candidates in view are dots. */
const MOST_RINGS = 250;
const PANE = "site-canvas";

export class SiteLayer {
  private readonly canvas: OverlayLayer;
  private readonly pins = new Map<number, { marker: L.Marker; shown: string }>();
  private readonly tip = L.tooltip({
    permanent: true,
    direction: "top",
    offset: [0, -14],
    className: "site-tip",
  });
  private drawing: SiteDrawing | null = null;
  private frame = 0;
  private dragging: number | null = null;

  constructor(
    private readonly map: L.Map,
    private readonly unit: number,
    private readonly events: PinEvents,
  ) {
    const pane = map.getPane(PANE) ?? map.createPane(PANE);
    pane.style.zIndex = "440";
    pane.style.pointerEvents = "none";
    this.canvas = OverlayLayer.make(unit, (pen, view) => this.paint(pen, view), PANE);
    this.canvas.addTo(map);
    map.on("moveend zoomend resize", this.later, this);
  }

  show(drawing: SiteDrawing): void {
    this.drawing = drawing;
    this.placePins(drawing.pins);
    this.placeTip(drawing);
    this.later();
  }

  remove(): void {
    cancelAnimationFrame(this.frame);
    this.map.off("moveend zoomend resize", this.later, this);
    this.canvas.remove();
    this.tip.remove();
    for (const { marker } of this.pins.values()) marker.remove();
  }

  private later(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.canvas.redraw());
  }

  private placePins(pins: readonly Pin[]): void {
    const wanted = new Set(pins.map(({ rank }) => rank));
    for (const [rank, { marker }] of this.pins) {
      if (wanted.has(rank)) continue;
      marker.remove();
      this.pins.delete(rank);
    }
    for (const pin of pins) {
      const kept = this.pins.get(pin.rank);
      const shown = JSON.stringify(pin);
      if (kept?.shown === shown) continue;
      // The marker under the pointer is Leaflet's until it is let go.
      if (kept && this.dragging === pin.rank) continue;
      kept?.marker.remove();
      this.pins.set(pin.rank, { marker: this.pin(pin), shown });
    }
  }

  private pin({ rank, lng, lat, title, held, locked, moved, draggable }: Pin): L.Marker {
    const classes = ["site-pin", held && "held", locked && "locked", moved && "moved"].filter(Boolean);
    const side = 24 * this.unit;
    const icon = L.divIcon({ className: classes.join(" "), html: String(rank), iconSize: [side, side] });
    const marker = L.marker([lat, lng], {
      icon,
      draggable,
      title,
      alt: title,
      zIndexOffset: held ? 5000 : 1000 - rank,
    });
    marker.on("click keypress", () => this.events.hold(rank));
    marker.on("dragstart", () => {
      this.dragging = rank;
      this.events.hold(rank);
    });
    marker.on("drag", () => {
      const at = marker.getLatLng();
      this.events.drag(at.lng, at.lat);
    });
    marker.on("dragend", () => {
      this.dragging = null;
      this.pins.delete(rank);
      marker.remove();
      this.events.drop();
      // Where nothing was moved the pin goes back to where it was.
      if (this.drawing) this.placePins(this.drawing.pins);
    });
    marker.addTo(this.map);
    const element = marker.getElement();
    element?.setAttribute("data-pin", String(rank));
    element?.setAttribute("aria-label", title);
    return marker;
  }

  private placeTip({ pulled }: SiteDrawing): void {
    if (!pulled) {
      this.tip.remove();
      return;
    }
    this.tip.setLatLng([pulled.to[1], pulled.to[0]]).setContent(pulled.text);
    if (!this.map.hasLayer(this.tip)) this.tip.addTo(this.map);
  }

  private paint(pen: CanvasRenderingContext2D, frame: Parameters<typeof project>[0]): void {
    const { drawing } = this;
    if (!drawing) return;
    const at = (lng: number, lat: number) => project(frame, lng, lat);
    const trace = (outline: readonly number[]) => {
      pen.beginPath();
      for (let index = 0; index < outline.length; index += 2) {
        const [x, y] = at(outline[index] ?? 0, outline[index + 1] ?? 0);
        if (index === 0) pen.moveTo(x, y);
        else pen.lineTo(x, y);
      }
      pen.closePath();
    };
    pen.lineJoin = "round";
    pen.strokeStyle = drawing.palette.land;
    pen.lineWidth = 1;
    for (const { outline, colour, opacity } of drawing.hexagons) {
      trace(outline);
      pen.globalAlpha = opacity;
      pen.fillStyle = colour;
      pen.fill();
      pen.globalAlpha = 0.7;
      pen.stroke();
    }
    pen.globalAlpha = 1;
    for (const outline of drawing.live) {
      trace(outline);
      pen.globalAlpha = 0.55;
      pen.fillStyle = GAIN;
      pen.fill();
      pen.globalAlpha = 1;
      pen.strokeStyle = GAIN;
      pen.lineWidth = 1.5;
      pen.stroke();
    }
    if (frame.zoom >= CANDIDATES_FROM || drawing.pulled) this.paintCandidates(pen, frame, drawing);
    if (drawing.pulled) paintPull(pen, at(...drawing.pulled.from), at(...drawing.pulled.to), drawing.palette);
  }

  private paintCandidates(
    pen: CanvasRenderingContext2D,
    frame: Parameters<typeof project>[0],
    { candidates, palette }: SiteDrawing,
  ): void {
    const inView = candidates
      .map(({ lon, lat }) => project(frame, lon, lat))
      .filter(([x, y]) => x >= 0 && y >= 0 && x <= frame.width && y <= frame.height);
    // Rings that stand side by side would be a black band over what they are to be judged by.
    const many = inView.length > MOST_RINGS;
    const radius = many ? 1.25 : 3;
    pen.beginPath();
    for (const [x, y] of inView) {
      pen.moveTo(x + radius, y);
      pen.arc(x, y, radius, 0, Math.PI * 2);
    }
    pen.fillStyle = many ? palette.text2 : palette.surface;
    pen.fill();
    if (many) return;
    pen.strokeStyle = palette.text2;
    pen.lineWidth = 1.25;
    pen.stroke();
  }
}

function paintPull(
  pen: CanvasRenderingContext2D,
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
  palette: Palette,
): void {
  pen.strokeStyle = palette.accent;
  pen.lineWidth = 2;
  pen.setLineDash([5, 4]);
  pen.beginPath();
  pen.moveTo(x0, y0);
  pen.lineTo(x1, y1);
  pen.stroke();
  pen.setLineDash([]);
  pen.beginPath();
  pen.arc(x1, y1, 9, 0, Math.PI * 2);
  pen.stroke();
}
