/** The view as an address: what is in the address bar is what is on the screen. */

import { type StepName, STEPS } from "../data/counts";
import { TECHNOLOGIES, type Technology } from "../data/radio";

export interface Selection {
  readonly layer: string;
  readonly id: number;
}

export interface View {
  readonly lat: number;
  readonly lng: number;
  readonly zoom: number;
}

/** A result on the map: the one that is published for a kind, subject and region, or that of one run. */
export interface ResultRef {
  readonly kind: string;
  /** What it shows; empty: the one that has no subject, or else the newest of its kind. */
  readonly subject: string;
  /** Code of a region; null: the whole city. */
  readonly region: string | null;
  /** null: whichever run is published. */
  readonly run: number | null;
}

/** A cell of the result of a run. */
export interface CellRef {
  readonly run: number;
  readonly cell: string;
}

/** A place whose signal is asked for. */
export interface SignalRef {
  readonly lat: number;
  readonly lng: number;
  readonly technology: Technology;
}

/** A place whose surroundings are asked for. */
export interface PlaceRef {
  readonly lat: number;
  readonly lng: number;
}

/** The clock of incidents. */
export interface TimeRef {
  /** 1h, 6h, 24h, 7d, or two days with a slash between. */
  readonly window: string;
  /** null: what suits the window. */
  readonly step: StepName | null;
  readonly cumulative: boolean;
}

const PANELS = ["list", "analysis", "sight", "hotspots", "gaps"] as const;
export type PanelName = (typeof PANELS)[number];

export interface UrlState {
  /** Centre and zoom; null: the whole city. */
  readonly view: View | null;
  /** Visible layers; null: as the catalogue says. */
  readonly layers: readonly string[] | null;
  /** Rasters that are switched on. */
  readonly rasters: readonly string[];
  readonly selection: Selection | null;
  /** Results on the map, lowest first. */
  readonly results: readonly ResultRef[];
  /** Column that colours the results that have such a picture; null: as usual. */
  readonly picture: string | null;
  readonly cell: CellRef | null;
  /** The run whose table is open. */
  readonly table: number | null;
  readonly signal: SignalRef | null;
  readonly around: PlaceRef | null;
  readonly time: TimeRef | null;
  /** Day that the layers are shown as of; null: the present. */
  readonly day: string | null;
  /** Panel in front; null: the layers. */
  readonly panel: PanelName | null;
  readonly language: "zh" | "en" | null;
  readonly theme: "light" | "dark" | null;
}

const NAME = /^[a-z][a-z0-9_]{0,47}$/;
/** Five decimals are about one metre. */
const DECIMALS = 5;

function number(text: string | undefined | null, low: number, high: number): number | null {
  if (text === undefined || text === null || !/^-?\d+(\.\d+)?$/.test(text)) return null;
  const value = Number(text);
  return value >= low && value <= high ? value : null;
}

const whole = (text: string | null | undefined) =>
  text !== null && text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;

const REFERENCE =
  /^([a-z][a-z0-9_]{0,47})(?::(\d{1,15})|((?:\.[0-9A-Za-z_~-]{1,60}){0,4})(?:@([0-9A-Za-z]{1,36}))?)$/;

/** Read `kind`, `kind.subject`, either with `@region`, or `kind:run`; null where it is none of them. */
export function readReference(text: string): ResultRef | null {
  const found = REFERENCE.exec(text);
  if (!found?.[1]) return null;
  return {
    kind: found[1],
    subject: (found[3] ?? "").slice(1),
    region: found[4] ?? null,
    run: whole(found[2]),
  };
}

/** Write a result so that `readReference` reads it back. */
export function writeReference({ kind, subject, region, run }: ResultRef): string {
  if (run !== null) return `${kind}:${run}`;
  const what = subject === "" ? kind : `${kind}.${subject}`;
  return region === null ? what : `${what}@${region}`;
}

const names = (text: string | null) => [
  ...new Set((text ?? "").split(",").filter((name) => NAME.test(name))),
];

function readResults(text: string | null): ResultRef[] {
  const found = new Map<string, ResultRef>();
  for (const part of (text ?? "").split(",").slice(0, 8)) {
    const reference = readReference(part);
    if (reference) found.set(writeReference(reference), reference);
  }
  return [...found.values()];
}

function readCell(text: string | null): CellRef | null {
  const [run, cell, more] = (text ?? "").split(":");
  const number = whole(run);
  if (number === null || cell === undefined || more !== undefined) return null;
  return /^8[0-9a-f]{14}$/.test(cell) ? { run: number, cell } : null;
}

function readPlace(text: string | null): PlaceRef | null {
  const [south, east, more] = (text ?? "").split(",");
  const [lat, lng] = [number(south, -85, 85), number(east, -180, 180)];
  return lat === null || lng === null || more !== undefined ? null : { lat, lng };
}

function readSignal(text: string | null): SignalRef | null {
  const [south, east, name, more] = (text ?? "").split(",");
  const lat = number(south, -85, 85);
  const lng = number(east, -180, 180);
  const technology = TECHNOLOGIES.find((one) => one === name);
  return lat === null || lng === null || !technology || more !== undefined ? null : { lat, lng, technology };
}

const WINDOW = /^(1h|6h|24h|7d|\d{4}-\d\d-\d\d\/\d{4}-\d\d-\d\d)$/;

function readTime(text: string | null): TimeRef | null {
  const [window = "", ...more] = (text ?? "").split(".");
  if (!WINDOW.test(window)) return null;
  const step = STEPS.find((one) => more.includes(one)) ?? null;
  return { window, step, cumulative: more.includes("sum") };
}

const readDay = (text: string | null) =>
  text !== null && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : null;

/**
 * Read the state from a query string. What is missing, unknown or out of range is left to its default: an old
 * or shortened link still opens.
 */
export function readUrl(query: string): UrlState {
  const keys = new URLSearchParams(query);
  const [south, east, rest] = (keys.get("c") ?? "").split(",");
  const lat = number(south, -85, 85);
  const lng = number(east, -180, 180);
  const zoom = number(keys.get("z"), 0, 24);
  const view =
    lat !== null && lng !== null && zoom !== null && rest === undefined ? { lat, lng, zoom } : null;
  const listed = keys.get("l");
  const layers = listed === null ? null : names(listed);
  const [layer, id, more] = (keys.get("sel") ?? "").split(":");
  const selection =
    layer !== undefined && NAME.test(layer) && id !== undefined && /^\d{1,15}$/.test(id) && more === undefined
      ? { layer, id: Number(id) }
      : null;
  const language = keys.get("lang");
  const theme = keys.get("theme");
  return {
    view,
    layers,
    rasters: names(keys.get("g")),
    selection,
    results: readResults(keys.get("r")),
    picture: names(keys.get("by"))[0] ?? null,
    cell: readCell(keys.get("cell")),
    table: whole(keys.get("table")),
    signal: readSignal(keys.get("sig")),
    around: readPlace(keys.get("around")),
    time: readTime(keys.get("t")),
    day: readDay(keys.get("d")),
    panel: PANELS.find((one) => one === keys.get("p")) ?? null,
    language: language === "zh" || language === "en" ? language : null,
    theme: theme === "light" || theme === "dark" ? theme : null,
  };
}

/** Plain decimals without trailing zeros; String() would write 0.00001 as 1e-5. */
const trimmed = (value: number, decimals: number) =>
  (value + 0)
    .toFixed(decimals)
    .replace(/\.?0+$/, "")
    .replace(/^-0$/, "0");

/** Write the state as a query string; defaults are left out. */
export function writeUrl(state: UrlState): string {
  const parts: string[] = [];
  if (state.view) {
    parts.push(`c=${trimmed(state.view.lat, DECIMALS)},${trimmed(state.view.lng, DECIMALS)}`);
    parts.push(`z=${trimmed(state.view.zoom, 2)}`);
  }
  if (state.layers) parts.push(`l=${state.layers.join(",")}`);
  if (state.rasters.length > 0) parts.push(`g=${state.rasters.join(",")}`);
  if (state.selection) parts.push(`sel=${state.selection.layer}:${state.selection.id}`);
  if (state.results.length > 0) parts.push(`r=${state.results.map(writeReference).join(",")}`);
  if (state.picture) parts.push(`by=${state.picture}`);
  if (state.cell) parts.push(`cell=${state.cell.run}:${state.cell.cell}`);
  if (state.table !== null) parts.push(`table=${state.table}`);
  if (state.signal) {
    const { lat, lng, technology } = state.signal;
    parts.push(`sig=${trimmed(lat, DECIMALS)},${trimmed(lng, DECIMALS)},${technology}`);
  }
  if (state.around) {
    parts.push(`around=${trimmed(state.around.lat, DECIMALS)},${trimmed(state.around.lng, DECIMALS)}`);
  }
  if (state.time) {
    const { window, step, cumulative } = state.time;
    parts.push(`t=${[window, ...(step ? [step] : []), ...(cumulative ? ["sum"] : [])].join(".")}`);
  }
  if (state.day) parts.push(`d=${state.day}`);
  if (state.panel) parts.push(`p=${state.panel}`);
  if (state.language) parts.push(`lang=${state.language}`);
  if (state.theme) parts.push(`theme=${state.theme}`);
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}
