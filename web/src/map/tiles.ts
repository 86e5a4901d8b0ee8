/** Tile arithmetic: which tiles a place needs, and the form in which a decoded tile is kept. */

/** Coordinates inside a tile run from 0 to this, y downwards. */
export const EXTENT = 4096;
/** The service adds this many units around each tile. */
export const BUFFER = 64;
/** Design pixels of a tile at its own zoom. */
export const TILE_SIZE = 256;

export type Properties = Readonly<Record<string, string | number | boolean>>;

/** One layer of one tile, flat so that a worker can hand it over without copying. */
export interface TileFeatures {
  readonly count: number;
  readonly ids: Float64Array;
  /** 1 point, 2 line, 3 polygon. */
  readonly kinds: Uint8Array;
  /** First ring of each feature; `count + 1` entries. */
  readonly rings: Uint32Array;
  /** First vertex of each ring; one more than there are rings. */
  readonly vertices: Uint32Array;
  /** x, y in tile units. */
  readonly coordinates: Int16Array;
  readonly properties: readonly Properties[];
}

export interface TileKey {
  readonly z: number;
  readonly x: number;
  readonly y: number;
}

/** Where a layer's data for one drawn tile comes from: its own tile, or an ancestor drawn larger. */
export interface Placement {
  readonly key: TileKey;
  /** Drawn tile units per source unit: 1, 2, 4, … */
  readonly scale: number;
  /** Shift in drawn tile units, after scaling. */
  readonly dx: number;
  readonly dy: number;
}

/** Find the source of a drawn tile when the layer's tiles end at `maxZoom`. */
export function placementOf(tile: TileKey, maxZoom: number): Placement {
  const steps = Math.max(0, tile.z - maxZoom);
  const scale = 2 ** steps;
  const key = { z: tile.z - steps, x: Math.floor(tile.x / scale), y: Math.floor(tile.y / scale) };
  return {
    key,
    scale,
    dx: -(tile.x - key.x * scale) * EXTENT,
    dy: -(tile.y - key.y * scale) * EXTENT,
  };
}

export const tileName = (tile: TileKey) => `${tile.z}/${tile.x}/${tile.y}`;

/** Longitude and latitude of a point in tile units. */
export function toLonLat(tile: TileKey, x: number, y: number): { lng: number; lat: number } {
  const size = 2 ** tile.z;
  const lng = ((tile.x + x / EXTENT) / size) * 360 - 180;
  const mercator = Math.PI * (1 - (2 * (tile.y + y / EXTENT)) / size);
  return { lng, lat: (Math.atan(Math.sinh(mercator)) * 180) / Math.PI };
}

/** Tile and position in it of a point, at a zoom. */
export function fromLonLat(lng: number, lat: number, z: number): { tile: TileKey; x: number; y: number } {
  const size = 2 ** z;
  const radians = (lat * Math.PI) / 180;
  const fx = ((lng + 180) / 360) * size;
  const fy = ((1 - Math.asinh(Math.tan(radians)) / Math.PI) / 2) * size;
  const tile = { z, x: Math.floor(fx), y: Math.floor(fy) };
  return { tile, x: (fx - tile.x) * EXTENT, y: (fy - tile.y) * EXTENT };
}

/** A box in shares of the world, x east and y south from the north-west corner. */
export interface WorldBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** From west, south, east, north in degrees. */
export function worldBox([west, south, east, north]: readonly [number, number, number, number]): WorldBox {
  const at = (lng: number, lat: number) => {
    const { tile, x, y } = fromLonLat(lng, lat, 0);
    return [tile.x + x / EXTENT, tile.y + y / EXTENT] as const;
  };
  const [left, top] = at(west, north);
  const [right, bottom] = at(east, south);
  return { left, top, right, bottom };
}

/** True where a tile, with the margin that it carries, meets a box. */
export function tileMeets({ z, x, y }: TileKey, box: WorldBox, margin = BUFFER / EXTENT): boolean {
  const size = 2 ** z;
  return (
    box.left * size <= x + 1 + margin &&
    box.right * size >= x - margin &&
    box.top * size <= y + 1 + margin &&
    box.bottom * size >= y - margin
  );
}

/**
 * For how many seconds a tile may have been out of date because the database is away; null for every other one.
 * `Cache-Status` tells, and no header of its own: of that one a browser would keep the old value beside a 304.
 */
export function secondsBehind(status: string | null): number | null {
  const found = /ttl=-(\d+); detail=database-unavailable/.exec(status ?? "");
  return found ? Number(found[1]) : null;
}
