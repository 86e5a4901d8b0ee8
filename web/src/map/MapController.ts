/** The only owner of the Leaflet map: signals in, signals out. */
import { effect } from "@preact/signals";
import L from "leaflet";

import type { Box } from "../data/types";
import { here } from "../state/here";
import * as results from "../state/results";
import * as clock from "../state/clock";
import * as sight from "../state/sight";
import * as trial from "../state/trial";
import * as views from "../state/views";
import { asking, signalAt } from "../state/signal";
import { aroundAt, lookingAround } from "../state/around";
import { hiddenClasses, pointed, withHidden } from "../state/findings";
import { beforeRecords, mapDay } from "../state/asOf";
import * as store from "../state/store";
import { cellsOf, type DrawnCell, positionsOf } from "./drawn";
import { drawOverlay } from "./drawOverlay";
import type { Placed } from "./labels/layout";
import { drawingOf } from "./sight";
import { makeMap, MAX_ZOOM } from "./leafletMap";
import { countDrawing, groupMark, pointedMark, rovingMark, selectedMark } from "./marks";
import { followOutline } from "./outlineLayer";
import { OverlayLayer } from "./OverlayLayer";
import { Framing } from "./Framing";
import { PALETTES } from "./palette";
import { Pointing } from "./Pointing";
import { besideLegend, coveredIn, type Padding } from "./room";
import { compile, type DrawLayer } from "./styles";
import { survey } from "./survey";
import { TileSource } from "./TileSource";
import { RasterLayers } from "./rasterLayers";
import { worldBox } from "./tiles";
import { VectorTileLayer } from "./VectorTileLayer";

/** After a zoom the old names stay this long at most while new tiles come. */
const NAME_PATIENCE_MS = 600;

const RETRY_MS = 3_000;
const RETRY_LONGEST_MS = 60_000;

export class MapController {
  readonly map: L.Map;
  private readonly source: TileSource;
  private readonly vector: VectorTileLayer;
  private readonly overlay: OverlayLayer;
  private readonly rasters: RasterLayers;
  private readonly pointing: Pointing;
  private readonly framing: Framing;
  private readonly ends: (() => void)[] = [];
  private drawn: DrawLayer[] = [];
  private overlayZoom = NaN;
  private overlayDue = 0;
  private overlayTimer = 0;
  private place: L.Marker | null = null;
  private moves = 0;
  private retryTimer = 0;
  private tries = 0;
  placed: readonly Placed[] = [];

  constructor(readonly container: HTMLElement) {
    const unit = store.unit.peek();
    this.map = makeMap(container, unit);
    this.source = new TileSource((pending, failed, trueUntil) => {
      store.tilesPending.value = pending;
      store.tilesFailed.value = failed;
      store.tilesTrueUntil.value = trueUntil;
    });
    this.vector = VectorTileLayer.make(this.source, unit, { maxZoom: MAX_ZOOM, minZoom: 0 });
    this.overlay = OverlayLayer.make(unit, (pen, frame) => this.paint(pen, frame), "overlay-canvas");
    this.rasters = new RasterLayers(this.map, unit);
    this.pointing = new Pointing(this.map, this.vector, (lng, lat) => this.reveal(lng, lat));
    this.framing = new Framing(this.map);
    this.start();
    this.listen();
    this.vector.addTo(this.map);
    this.overlay.addTo(this.map);
    this.follow();
    this.ends.push(followOutline(this.map, unit));
  }

  destroy(): void {
    this.ends.forEach((end) => end());
    window.clearTimeout(this.overlayTimer);
    window.clearTimeout(this.retryTimer);
    this.map.remove();
    this.source.stop();
  }

  private start(): void {
    // A view that nobody chose is that of the page before, whose map had another size.
    const view = store.viewChosen.peek() ? store.view.peek() : null;
    if (view) this.map.setView([view.lat, view.lng], view.zoom, { animate: false });
    else this.home(false);
  }

  /** Show the whole city, or the region that the page is about. */
  home(animate = true): void {
    this.framing.home(animate);
  }

  /** Let the page be about a box: it is in sight until the reader looks elsewhere. */
  frame(box: Box, animate: boolean): void {
    this.framing.frame(box, animate);
  }

  fit(box: Box, animate = true, maxZoom = 17, beside: Padding | null = null): void {
    this.framing.fit(box, animate, maxZoom, beside);
  }

  /** Show the whole of a box beside the legend and a card that opens with it. */
  fitClear(box: Box, maxZoom: number): void {
    this.afterLayout(() =>
      this.fit(box, true, maxZoom, besideLegend(this.map, box, maxZoom, 24 * store.unit.peek())),
    );
  }

  /** Show a box beside a card that opens with it. */
  fitBeside(box: Box): void {
    this.afterLayout(() => this.fit(box));
  }

  /** Bring a place to the middle of what a card that opens with it leaves free. */
  flyTo(lng: number, lat: number, zoom: number): void {
    this.afterLayout(() => {
      const close = Math.max(zoom, this.map.getZoom());
      const { upper, lower } = coveredIn(this.container, 0, 0);
      const middle = this.map.project([lat, lng], close).add([0, (lower - upper) / 2]);
      this.map.setView(this.map.unproject(middle, close), close, { animate: true });
    });
  }

  /** Do something once the panels stand where the present state puts them, and the map has its size. */
  private afterLayout(act: () => void): void {
    this.moves++;
    // Panels are put in place before the next frame is drawn; the one after it has their sizes.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        this.moves--;
        if (!this.container.isConnected) return;
        this.resized();
        act();
      }),
    );
  }

  zoomBy(delta: number): void {
    this.map.setZoom(Math.round(this.map.getZoom()) + delta);
  }

  panBy(x: number, y: number): void {
    this.map.panBy([x, y]);
  }

  /** Bring a place into the part of the view that no panel covers. */
  reveal(lng: number, lat: number): void {
    this.afterLayout(() => {
      const margin = 48 * store.unit.peek();
      const { upper, lower } = coveredIn(this.container, margin, margin);
      this.map.panInside([lat, lng], {
        paddingTopLeft: [margin, upper],
        paddingBottomRight: [margin, lower],
        animate: true,
      });
    });
  }

  /** Draw anew what has changed: layers and results by their source names, where boxes in degrees say. */
  touch(names: ReadonlySet<string> | null, boxes: readonly Box[] | null): void {
    this.source.touch(names, boxes && boxes.map(worldBox));
    this.vector.refresh();
  }

  /** Fetch anew what came while the database was away. */
  renew(): void {
    this.source.renew();
    this.vector.refresh();
  }

  retry(): void {
    this.source.forgetFailures();
    this.showLayers();
  }

  /** Resolves when nothing is loading, moving or waiting to be drawn, or the page of the map is left. */
  async idle(): Promise<void> {
    const quiet = () =>
      !this.container.isConnected ||
      (!this.source.busy &&
        !this.vector.busy &&
        this.overlayTimer === 0 &&
        this.moves === 0 &&
        !this.container.querySelector(".leaflet-zoom-anim"));
    for (let calm = 0; calm < 4; calm = quiet() ? calm + 1 : 0) {
      await new Promise((resolve) => window.setTimeout(resolve, 40));
    }
  }

  /** Nobody stands at a wall to press a button: failed tiles are asked for again, ever more rarely. */
  private retryLater(): void {
    if (this.retryTimer !== 0) return;
    this.retryTimer = window.setTimeout(
      () => {
        this.retryTimer = 0;
        this.tries++;
        if (store.online.peek() && store.tilesFailed.peek() > 0) this.retry();
      },
      Math.min(RETRY_LONGEST_MS, RETRY_MS * 2 ** this.tries),
    );
  }

  private listen(): void {
    const { map } = this;
    const moved = () => {
      const { lat, lng } = map.getCenter();
      store.view.value = { lat, lng, zoom: map.getZoom() };
      if (!this.framing.placing) store.viewChosen.value = true;
      this.scheduleOverlay();
    };
    map.on("moveend", moved);
    map.on("zoomend", () => this.vector.repaint());
    map.on("click", (event) => this.pointing.click(event.latlng));
    map.on("mousemove", (event) => this.hover(event.latlng));
    map.on("mouseout", () => (store.pointer.value = null));
    this.vector.on("drawn", () => this.scheduleOverlay());
    const observer = new ResizeObserver(() => this.resized());
    observer.observe(this.container);
    this.ends.push(() => observer.disconnect(), this.framing.followFurniture());
    this.framing.place(moved);
  }

  private resized(): void {
    // A page that is left takes its map away: in a box of no size every view is a wrong one.
    if (this.container.clientWidth === 0 || this.container.clientHeight === 0) return;
    this.framing.resized();
    this.scheduleOverlay();
  }

  private follow(): void {
    this.ends.push(
      effect(() => {
        void store.drawnLayers.value;
        void store.visible.value;
        void store.theme.value;
        void results.drawnResults.value;
        void hiddenClasses.value;
        void mapDay.value;
        void beforeRecords.value;
        this.showLayers();
      }),
      effect(() => this.rasters.show(store.shownRasters.value, store.theme.value === "dark")),
      effect(() => {
        void store.item.value;
        void store.selection.value;
        void store.roving.value;
        void results.cellDocument.value;
        void pointed.value;
        void sight.why.value;
        void sight.cameraView.value;
        void sight.views.value;
        void sight.grid.value;
        void here.value;
        void clock.cellSums.value;
        void clock.drawnCounts.value;
        void trial.trialAnswer.value;
        this.scheduleOverlay(true);
      }),
      effect(
        () =>
          void this.container.classList.toggle(
            "asking-signal",
            asking.value || lookingAround.value || trial.placing.value,
          ),
      ),
      // Names keep clear of what the wall says over the map.
      effect(() => {
        void views.told.value;
        void store.language.value;
        this.scheduleOverlay();
      }),
      effect(() => this.mark(signalAt.value ?? aroundAt.value)),
      effect(() => {
        this.container.classList.toggle("asking", sight.asking.value);
      }),
      effect(() => {
        if (store.online.value && store.tilesFailed.peek() > 0) this.retry();
      }),
      effect(() => {
        if (store.tilesFailed.value === 0) this.tries = 0;
        else this.retryLater();
      }),
    );
  }

  /** Mark the place whose signal is told. */
  private mark(place: { lat: number; lng: number } | null): void {
    this.place?.remove();
    this.place = null;
    if (!place) return;
    const icon = L.divIcon({ className: "signal-place", iconSize: [18, 18] });
    this.place = L.marker(place, { icon, interactive: false, keyboard: false }).addTo(this.map);
  }

  private showLayers(): void {
    const day = mapDay.peek();
    const visible = beforeRecords.peek() ? new Set<string>() : store.visible.peek();
    const theme = store.theme.peek();
    this.drawn = compile(store.drawnLayers.peek(), store.city.peek()?.region ?? null).filter((layer) =>
      visible.has(layer.name),
    );
    this.container.style.background = PALETTES[theme].outside;
    // A result belongs to the time of its run: it says nothing of an earlier day.
    const drawn = day === null ? results.drawnResults.peek().map(withHidden) : [];
    this.vector.show(
      { layers: this.drawn, results: drawn, day },
      { theme, background: PALETTES[theme].outside },
    );
    this.scheduleOverlay();
  }

  private scheduleOverlay(now = false): void {
    if (this.overlayTimer !== 0) return;
    this.overlayDue ||= performance.now() + NAME_PATIENCE_MS;
    this.overlayTimer = window.setTimeout(
      () => {
        this.overlayTimer = 0;
        const zoomed = this.overlayZoom !== this.map.getZoom();
        if (zoomed && this.vector.busy && performance.now() < this.overlayDue) {
          this.scheduleOverlay();
          return;
        }
        this.overlayDue = 0;
        this.overlayZoom = this.map.getZoom();
        this.overlay.redraw();
        survey(this.map, this.vector, this.pointing);
      },
      now ? 0 : 60,
    );
  }

  private paint(pen: CanvasRenderingContext2D, frame: Parameters<typeof drawOverlay>[1]): void {
    const theme = store.theme.peek();
    const wall = store.surface.peek() === "wall";
    this.placed = drawOverlay(pen, frame, {
      tiles: [...this.vector.current()],
      theme,
      palette: PALETTES[theme],
      // From eight metres 36 pixels are the smallest that can be read; towns stand well above that.
      sizeOf: (size) => (wall ? 18 + Math.max(0, size - 12) * 3.5 : size),
      selected: selectedMark(),
      group: groupMark(),
      pointed: pointedMark(),
      roving: rovingMark(),
      here: here.peek(),
      sight: drawingOf(sight.why.peek(), sight.views.peek(), sight.cameraView.peek(), sight.LISTED),
      trial: trial.trialAnswer.peek(),
      counts: countDrawing(),
      own: store.surface.peek() === "field" ? (sight.grid.peek()?.geometry ?? null) : null,
    });
  }

  private hover({ lat, lng }: L.LatLng): void {
    store.pointer.value = { lat, lng };
    const first = this.pointing.hits(lat, lng, 4)[0];
    const telling =
      (first !== undefined && !(first.kind === 3 && first.layer.base)) ||
      this.pointing.cellBelow(lat, lng) !== null;
    this.container.classList.toggle("over-feature", telling);
  }

  /** Where features of a layer are drawn; for the end-to-end tests. */
  positions(layer: string): { id: number; x: number; y: number }[] {
    return positionsOf(this.map, this.vector, layer);
  }

  /** Cells of a run that are drawn; for the end-to-end tests. */
  cells(run: number): DrawnCell[] {
    return cellsOf(this.map, this.vector, run);
  }
}
