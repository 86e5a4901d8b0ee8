/** The view as an address: what is in the address bar is what is on the screen. */

export interface Selection {
  readonly layer: string;
  readonly id: number;
}

export interface View {
  readonly lat: number;
  readonly lng: number;
  readonly zoom: number;
}

export interface UrlState {
  /** Centre and zoom; null: the whole city. */
  readonly view: View | null;
  /** Visible layers; null: as the catalogue says. */
  readonly layers: readonly string[] | null;
  readonly selection: Selection | null;
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
  const layers = listed === null ? null : [...new Set(listed.split(",").filter((name) => NAME.test(name)))];
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
    selection,
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
  if (state.selection) parts.push(`sel=${state.selection.layer}:${state.selection.id}`);
  if (state.language) parts.push(`lang=${state.language}`);
  if (state.theme) parts.push(`theme=${state.theme}`);
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}
