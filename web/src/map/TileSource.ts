/** Keeps decoded tiles by layer, so that a layer that is switched on fetches itself and nothing else. */
import type { Answer, Ask } from "./tileWorker";
import { tileMeets, tileName, type TileFeatures, type TileKey, type WorldBox } from "./tiles";

const KEPT = 6000;

/** How far from a changed cell coarser ones have changed, in tiles: less than this where zooms show them. */
const RESULT_MARGIN = 0.25;

const EMPTY: TileFeatures = {
  count: 0,
  ids: new Float64Array(0),
  kinds: new Uint8Array(0),
  rings: new Uint32Array(1),
  vertices: new Uint32Array(1),
  coordinates: new Int16Array(0),
  properties: [],
};

/** A name with a run, `density:12`, is a result; others are layers, as of a day where one is named: `roads@2020-06-30`. */
export function tileAddress(names: readonly string[], tile: TileKey): string {
  const first = names[0] ?? "";
  const run = first.split(":")[1];
  const day = first.split("@")[1];
  const query = run !== undefined ? `?run=${run}` : day !== undefined ? `?as_of=${day}` : "";
  return `/tiles/${names.map(plainName).join(",")}/${tileName(tile)}.mvt${query}`;
}

/** Name under which tiles of a layer are kept: of a day, or of the present. */
export const nameOn = (layer: string, day: string | null) => (day === null ? layer : `${layer}@${day}`);

/** Name of a layer or of a result's kind inside a tile. */
const plainName = (name: string) => name.split(/[:@]/)[0] ?? name;

interface Flight {
  readonly names: readonly string[];
  readonly tile: TileKey;
  readonly settled: Promise<void>;
  readonly settle: () => void;
  users: number;
}

export class TileSource {
  private readonly worker = new Worker(new URL("./tileWorker.ts", import.meta.url), { type: "module" });
  private readonly kept = new Map<string, TileFeatures>();
  private readonly flights = new Map<number, Flight>();
  /** Which flight brings a part. */
  private readonly awaited = new Map<string, number>();
  private readonly broken = new Set<string>();
  /** Parts that have changed, with the last ticket that was too early to bring the change. */
  private readonly stale = new Map<string, number>();
  /** Parts that came while the database was away, with the moment up to which they are known to be true. */
  private readonly behind = new Map<string, number>();
  private ticket = 0;

  constructor(
    private readonly onChange: (pending: number, failed: number, trueUntil: number | null) => void,
  ) {
    this.worker.onmessage = ({ data }: MessageEvent<Answer>) => this.land(data);
  }

  /** The part if it is here; undefined while it is not. */
  get(layer: string, tile: TileKey): TileFeatures | undefined {
    return this.kept.get(`${layer}/${tileName(tile)}`);
  }

  /** True while a request is under way. */
  get busy(): boolean {
    return this.flights.size > 0;
  }

  /**
   * Bring the missing ones of these layers for one tile, in one request. Resolves when all have come or
   * failed; a part that failed stays missing until it is asked for again.
   */
  async load(layers: readonly string[], tile: TileKey, signal: AbortSignal): Promise<void> {
    const where = tileName(tile);
    const waits = new Set<number>();
    const missing: string[] = [];
    for (const layer of layers) {
      const key = `${layer}/${where}`;
      const tooEarly = this.stale.get(key) ?? 0;
      const known = this.kept.get(key);
      if (known && tooEarly === 0) {
        this.kept.delete(key);
        this.kept.set(key, known);
        continue;
      }
      const flight = this.awaited.get(key);
      if (flight === undefined || flight <= tooEarly) missing.push(layer);
      else waits.add(flight);
    }
    if (missing.length > 0) waits.add(this.send(missing, tile));
    await Promise.all([...waits].map((ticket) => this.wait(ticket, signal)));
  }

  /**
   * Say that layers have changed in some boxes, or anywhere: their parts there are asked for again, and stay
   * as they are until the new ones have come. Null stands for every layer.
   */
  touch(layers: ReadonlySet<string> | null, boxes: readonly WorldBox[] | null): void {
    for (const key of new Set([...this.kept.keys(), ...this.awaited.keys()])) {
      const [name = "", z, x, y] = key.split("/");
      if (layers && !layers.has(name) && !layers.has(name.split("@")[0] ?? name)) continue;
      const tile = { z: Number(z), x: Number(x), y: Number(y) };
      const margin = name.includes(":") ? RESULT_MARGIN : undefined;
      if (boxes === null || boxes.some((box) => tileMeets(tile, box, margin)))
        this.stale.set(key, this.ticket);
    }
  }

  /** True where a part that is here, or on its way, has changed since. */
  isStale(layer: string, tile: TileKey): boolean {
    return this.stale.has(`${layer}/${tileName(tile)}`);
  }

  /** Ask anew for what came while the database was away; on screen it stays until the new is there. */
  renew(): void {
    for (const key of this.behind.keys()) this.stale.set(key, this.ticket);
    this.behind.clear();
    this.report();
  }

  stop(): void {
    this.worker.terminate();
  }

  /** Forget what failed, so that drawing asks again. */
  forgetFailures(): void {
    this.broken.clear();
    this.report();
  }

  private send(names: readonly string[], tile: TileKey): number {
    const ticket = ++this.ticket;
    let settle = () => {};
    const settled = new Promise<void>((resolve) => (settle = resolve));
    this.flights.set(ticket, { names, tile, settled, settle, users: 0 });
    for (const name of names) this.awaited.set(`${name}/${tileName(tile)}`, ticket);
    this.worker.postMessage({
      ask: "load",
      ticket,
      fresh: names.some((name) => this.isStale(name, tile)),
      address: location.origin + tileAddress(names, tile),
    } satisfies Ask);
    this.report();
    return ticket;
  }

  private async wait(ticket: number, signal: AbortSignal): Promise<void> {
    const flight = this.flights.get(ticket);
    if (!flight) return;
    flight.users++;
    const leave = () => {
      flight.users--;
      if (flight.users === 0 && this.flights.has(ticket)) {
        this.worker.postMessage({ ask: "cancel", ticket } satisfies Ask);
        this.end(ticket, flight);
      }
    };
    signal.addEventListener("abort", leave, { once: true });
    await flight.settled;
    signal.removeEventListener("abort", leave);
  }

  private land({ ticket, layers, behind }: Answer): void {
    const flight = this.flights.get(ticket);
    if (!flight) return;
    const where = tileName(flight.tile);
    if (layers) {
      const parts = new Map(layers);
      for (const name of flight.names) {
        this.kept.set(`${name}/${where}`, parts.get(plainName(name)) ?? EMPTY);
        this.broken.delete(`${name}/${where}`);
        if (behind === null) this.behind.delete(`${name}/${where}`);
        else this.behind.set(`${name}/${where}`, Date.now() - behind * 1000);
        if (ticket > (this.stale.get(`${name}/${where}`) ?? 0)) this.stale.delete(`${name}/${where}`);
      }
      this.trim();
    } else {
      for (const name of flight.names) this.broken.add(`${name}/${where}`);
    }
    this.end(ticket, flight);
  }

  private end(ticket: number, flight: Flight): void {
    this.flights.delete(ticket);
    for (const name of flight.names) {
      const key = `${name}/${tileName(flight.tile)}`;
      if (this.awaited.get(key) === ticket) this.awaited.delete(key);
    }
    flight.settle();
    this.report();
  }

  private trim(): void {
    for (const key of this.kept.keys()) {
      if (this.kept.size <= KEPT) break;
      this.kept.delete(key);
      this.stale.delete(key);
      this.behind.delete(key);
    }
  }

  private report(): void {
    const tiles = new Set([...this.broken].map((key) => key.slice(key.indexOf("/") + 1)));
    const trueUntil = this.behind.size > 0 ? Math.min(...this.behind.values()) : null;
    this.onChange(this.flights.size, tiles.size, trueUntil);
  }
}
