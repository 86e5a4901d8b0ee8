/** Draws the features of one tile: areas, lines with their casings, small points. Text comes later, on top. */
import { type Drawn, type DrawLayer, isHollow, resolve, type ThemeName } from "./styles";
import { traceShape } from "./symbols";
import { EXTENT, type Placement, type TileFeatures } from "./tiles";

/** What is drawn, and how large a design pixel is. */
export interface Easel {
  readonly pen: CanvasRenderingContext2D;
  readonly theme: ThemeName;
  /** Zoom of the map: styles are read at it. */
  readonly zoom: number;
  /** Canvas pixels per tile unit. */
  readonly scale: number;
  /** Canvas pixels per design pixel. */
  readonly pixel: number;
  readonly background: string;
}

export interface Part {
  readonly layer: DrawLayer;
  readonly features: TileFeatures;
  readonly placement: Placement;
}

/** Largest point symbol, in design pixels, that the tiles' own margin can hold; larger ones go on the overlay. */
export const TILE_POINT_LIMIT = 3.9;

const POINT = 1;
const LINE = 2;
const POLYGON = 3;
const HOLLOW_DASH = [5, 3];

/** Features of one kind and class, in drawing order of classes: those named first lie on top. */
interface Bundle {
  readonly symbol: Drawn;
  readonly hollow: boolean;
  readonly foreign: boolean;
  readonly members: number[];
}

function bundles(part: Part, kind: number, easel: Easel): Bundle[] {
  const { features, layer } = part;
  const found = new Map<number, Bundle>();
  for (let index = 0; index < features.count; index++) {
    if (features.kinds[index] !== kind) continue;
    const properties = features.properties[index] ?? {};
    const position = layer.classOf(properties);
    const hollow = isHollow(properties);
    const foreign = layer.isForeign(properties);
    const key = (position * 2 + (hollow ? 1 : 0)) * 2 + (foreign ? 1 : 0);
    let bundle = found.get(key);
    if (!bundle) {
      const symbol = resolve(layer.style, position, easel.theme, easel.zoom);
      found.set(key, (bundle = { symbol, hollow, foreign, members: [] }));
    }
    if (bundle.symbol.shown) bundle.members.push(index);
  }
  const rank = (key: number) => (key < 0 ? Number.MAX_SAFE_INTEGER : key);
  return [...found.entries()]
    .sort(([a], [b]) => rank(b) - rank(a))
    .map(([, bundle]) => bundle)
    .filter((bundle) => bundle.members.length > 0);
}

/** Add a feature's outline to the current path. */
export function trace(
  pen: CanvasRenderingContext2D,
  features: TileFeatures,
  index: number,
  close: boolean,
): void {
  const { rings, vertices, coordinates } = features;
  const last = rings[index + 1] ?? 0;
  for (let ring = rings[index] ?? 0; ring < last; ring++) {
    const from = vertices[ring] ?? 0;
    const to = vertices[ring + 1] ?? 0;
    for (let vertex = from; vertex < to; vertex++) {
      const x = coordinates[vertex * 2] ?? 0;
      const y = coordinates[vertex * 2 + 1] ?? 0;
      if (vertex === from) pen.moveTo(x, y);
      else pen.lineTo(x, y);
    }
    if (close) pen.closePath();
  }
}

/** Trace rings so that an edge that two neighbours share is drawn once: a dashed limit stays dashed. */
function traceLimits(
  pen: CanvasRenderingContext2D,
  features: TileFeatures,
  members: readonly number[],
): void {
  const seen = new Set<number>();
  const { rings, vertices, coordinates } = features;
  const point = (vertex: number) =>
    ((coordinates[vertex * 2] ?? 0) + 16384) * 32768 + ((coordinates[vertex * 2 + 1] ?? 0) + 16384);
  for (const index of members) {
    for (let ring = rings[index] ?? 0; ring < (rings[index + 1] ?? 0); ring++) {
      let down = false;
      for (let vertex = vertices[ring] ?? 0; vertex + 1 < (vertices[ring + 1] ?? 0); vertex++) {
        const a = point(vertex);
        const b = point(vertex + 1);
        // Both ends go into one number; a rare clash leaves one edge out, which nobody can see.
        const edge = Math.min(a, b) * 1048583 + Math.max(a, b);
        if (seen.has(edge)) {
          down = false;
          continue;
        }
        seen.add(edge);
        if (!down) pen.moveTo(coordinates[vertex * 2] ?? 0, coordinates[vertex * 2 + 1] ?? 0);
        pen.lineTo(coordinates[vertex * 2 + 2] ?? 0, coordinates[vertex * 2 + 3] ?? 0);
        down = true;
      }
    }
  }
}

/** Put the pen into units of a source tile; returns a design pixel in them. */
export function place(easel: Easel, placement: Placement): number {
  const { pen, scale } = easel;
  const own = scale * placement.scale;
  pen.setTransform(own, 0, 0, own, placement.dx * scale, placement.dy * scale);
  return easel.pixel / own;
}

/** Where one layer holds points and areas, its areas are a tint: a full fill would hide what lies in them. */
const isPale = ({ definition, style }: DrawLayer) =>
  definition.geometry === "any" && style.symbol.radius != null;

function fillAreas(part: Part, easel: Easel): void {
  const { pen } = easel;
  place(easel, part.placement);
  const pale = isPale(part.layer);
  for (const { symbol, members, hollow, foreign } of bundles(part, POLYGON, easel)) {
    if (symbol.fill === null || symbol.opacity <= 0 || foreign) continue;
    pen.globalAlpha = symbol.opacity * (pale ? 0.16 : hollow ? 0.4 : 1);
    pen.fillStyle = symbol.fill;
    pen.beginPath();
    for (const index of members) trace(pen, part.features, index, true);
    pen.fill();
  }
  pen.globalAlpha = 1;
}

function strokeAreas(part: Part, easel: Easel): void {
  const { pen } = easel;
  const pixel = place(easel, part.placement);
  pen.lineJoin = "round";
  pen.lineCap = "butt";
  const pale = isPale(part.layer);
  for (const { symbol, members, hollow, foreign } of bundles(part, POLYGON, easel)) {
    const colour = pale ? symbol.fill : symbol.outline;
    if (colour === null || symbol.outlineWidth <= 0) continue;
    const dash = hollow ? HOLLOW_DASH : symbol.dash;
    pen.strokeStyle = colour;
    pen.lineWidth = symbol.outlineWidth * pixel * (foreign ? 0.5 : 1);
    pen.setLineDash(dash ? dash.map((length) => length * pixel) : []);
    pen.beginPath();
    if (dash) traceLimits(pen, part.features, members);
    else for (const index of members) trace(pen, part.features, index, true);
    pen.stroke();
  }
  pen.setLineDash([]);
}

function strokeLines(part: Part, easel: Easel): void {
  const { pen } = easel;
  const pixel = place(easel, part.placement);
  const all = bundles(part, LINE, easel);
  pen.lineJoin = "round";
  // All casings lie under all fills: where streets cross, the crossing is open.
  for (const casing of [true, false]) {
    for (const { symbol, members, hollow } of all) {
      if (
        casing
          ? symbol.outline === null || symbol.outlineWidth <= 0
          : symbol.fill === null || symbol.width <= 0
      )
        continue;
      const dash = casing ? null : hollow ? HOLLOW_DASH : symbol.dash;
      pen.lineCap = dash ? "butt" : "round";
      pen.globalAlpha = symbol.opacity;
      pen.strokeStyle = (casing ? symbol.outline : symbol.fill) ?? "";
      pen.lineWidth = (casing ? symbol.width + 2 * symbol.outlineWidth : symbol.width) * pixel;
      pen.setLineDash(dash ? dash.map((length) => length * pixel) : []);
      pen.beginPath();
      for (const index of members) trace(pen, part.features, index, false);
      pen.stroke();
    }
  }
  pen.globalAlpha = 1;
  pen.setLineDash([]);
}

/** Fill and outline the current path as a point symbol; hollow ones show the ground inside. */
export function finishPoints(easel: Easel, symbol: Drawn, hollow: boolean): void {
  const { pen, pixel } = easel;
  const ring = symbol.shape === "ring";
  pen.globalAlpha = symbol.opacity;
  if (hollow || ring) {
    pen.fillStyle = easel.background;
    pen.fill();
    pen.strokeStyle = symbol.fill ?? symbol.outline ?? "";
    pen.lineWidth = Math.max(1, symbol.radius * 0.38) * pixel;
    pen.stroke();
  } else {
    if (symbol.outline !== null && symbol.outlineWidth > 0) {
      pen.strokeStyle = symbol.outline;
      pen.lineWidth = symbol.outlineWidth * 2 * pixel;
      pen.stroke();
    }
    if (symbol.fill !== null) {
      pen.fillStyle = symbol.fill;
      pen.fill();
    }
  }
  pen.globalAlpha = 1;
}

/** True where this layer's points are too large for tiles at a zoom. */
export function pointsOnOverlay(layer: DrawLayer, zoom: number, theme: ThemeName): boolean {
  const positions = [-1, ...layer.style.classes.keys()];
  return positions.some((position) => {
    const symbol = resolve(layer.style, position, theme, zoom);
    return symbol.radius * 1.2 + symbol.outlineWidth > TILE_POINT_LIMIT;
  });
}

function drawPoints(part: Part, easel: Easel): void {
  const { pen, pixel, scale } = easel;
  const { features, placement } = part;
  pen.setTransform(1, 0, 0, 1, 0, 0);
  const { coordinates, vertices, rings } = features;
  for (const { symbol, members, hollow } of bundles(part, POINT, easel)) {
    pen.beginPath();
    for (const index of members) {
      for (let ring = rings[index] ?? 0; ring < (rings[index + 1] ?? 0); ring++) {
        const vertex = vertices[ring] ?? 0;
        const x = ((coordinates[vertex * 2] ?? 0) * placement.scale + placement.dx) * scale;
        const y = ((coordinates[vertex * 2 + 1] ?? 0) * placement.scale + placement.dy) * scale;
        traceShape(pen, symbol.shape, x, y, symbol.radius * pixel);
      }
    }
    finishPoints(easel, symbol, hollow);
  }
}

/** The land itself is drawn first, its limit last, above streets and water. */
const isLand = ({ layer }: Part) => layer.style.group === "regions" && layer.style.symbol.colour != null;

/** Limits and everything that is no base map lie above results. */
const isAboveResults = (part: Part) =>
  !part.layer.base || (part.layer.style.group === "regions" && !isLand(part));

/** Draw all parts of a tile, lowest layer first; `between` draws what lies on the base map and under the rest. */
export function paintTile(easel: Easel, parts: readonly Part[], between: () => void): void {
  const { pen } = easel;
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.fillStyle = easel.background;
  pen.fillRect(0, 0, pen.canvas.width, pen.canvas.height);
  const first = parts.findIndex(isAboveResults);
  const [ground, above] = first < 0 ? [parts, []] : [parts.slice(0, first), parts.slice(first)];
  for (const part of ground) paintPart(easel, part);
  between();
  for (const land of parts.filter(isLand)) strokeAreas(land, easel);
  for (const part of above) paintPart(easel, part);
  pen.setTransform(1, 0, 0, 1, 0, 0);
}

function paintPart(easel: Easel, part: Part): void {
  fillAreas(part, easel);
  if (!isLand(part)) strokeAreas(part, easel);
  strokeLines(part, easel);
  if (!pointsOnOverlay(part.layer, easel.zoom, easel.theme)) drawPoints(part, easel);
}

/** Canvas pixels per tile unit of a tile that is `side` canvas pixels wide. */
export const unitScale = (side: number) => side / EXTENT;
