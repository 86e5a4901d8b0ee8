/** A symbol in the legend, from the same style and by the same shapes as on the map. */
import type { Layer } from "../data/types";
import { resolve } from "../map/styles";
import { shapePath } from "../map/symbols";
import { theme } from "../state/store";

const WIDTH = 28;
const HEIGHT = 18;
/** Zoom at which the legend reads sizes: street level. */
const LEGEND_ZOOM = 15;

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

export function LegendSymbol({ layer, classIndex }: { layer: Layer; classIndex: number }) {
  if (!layer.style) return null;
  const symbol = resolve(layer.style, classIndex, theme.value, LEGEND_ZOOM);
  const [fill, outline] = [symbol.fill ?? "none", symbol.outline ?? "none"];
  const middle = HEIGHT / 2;
  const dash = symbol.dash?.join(" ");
  const line = `M2 ${middle}H${WIDTH - 2}`;
  let body;
  const own = layer.style.symbol;
  if (layer.geometry === "point" || (layer.geometry === "any" && own.radius)) {
    const radius = clamp(symbol.radius * 1.15, 3, 6.5);
    const hollow = symbol.shape === "ring";
    const paint = {
      fill: hollow ? "none" : fill,
      stroke: hollow ? fill : outline,
      "stroke-width": hollow ? Math.max(1.4, radius * 0.38) : 1,
    };
    const path = shapePath(symbol.shape, radius);
    body = path ? (
      <path d={path} transform={`translate(${WIDTH / 2} ${middle})`} {...paint} />
    ) : (
      <circle cx={WIDTH / 2} cy={middle} r={radius} {...paint} />
    );
  } else if (layer.geometry === "line" || (layer.geometry === "any" && !own.colour)) {
    const width = clamp(symbol.width, 1.2, 5);
    const casing = symbol.outline ? clamp(symbol.outlineWidth, 0.8, 1.5) : 0;
    body = (
      <>
        {casing > 0 && <path d={line} stroke={outline} stroke-width={width + 2 * casing} />}
        <path d={line} stroke={fill} stroke-width={width} stroke-dasharray={dash} />
      </>
    );
  } else {
    body = (
      <rect
        x="3"
        y="2.5"
        width={WIDTH - 6}
        height={HEIGHT - 5}
        rx="1.5"
        fill={fill}
        fill-opacity={symbol.opacity}
        stroke={outline}
        stroke-width={symbol.outline ? clamp(symbol.outlineWidth, 1, 2) : 0}
        stroke-dasharray={dash}
      />
    );
  }
  return (
    <svg class="symbol" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} fill="none" aria-hidden="true">
      {body}
    </svg>
  );
}
