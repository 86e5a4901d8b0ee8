/** Cost against what is reached: points that another beats are hollow, the others are joined. */
import type { Comparison } from "../../data/siting";
import { language } from "../../state/store";
import { number } from "../../words/format";
import { say, words } from "../../words";
import { paretoDrawing } from "./pareto";
import { sideTitle } from "./ComparePanel";

const WIDTH = 368;
const HEIGHT = 150;
const FRAME = { left: 52, right: WIDTH - 40, top: 16, bottom: HEIGHT - 34 };

export function ParetoChart({ found }: { found: Comparison }) {
  const w = words.value.siteDesk;
  const drawing = paretoDrawing(found.pareto, FRAME);
  const title = found.figures[0]?.title;
  if (drawing.points.length < 2 || !title) return null;
  const text = (value: number) => number(Number(value.toPrecision(4)), language.value);
  return (
    <>
      <h4 class="compare-sub">{w.pareto}</h4>
      <svg
        class="site-curve pareto"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${w.pareto}: ${say(title)}`}
      >
        {drawing.ticks.map(({ value, y }) => (
          <g key={value}>
            <line class="tick" x1={FRAME.left} x2={FRAME.right} y1={y} y2={y} />
            <text x={FRAME.left - 6} y={y + 4} text-anchor="end">
              {text(value)}
            </text>
          </g>
        ))}
        <line class="axis" x1={FRAME.left} x2={FRAME.right} y1={FRAME.bottom} y2={FRAME.bottom} />
        <path d={drawing.front} />
        {drawing.points.map(({ place, x, y, dominated, cost }) => (
          <g key={place} data-pareto={place}>
            <circle class={dominated ? "dominated" : undefined} cx={x} cy={y} r="5">
              {dominated && <title>{w.dominated}</title>}
            </circle>
            <text x={x} y={y - 9} text-anchor="middle">
              {sideTitle(found.sides[place]?.name ?? "")}
            </text>
            <text x={x} y={FRAME.bottom + 14} text-anchor="middle">
              {text(cost)}
            </text>
          </g>
        ))}
        <text x={(FRAME.left + FRAME.right) / 2} y={HEIGHT - 4} text-anchor="middle">
          {w.compareCost}
        </text>
      </svg>
    </>
  );
}
