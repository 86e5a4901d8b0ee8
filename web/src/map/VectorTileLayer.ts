/** Vector tiles on canvas. Old tiles stay until new ones are drawn; a new theme repaints in place. */
import L from "leaflet";

import type { ResultLayer } from "../data/results";
import { type Easel, paintTile, type Part, unitScale } from "./paint";
import { isThin, paintResult, type ResultPart } from "./paintResult";
import { liesOver, sourceName } from "./results";
import type { DrawLayer, ThemeName } from "./styles";
import { nameOn, type TileSource } from "./TileSource";
import { placementOf, TILE_SIZE, type TileKey } from "./tiles";

/** Milliseconds of drawing in one frame. */
const FRAME_BUDGET = 8;

export interface TilePalette {
  readonly theme: ThemeName;
  readonly background: string;
}

/** What is shown: layers as of a day or, without one, as they are now. */
export interface Shown {
  readonly layers: readonly DrawLayer[];
  readonly results: readonly ResultLayer[];
  readonly day?: string | null;
}

interface Sheet {
  readonly tile: TileKey;
  readonly canvas: HTMLCanvasElement;
  readonly aborter: AbortController;
  parts: Part[];
  results: ResultPart[];
  done: L.DoneCallback | null;
  waiting: boolean;
  /** Counts fills, so that the last choice of layers wins. */
  turn: number;
}

export class VectorTileLayer extends L.GridLayer {
  private source!: TileSource;
  private layers: readonly DrawLayer[] = [];
  private results: readonly ResultLayer[] = [];
  private day: string | null = null;
  private palette: TilePalette = { theme: "light", background: "#fff" };
  private unit = 1;
  private readonly sheets = new Map<HTMLElement, Sheet>();
  private readonly queue = new Set<Sheet>();
  private frame = 0;

  static make(source: TileSource, unit: number, options: L.GridLayerOptions): VectorTileLayer {
    const layer = new VectorTileLayer({
      tileSize: TILE_SIZE * unit,
      updateWhenIdle: false,
      updateWhenZooming: false,
      keepBuffer: 1,
      ...options,
    });
    layer.source = source;
    layer.unit = unit;
    layer.on("tileunload", (event) => layer.drop(event.tile));
    return layer;
  }

  /**
   * Show layers and results in this palette. Tiles on screen keep their drawing while they fetch what
   * they miss, and are then drawn anew.
   */
  show({ layers, results, day = null }: Shown, palette: TilePalette): void {
    this.layers = layers;
    this.results = results;
    this.day = day;
    this.palette = palette;
    for (const sheet of this.sheets.values()) void this.fill(sheet);
  }

  /** Fetch anew what has changed of the tiles on screen; each keeps its drawing until the new one is there. */
  refresh(): void {
    for (const sheet of this.sheets.values()) {
      const changed = this.sources(sheet).some(({ name, key }) => this.source.isStale(name, key));
      if (changed) void this.fill(sheet);
    }
  }

  private sources({ tile }: Sheet): { name: string; key: TileKey }[] {
    return [
      ...this.layers.map(({ name, maxZoom }) => ({
        name: nameOn(name, this.day),
        key: placementOf(tile, maxZoom).key,
      })),
      ...this.results.map((layer) => ({
        name: sourceName(layer),
        key: placementOf(tile, layer.zoom.max).key,
      })),
    ];
  }

  /** Draw again what is on screen, at the present zoom. */
  repaint(): void {
    for (const sheet of this.sheets.values()) if (!sheet.waiting) this.enqueue(sheet);
  }

  /** True while a tile waits for data or for its turn to be drawn. */
  get busy(): boolean {
    return this.queue.size > 0 || [...this.sheets.values()].some((sheet) => sheet.waiting);
  }

  /** The parts of every tile of the present zoom. */
  *current(): Generator<{ tile: TileKey; parts: readonly Part[]; results: readonly ResultPart[] }> {
    // @types/leaflet leaves the zoom of the present level out.
    const zoom = (this as unknown as { _tileZoom?: number })._tileZoom;
    for (const sheet of this.sheets.values()) {
      if (sheet.tile.z === zoom && !sheet.waiting) yield sheet;
    }
  }

  protected override createTile(coords: L.Coords, done: L.DoneCallback): HTMLElement {
    const canvas = L.DomUtil.create("canvas", "leaflet-tile");
    const tile = { z: coords.z, x: coords.x, y: coords.y };
    const sheet: Sheet = {
      tile,
      canvas,
      aborter: new AbortController(),
      parts: [],
      results: [],
      done,
      waiting: true,
      turn: 0,
    };
    this.sheets.set(canvas, sheet);
    void this.fill(sheet);
    return canvas;
  }

  private drop(element: HTMLElement): void {
    const sheet = this.sheets.get(element);
    if (!sheet) return;
    this.sheets.delete(element);
    this.queue.delete(sheet);
    sheet.aborter.abort();
    // A canvas without pixels gives its memory back at once.
    sheet.canvas.width = 0;
  }

  private async fill(sheet: Sheet): Promise<void> {
    const wanted = this.layers.filter((layer) => sheet.tile.z >= layer.minZoom);
    const { day } = this;
    const turn = ++sheet.turn;
    sheet.waiting = true;
    const asks = new Map<string, { layers: string[]; key: TileKey }>();
    for (const layer of wanted) {
      const { key } = placementOf(sheet.tile, layer.maxZoom);
      const name = `${layer.base}/${key.z}`;
      const ask = asks.get(name);
      if (ask) ask.layers.push(nameOn(layer.name, day));
      else asks.set(name, { layers: [nameOn(layer.name, day)], key });
    }
    const results = this.results.filter((layer) => sheet.tile.z >= layer.zoom.min);
    for (const layer of results) {
      const name = sourceName(layer);
      asks.set(name, { layers: [name], key: placementOf(sheet.tile, layer.zoom.max).key });
    }
    await Promise.all(
      [...asks.values()].map(({ layers, key }) => this.source.load(layers, key, sheet.aborter.signal)),
    );
    if (sheet.aborter.signal.aborted || sheet.turn !== turn) return;
    const parts = wanted.flatMap((layer) => {
      const placement = placementOf(sheet.tile, layer.maxZoom);
      const features = this.source.get(nameOn(layer.name, day), placement.key);
      return features ? [{ layer, features, placement }] : [];
    });
    sheet.parts = parts;
    sheet.results = results.flatMap((layer) => {
      const placement = placementOf(sheet.tile, layer.zoom.max);
      const features = this.source.get(sourceName(layer), placement.key);
      return features ? [{ layer, features, placement }] : [];
    });
    sheet.waiting = false;
    this.enqueue(sheet);
  }

  private enqueue(sheet: Sheet): void {
    this.queue.add(sheet);
    this.frame ||= requestAnimationFrame(() => this.pump());
  }

  private pump(): void {
    this.frame = 0;
    const start = performance.now();
    for (const sheet of this.queue) {
      this.queue.delete(sheet);
      this.draw(sheet);
      if (performance.now() - start > FRAME_BUDGET) break;
    }
    if (this.queue.size > 0) this.frame = requestAnimationFrame(() => this.pump());
    else this.fire("drawn");
  }

  private draw(sheet: Sheet): void {
    const map = this._map as L.Map | undefined;
    if (!map) return;
    const css = TILE_SIZE * this.unit;
    const zoom = map.getZoom();
    // Between whole zooms the tile is shown scaled: it gets as many pixels as the screen will show of it.
    const ratio = Math.min(3, window.devicePixelRatio * 2 ** (zoom - sheet.tile.z));
    const { canvas } = sheet;
    // One pixel more than the tile closes the seam that rounding leaves between scaled tiles.
    const side = Math.round(css * ratio) + 1;
    if (canvas.width !== side) canvas.width = canvas.height = side;
    canvas.style.width = canvas.style.height = `${side / ratio}px`;
    const pen = canvas.getContext("2d", { alpha: false });
    if (!pen) return;
    const easel: Easel = {
      pen,
      theme: this.palette.theme,
      zoom,
      scale: unitScale(css * ratio),
      pixel: this.unit * window.devicePixelRatio,
      background: this.palette.background,
    };
    // Cells and areas lie under the points of the city, lines and points of a result over them.
    const over = sheet.results.filter(isThin);
    paintTile(easel, sheet.parts, () => {
      for (const part of sheet.results)
        if (!over.includes(part)) paintResult(easel, part, sheet.tile, liesOver(part.layer, this.results));
    });
    for (const part of over) paintResult(easel, part, sheet.tile);
    const { done } = sheet;
    sheet.done = null;
    done?.(undefined, canvas);
  }
}
