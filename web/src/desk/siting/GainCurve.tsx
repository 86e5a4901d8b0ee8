/** What each site adds, with the elbow and what it means. */
import type { SiteCurve } from "../../data/siting";
import { language } from "../../state/store";
import { count, number } from "../../words/format";
import { shareText } from "../../words/results";
import { words } from "../../words";
import { bendOf, drawBars } from "./gainBars";
import { gained, type GainKind } from "./planned";

const WIDTH = 368;
const HEIGHT = 190;
const FRAME = { left: 44, right: WIDTH - 4, top: 34, bottom: HEIGHT - 22 };

interface Props {
  readonly curve: SiteCurve;
  readonly already: number;
  readonly kind: GainKind;
}

export function GainCurve({ curve, already, kind }: Props) {
  const w = words.value.siteDesk;
  const drawing = drawBars(curve, already, FRAME);
  const bend = bendOf(curve, already);
  const title = w.gainEach[kind];
  const last = curve.covered.length;
  const text = (value: number) => count(value, language.value);
  const said = bend && [
    w.bendAt(text(bend.sites), gained(bend.gain, curve.unit)),
    w.bendNext(text(bend.sites + 1), gained(bend.next, curve.unit), shareText(bend.less, language.value)),
  ];
  // Where the line of the elbow stands far right, its words stand before it.
  const turned = drawing.elbow !== null && drawing.elbow > WIDTH * 0.5;
  const beside = (drawing.elbow ?? 0) + (turned ? -6 : 6);
  return (
    <section data-curve={last}>
      <h3 class="section">
        {title} <span class="muted">{w.unitOf[kind]}</span>
      </h3>
      <svg
        class="site-curve"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${title}: ${said ? said.join(", ") : words.value.siting.noElbow}`}
      >
        {drawing.ticks.map(({ value, y }) => (
          <g key={value}>
            <line class="tick" x1={FRAME.left} x2={FRAME.right} y1={y} y2={y} />
            <text x={FRAME.left - 6} y={y + 4} text-anchor="end">
              {number(value, language.value)}
            </text>
          </g>
        ))}
        {drawing.bars.map(({ x, y, width, height, before }, place) => (
          <rect key={place} class={before ? undefined : "rest"} x={x} y={y} width={width} height={height} />
        ))}
        <line class="axis" x1={FRAME.left} x2={FRAME.right} y1={FRAME.bottom} y2={FRAME.bottom} />
        {drawing.elbow !== null && said && (
          <>
            <line class="elbow" x1={drawing.elbow} x2={drawing.elbow} y1={4} y2={FRAME.bottom} />
            {said.map((line, place) => (
              <text
                key={line}
                class={place === 0 ? "elbow-text" : undefined}
                x={beside}
                y={14 + place * 15}
                text-anchor={turned ? "end" : "start"}
              >
                {line}
              </text>
            ))}
          </>
        )}
        <text x={FRAME.left} y={HEIGHT - 6}>
          1
        </text>
        <text x={FRAME.right} y={HEIGHT - 6} text-anchor="end">
          {text(last)}
        </text>
      </svg>
      {!bend && <p class="site-note">{words.value.siting.noElbow}</p>}
    </section>
  );
}
