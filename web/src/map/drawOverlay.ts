/** Draws what stands above the tiles. */
import type { Corner } from "./outline";
import type { TrialAnswer } from "../data/trial";
import { collectNames } from "./labels/collect";
import type { Rect } from "./labels/collide";
import { layOut, type Placed } from "./labels/layout";
import { categoryGlyphs, paintGlyphs } from "./categoryGlyphs";
import { type CountDrawing, paintCounts } from "./incidentCounts";
import type { ResultPart } from "./paintResult";
import type { OverlayFrame } from "./OverlayLayer";
import { type Easel, finishPoints, type Part, pointsOnOverlay } from "./paint";
import { FONT_FAMILY, type Palette } from "./palette";
import { paintSight, type SightDrawing } from "./sight";
import { paintTrial } from "./trial";
import { isHollow, resolve, type ThemeName } from "./styles";
import { tracePointer, traceShape } from "./symbols";
import { fromLonLat, TILE_SIZE, tileName } from "./tiles";
import { tileTransform } from "./labels/collect";

/** A drawn tile, as the vector tile layer gives it. */
export interface Tile {
  readonly parts: readonly Part[];
  readonly results: readonly ResultPart[];
}

export interface Mark {
  /** On a coloured ground the accent would be one colour among others: the mark is drawn as text is. */
  readonly onColour?: boolean;
  readonly geometry: GeoJSON.Geometry | null;
  readonly lng: number;
  readonly lat: number;
}

export interface OverlayContent {
  readonly tiles: readonly Tile[];
  readonly theme: ThemeName;
  readonly palette: Palette;
  readonly sizeOf: (size: number) => number;
  readonly selected: Mark | null;
  /** What the selected cell is part of. */
  readonly group: Mark | null;
  /** The finding that a list points at. */
  readonly pointed: Mark | null;
  readonly roving: Mark | null;
  /** Where the reader stands. */
  readonly here: Corner | null;
  /** Views and sight lines of an explanation. */
  readonly sight: SightDrawing | null;
  /** What a camera would see that is tried otherwise. */
  readonly trial: TrialAnswer | null;
  /** Incidents by cell at the present step of the clock. */
  readonly counts: CountDrawing | null;
  /** Outline of the reader's own grid. */
  readonly own: GeoJSON.Geometry | null;
}

/** Zoom from which a camera's direction is shown as a wedge. */
const WEDGE_ZOOM = 16.5;
const WEDGE_LENGTH = 26;

const widths = new Map<string, number>();

function measureWith(pen: CanvasRenderingContext2D, font: string, text: string): number {
  const key = `${font}|${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    if (widths.size > 20_000) widths.clear();
    pen.font = font;
    widths.set(key, (width = pen.measureText(text).width));
  }
  return width;
}

const fontOf = (size: number, weight: number) => `${weight} ${size}px ${FONT_FAMILY}`;

/** Draw everything; returns the names that found a place. */
export function drawOverlay(
  pen: CanvasRenderingContext2D,
  frame: OverlayFrame,
  content: OverlayContent,
): Placed[] {
  const { theme, palette, tiles } = content;
  const view = { ...frame, theme };
  if (content.counts)
    paintCounts(pen, content.counts, theme, palette.land, (place) =>
      project(view, place[0] ?? 0, place[1] ?? 0),
    );
  else {
    const place = ({ placement }: ResultPart) => tileTransform(view, placement.key);
    paintGlyphs(pen, categoryGlyphs(tiles, place), palette.land);
  }
  const symbols = drawSymbols(pen, view, tiles, palette);
  if (content.pointed) drawMark(pen, view, content.pointed, palette, 2.5);
  if (content.group) drawMark(pen, view, content.group, palette, 1.5);
  // The cell stands out of its group: many groups have parts of one cell.
  if (content.selected) drawMark(pen, view, content.selected, palette, content.group ? 3.5 : 2.5);
  const placed = layOut(collectNames(view, tiles), {
    width: frame.width,
    height: frame.height,
    sizeOf: content.sizeOf,
    measure: (text, font) => measureWith(pen, fontOf(font.size, font.weight), text),
    symbols,
    seen: frame.seen,
    covered: frame.covered,
  });
  if (content.own) drawMark(pen, view, { geometry: content.own, lng: 0, lat: 0 }, palette, 3);
  if (content.sight)
    paintSight(pen, content.sight, palette, (place) => project(view, place[0] ?? 0, place[1] ?? 0));
  if (content.trial)
    paintTrial(pen, content.trial, palette, (place) => project(view, place[0] ?? 0, place[1] ?? 0));
  drawNames(pen, placed, palette);
  if (content.roving) drawMark(pen, view, content.roving, palette, 1.5);
  if (content.here) drawHere(pen, project(view, content.here.lng, content.here.lat), palette);
  return placed;
}

function drawSymbols(
  pen: CanvasRenderingContext2D,
  view: OverlayFrame,
  tiles: readonly Tile[],
  palette: Palette,
): Rect[] {
  const boxes: Rect[] = [];
  const done = new Set<string>();
  const groups = new Map<
    string,
    { part: Part; order: number; points: Map<number, [number, number, Part, number]> }
  >();
  for (const { parts } of tiles) {
    for (const part of parts) {
      const source = `${part.layer.name}/${tileName(part.placement.key)}`;
      if (done.has(source) || !pointsOnOverlay(part.layer, view.zoom, view.theme)) continue;
      done.add(source);
      const { scale, x, y } = tileTransform(view, part.placement.key);
      const { features } = part;
      for (let index = 0; index < features.count; index++) {
        if (features.kinds[index] !== 1) continue;
        const vertex = features.vertices[features.rings[index] ?? 0] ?? 0;
        const px = (features.coordinates[vertex * 2] ?? 0) * scale + x;
        const py = (features.coordinates[vertex * 2 + 1] ?? 0) * scale + y;
        if (px < -30 || py < -30 || px > view.width + 30 || py > view.height + 30) continue;
        const group = groups.get(part.layer.name) ?? {
          part,
          order: part.layer.style.order,
          points: new Map(),
        };
        groups.set(part.layer.name, group);
        group.points.set(features.ids[index] ?? 0, [px, py, part, index]);
      }
    }
  }
  const easel: Easel = {
    pen,
    theme: view.theme,
    zoom: view.zoom,
    scale: 1,
    pixel: 1,
    background: palette.surface,
  };
  for (const { part, points } of [...groups.values()].sort((a, b) => a.order - b.order)) {
    if (view.zoom >= WEDGE_ZOOM) drawWedges(pen, view, [...points.values()]);
    const { layer } = part;
    for (const [px, py, own, index] of points.values()) {
      const properties = own.features.properties[index] ?? {};
      const symbol = resolve(layer.style, layer.classOf(properties), view.theme, view.zoom);
      if (!symbol.shown) continue;
      const bearing = properties["azimuth_deg"];
      pen.beginPath();
      if (typeof bearing === "number" && symbol.radius >= 3 && properties["view_angle_deg"] !== 360) {
        tracePointer(pen, px, py, symbol.radius, bearing);
        pen.fillStyle = symbol.fill ?? palette.text2;
        pen.fill();
        pen.beginPath();
      }
      traceShape(pen, symbol.shape, px, py, symbol.radius);
      finishPoints(easel, symbol, isHollow(properties));
      const reach = symbol.radius + 1;
      boxes.push({ left: px - reach, right: px + reach, top: py - reach, bottom: py + reach });
    }
  }
  return boxes;
}

/** Pale wedges show where cameras look; their length is a sign, not a reach. */
function drawWedges(
  pen: CanvasRenderingContext2D,
  view: OverlayFrame,
  points: readonly [number, number, Part, number][],
): void {
  pen.globalAlpha = 0.16;
  for (const [x, y, { layer, features }, index] of points) {
    const properties = features.properties[index] ?? {};
    const [bearing, angle] = [properties["azimuth_deg"], properties["view_angle_deg"]];
    if (typeof bearing !== "number" || typeof angle !== "number" || angle >= 360) continue;
    const symbol = resolve(layer.style, layer.classOf(properties), view.theme, view.zoom);
    const middle = ((bearing - 90) * Math.PI) / 180;
    const half = (angle * Math.PI) / 360;
    pen.fillStyle = symbol.fill ?? "";
    pen.beginPath();
    pen.moveTo(x, y);
    pen.arc(x, y, WEDGE_LENGTH, middle - half, middle + half);
    pen.closePath();
    pen.fill();
  }
  pen.globalAlpha = 1;
}

function drawNames(pen: CanvasRenderingContext2D, placed: readonly Placed[], palette: Palette): void {
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  for (const { name, font, glyphs, box } of placed) {
    pen.font = fontOf(font.size, font.weight);
    if (box) {
      pen.fillStyle = palette.surface;
      pen.strokeStyle = palette.border;
      pen.lineWidth = 1;
      pen.beginPath();
      pen.roundRect(box.left, box.top, box.right - box.left, box.bottom - box.top, 3);
      pen.fill();
      pen.stroke();
    }
    const water = name.layer.name === "water";
    pen.fillStyle = water ? palette.waterText : font.weight >= 600 && !box ? palette.text : palette.text2;
    pen.strokeStyle = palette.land;
    pen.lineWidth = Math.max(2.5, font.size * 0.24);
    for (const halo of box ? [false] : [true, false]) {
      for (const glyph of glyphs) {
        // Chinese characters sit a little high about the middle line of the Latin ones.
        const lift = font.size * 0.06;
        if (glyph.angle === 0) {
          if (halo) pen.strokeText(glyph.text, glyph.x, glyph.y + lift);
          else pen.fillText(glyph.text, glyph.x, glyph.y + lift);
          continue;
        }
        pen.save();
        pen.translate(glyph.x, glyph.y);
        pen.rotate(glyph.angle);
        if (halo) pen.strokeText(glyph.text, 0, lift);
        else pen.fillText(glyph.text, 0, lift);
        pen.restore();
      }
    }
  }
}

export function project(view: OverlayFrame, lng: number, lat: number): [number, number] {
  const { tile, x, y } = fromLonLat(lng, lat, 0);
  const side = TILE_SIZE * 2 ** view.zoom;
  return [(tile.x + x / 4096) * side - view.left, (tile.y + y / 4096) * side - view.top];
}

function traceGeometry(
  pen: CanvasRenderingContext2D,
  view: OverlayFrame,
  geometry: GeoJSON.Geometry,
): boolean {
  const line = (positions: readonly GeoJSON.Position[]) =>
    positions.forEach((position, index) => {
      const [x, y] = project(view, position[0] ?? 0, position[1] ?? 0);
      if (index === 0) pen.moveTo(x, y);
      else pen.lineTo(x, y);
    });
  switch (geometry.type) {
    case "LineString":
      line(geometry.coordinates);
      return true;
    case "MultiLineString":
    case "Polygon":
      geometry.coordinates.forEach(line);
      return true;
    case "MultiPolygon":
      geometry.coordinates.forEach((polygon) => polygon.forEach(line));
      return true;
    case "GeometryCollection":
      return geometry.geometries.map((part) => traceGeometry(pen, view, part)).some(Boolean);
    default:
      return false;
  }
}

/** A full dot with a rim, as phones show it. */
function drawHere(pen: CanvasRenderingContext2D, [x, y]: [number, number], palette: Palette): void {
  pen.beginPath();
  pen.arc(x, y, 8, 0, Math.PI * 2);
  pen.fillStyle = palette.accent;
  pen.fill();
  pen.strokeStyle = palette.surface;
  pen.lineWidth = 3;
  pen.stroke();
}

/** A ring about a point, a line over a line or an outline: with the place of the reader all of the accent that lies on the map. */
function drawMark(
  pen: CanvasRenderingContext2D,
  view: OverlayFrame,
  mark: Mark,
  palette: Palette,
  width: number,
): void {
  pen.lineJoin = "round";
  pen.lineCap = "round";
  pen.beginPath();
  const shaped = mark.geometry !== null && traceGeometry(pen, view, mark.geometry);
  if (!shaped) {
    const [x, y] = project(view, mark.lng, mark.lat);
    pen.arc(x, y, 11, 0, Math.PI * 2);
  }
  for (const [colour, extra] of [
    [palette.surface, mark.onColour ? 4 : 2.5],
    [mark.onColour ? palette.text : palette.accent, 0],
  ] as const) {
    pen.strokeStyle = colour;
    pen.lineWidth = width + extra;
    pen.stroke();
  }
  if (mark.geometry && !mark.onColour && /Polygon/.test(mark.geometry.type)) {
    pen.globalAlpha = 0.08;
    pen.fillStyle = palette.accent;
    pen.fill("evenodd");
    pen.globalAlpha = 1;
  }
}
