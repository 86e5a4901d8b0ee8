/** What the map draws of an explanation: views of the cameras, and sight lines up to where they fail. */
import type { CameraView, SightCamera, Why } from "../data/sight";
import { between } from "./geometry";
import type { Palette } from "./palette";

/** A sight line: drawn through up to `cut`, dotted from there on. */
export interface SightLine {
  readonly from: GeoJSON.Position;
  readonly cut: GeoJSON.Position;
  readonly to: GeoJSON.Position;
  /** True where the line ends at `cut`: a cross stands there. */
  readonly fails: boolean;
}

export interface SightDrawing {
  readonly point: GeoJSON.Position | null;
  readonly cameras: readonly {
    readonly letter: string;
    readonly online: boolean;
    readonly line: SightLine;
    readonly view: GeoJSON.Geometry | null;
    readonly building: GeoJSON.Geometry | null;
  }[];
  /** View of the camera that is selected. */
  readonly own: { readonly geometry: GeoJSON.Geometry; readonly online: boolean } | null;
}

export const letterOf = (index: number) => String.fromCharCode(65 + index);

/** How far the line of a camera is good, 0 to 1: to the building, to the end of its range, or not at all. */
export function goodShare(camera: SightCamera): number {
  if (camera.sees) return 1;
  const far = Math.max(camera.distance_m, 0.1);
  const fact = (name: string) => {
    const value = camera.facts[name];
    return typeof value === "number" ? value : null;
  };
  switch (camera.reason) {
    case "hidden_by_building":
      return Math.min(1, (fact("cut_m") ?? 0) / far);
    case "too_far":
      return Math.min(1, (fact("limit_m") ?? 0) / far);
    case "too_coarse":
      return 1;
    default:
      return 0;
  }
}

export function sightLine(camera: SightCamera): SightLine {
  const [from = [0, 0], to = [0, 0]] = camera.sight_line.coordinates;
  return { from, to, cut: between(from, to, goodShare(camera)), fails: !camera.sees };
}

/** `views`: what the cameras of the explanation see, as far as that is known yet. */
export function drawingOf(
  why: Why | null,
  views: ReadonlyMap<number, CameraView>,
  own: CameraView | null,
  most: number,
): SightDrawing | null {
  const view = own?.geometry ? { geometry: own.geometry, online: own.properties.online === true } : null;
  if (!why) return view && { point: null, cameras: [], own: view };
  return {
    point: [why.point.lon, why.point.lat],
    cameras: why.cameras.slice(0, most).map((camera, index) => ({
      letter: letterOf(index),
      online: !camera.failing.includes("offline"),
      line: sightLine(camera),
      view: views.get(camera.id)?.geometry ?? null,
      building: camera.reason === "hidden_by_building" ? camera.building : null,
    })),
    own: view,
  };
}

export type Project = (place: GeoJSON.Position) => [number, number];

const FONT = "600 12px sans-serif";

export function paintSight(
  pen: CanvasRenderingContext2D,
  drawing: SightDrawing,
  palette: Palette,
  project: Project,
): void {
  pen.lineJoin = "round";
  pen.lineCap = "round";
  const views = [...drawing.cameras.map(({ view, online }) => ({ view, online }))];
  if (drawing.own) views.push({ view: drawing.own.geometry, online: drawing.own.online });
  for (const { view, online } of views) if (view) paintView(pen, view, online, palette, project);
  for (const { building } of drawing.cameras) {
    if (!building) continue;
    traceAreas(pen, building, project);
    pen.globalAlpha = 0.35;
    pen.fillStyle = palette.danger;
    pen.fill("evenodd");
    pen.globalAlpha = 1;
    pen.strokeStyle = palette.danger;
    pen.lineWidth = 1.5;
    pen.stroke();
  }
  for (const { line, online } of drawing.cameras) paintLine(pen, line, online, palette, project);
  drawing.cameras.forEach(({ letter, line }) => paintLetter(pen, letter, project(line.from), palette));
  if (drawing.point) paintPoint(pen, project(drawing.point), palette);
}

/** What works is filled; what is offline is an outline of dashes. */
function paintView(
  pen: CanvasRenderingContext2D,
  view: GeoJSON.Geometry,
  online: boolean,
  palette: Palette,
  project: Project,
): void {
  traceAreas(pen, view, project);
  if (online) {
    pen.globalAlpha = 0.18;
    pen.fillStyle = palette.accent;
    pen.fill("evenodd");
    pen.globalAlpha = 1;
  }
  pen.strokeStyle = online ? palette.accent : palette.text2;
  pen.lineWidth = 1;
  pen.setLineDash(online ? [] : [4, 4]);
  pen.stroke();
  pen.setLineDash([]);
}

function paintLine(
  pen: CanvasRenderingContext2D,
  line: SightLine,
  online: boolean,
  palette: Palette,
  project: Project,
): void {
  const [from, cut, to] = [project(line.from), project(line.cut), project(line.to)];
  const stroke = (start: [number, number], end: [number, number], dash: readonly number[]) => {
    pen.beginPath();
    pen.moveTo(...start);
    pen.lineTo(...end);
    for (const [colour, width] of [
      [palette.surface, 4],
      [online ? palette.text : palette.text2, 1.75],
    ] as const) {
      pen.setLineDash(width < 2 ? [...dash] : []);
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.globalAlpha = width < 2 ? 1 : 0.6;
      pen.stroke();
    }
    pen.globalAlpha = 1;
    pen.setLineDash([]);
  };
  if (line.fails) stroke(cut, to, [1, 5]);
  stroke(from, cut, online ? [] : [5, 4]);
  if (!line.fails || Math.hypot(cut[0] - from[0], cut[1] - from[1]) < 10) return;
  pen.strokeStyle = palette.danger;
  pen.lineWidth = 2.5;
  pen.beginPath();
  for (const side of [-1, 1]) {
    pen.moveTo(cut[0] - 5, cut[1] - 5 * side);
    pen.lineTo(cut[0] + 5, cut[1] + 5 * side);
  }
  pen.stroke();
}

function paintLetter(
  pen: CanvasRenderingContext2D,
  letter: string,
  [x, y]: [number, number],
  palette: Palette,
): void {
  pen.beginPath();
  pen.arc(x, y, 9, 0, Math.PI * 2);
  pen.fillStyle = palette.surface;
  pen.fill();
  pen.strokeStyle = palette.text;
  pen.lineWidth = 1.5;
  pen.stroke();
  pen.font = FONT;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = palette.text;
  pen.fillText(letter, x, y + 0.5);
}

function paintPoint(pen: CanvasRenderingContext2D, [x, y]: [number, number], palette: Palette): void {
  for (const [colour, radius, width] of [
    [palette.surface, 9, 5],
    [palette.danger, 9, 2.5],
  ] as const) {
    pen.beginPath();
    pen.arc(x, y, radius, 0, Math.PI * 2);
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.stroke();
  }
  pen.beginPath();
  pen.arc(x, y, 2.5, 0, Math.PI * 2);
  pen.fillStyle = palette.danger;
  pen.fill();
}

/** Trace all rings of areas. */
export function traceAreas(
  pen: CanvasRenderingContext2D,
  geometry: GeoJSON.Geometry,
  project: Project,
): void {
  pen.beginPath();
  traceParts(pen, geometry, project);
}

function traceParts(pen: CanvasRenderingContext2D, geometry: GeoJSON.Geometry, project: Project): void {
  const rings =
    geometry.type === "Polygon"
      ? geometry.coordinates
      : geometry.type === "MultiPolygon"
        ? geometry.coordinates.flat()
        : [];
  if (geometry.type === "GeometryCollection")
    geometry.geometries.forEach((part) => traceParts(pen, part, project));
  for (const ring of rings) {
    ring.forEach((place, index) => {
      const [x, y] = project(place);
      if (index === 0) pen.moveTo(x, y);
      else pen.lineTo(x, y);
    });
    pen.closePath();
  }
}
