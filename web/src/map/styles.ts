/** Layer definitions to what the painter needs: colours of the theme, sizes at a zoom, a class per feature. */
import type { Colour, Layer, Shape, Stops, Style, Symbol } from "../data/types";
import type { Properties } from "./tiles";

export type ThemeName = "light" | "dark";

/** A symbol with nothing left open, for one theme and one zoom. Sizes are design pixels. */
export interface Drawn {
  readonly fill: string | null;
  readonly outline: string | null;
  readonly opacity: number;
  readonly width: number;
  readonly outlineWidth: number;
  readonly radius: number;
  readonly shape: Shape;
  readonly dash: readonly number[] | null;
  /** False below the symbol's own smallest zoom. */
  readonly shown: boolean;
}

/** Size at a zoom: interpolated between stops, constant outside. */
export function sizeAt(stops: Stops | null | undefined, zoom: number, missing: number): number {
  const first = stops?.[0];
  if (!stops || !first) return missing;
  let [lowZoom, low] = first;
  if (zoom <= lowZoom) return low;
  for (const [highZoom, high] of stops) {
    if (zoom <= highZoom) {
      return highZoom === lowZoom ? high : low + ((high - low) * (zoom - lowZoom)) / (highZoom - lowZoom);
    }
    [lowZoom, low] = [highZoom, high];
  }
  return low;
}

const pick = (colour: Colour | null | undefined, theme: ThemeName) => colour?.[theme] ?? null;

/** Fill in a class's symbol from the layer's own. */
export function resolve(style: Style, index: number, theme: ThemeName, zoom: number): Drawn {
  const base = style.symbol;
  const own: Symbol = style.classes[index]?.symbol ?? {};
  const fill = pick(own.colour ?? base.colour, theme);
  const outline = pick(own.outline ?? base.outline, theme);
  const outlineStops = own.outline_width ?? base.outline_width;
  return {
    fill,
    outline,
    opacity: own.opacity ?? base.opacity ?? 1,
    width: sizeAt(own.width ?? base.width, zoom, 1),
    outlineWidth: outline === null ? 0 : sizeAt(outlineStops, zoom, 1),
    radius: sizeAt(own.radius ?? base.radius, zoom, 3),
    shape: own.shape ?? base.shape ?? "circle",
    dash: own.dash ?? base.dash ?? null,
    shown: zoom >= (own.min_zoom ?? base.min_zoom ?? 0),
  };
}

/** Make the function that finds a feature's class: its index in the style, or -1. */
export function classifier(style: Style): (properties: Properties) => number {
  const by = style.by;
  if (!by) return () => -1;
  const index = new Map<string | number | boolean, number>();
  style.classes.forEach((one, position) => one.values.forEach((value) => index.set(value, position)));
  return (properties) => {
    const value = properties[by];
    return value === undefined ? -1 : (index.get(value) ?? -1);
  };
}

/** A layer ready for drawing. */
export interface DrawLayer {
  readonly name: string;
  readonly definition: Layer;
  readonly style: Style;
  readonly minZoom: number;
  readonly maxZoom: number;
  readonly classOf: (properties: Properties) => number;
  /** Drawn in the first of the two tile requests. */
  readonly base: boolean;
  /** A neighbour of the city, drawn as an outline only. */
  readonly isForeign: (properties: Properties) => boolean;
}

/** True for what results lie on, and for regions: at a cell, the cell is meant. */
export const isGround = (layer: Layer) => BASE_GROUPS.has(layer.style?.group ?? "");

const BASE_GROUPS: ReadonlySet<string> = new Set(["base_map", "base", "regions"]);

/** Layer whose features are whole cities or counties: the city itself and its neighbours. */
const CITIES = "counties";

/** Prepare the drawable layers of a catalogue, lowest first; `home` is the code of the city's own region. */
export function compile(layers: readonly Layer[], home: string | null = null): DrawLayer[] {
  return layers.flatMap((definition) => {
    const { style, zoom } = definition;
    if (!style || !zoom) return [];
    return [
      {
        name: definition.name,
        definition,
        style,
        minZoom: zoom.min,
        maxZoom: zoom.max,
        classOf: classifier(style),
        base: BASE_GROUPS.has(style.group),
        isForeign: (properties) => home !== null && definition.name === CITIES && properties["code"] !== home,
      },
    ];
  });
}

/** Lifecycle words that are drawn hollow or dashed: not, or no longer, in service. */
export function isHollow(properties: Properties): boolean {
  const status = properties["status"];
  return status !== undefined && status !== "in_service";
}
