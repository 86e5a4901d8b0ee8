/** By point, polygon or line: what is drawn, how large it is, and what keeps it from being asked for. */
import { controller } from "../map/current";
import { areaOf, LEAST_WIDTH_M, lengthOf, MOST_AREA_KM2, MOST_CORNERS, MOST_WIDTH_M } from "../map/outline";
import { clickAround } from "../map/aroundClick";
import {
  type AroundKind,
  aroundKind,
  chooseKind,
  clearOutline,
  corners,
  drawing,
  drawn,
  finishOutline,
  outlineProblem,
  removeCorner,
  widthM,
} from "../state/around";
import { language, unit } from "../state/store";
import { words } from "../words";
import { decimal } from "../words/figures";
import { count } from "../words/format";
import { lengthText } from "../words/lengths";

const KINDS: readonly AroundKind[] = ["point", "polygon", "line"];

export function DrawControls() {
  const w = words.value.around;
  return (
    <>
      <div class="segments around-kinds" role="group" aria-label={w.kind}>
        {KINDS.map((kind) => (
          <button
            key={kind}
            type="button"
            data-kind={kind}
            aria-pressed={aroundKind.value === kind}
            onClick={() => chooseKind(kind)}
          >
            {w.kinds[kind]}
          </button>
        ))}
      </div>
      {drawing.value && <Outline />}
    </>
  );
}

function Outline() {
  const w = words.value.around;
  const some = corners.value.length > 0;
  const problem = outlineProblem.value;
  // Too few corners is where every outline begins; it is no fault.
  const fault = problem && problem.reason !== "corners" ? faultText() : "";
  const setHere = () => {
    const map = controller.value?.map;
    if (map) clickAround(map, map.getCenter(), unit.value);
  };
  return (
    <div class="around-draw" data-corners={corners.value.length}>
      {aroundKind.value === "line" && <Width />}
      <p class="muted" role="status">
        {sizeText()}
      </p>
      {fault && (
        <p class="ask-problem" role="alert">
          {fault}
        </p>
      )}
      <p class="around-actions">
        {!drawn.value && (
          <button
            type="button"
            class="button main"
            data-finish
            disabled={problem !== null}
            onClick={finishOutline}
          >
            {w.finish}
          </button>
        )}
        {!drawn.value && (
          <button type="button" class="button" title={w.cornerNote} onClick={setHere}>
            {w.corner}
          </button>
        )}
        <button type="button" class="button" disabled={!some} onClick={removeCorner}>
          {w.undo}
        </button>
        <button type="button" class="button" disabled={!some} onClick={clearOutline}>
          {w.again}
        </button>
      </p>
    </div>
  );
}

function Width() {
  const w = words.value.around;
  return (
    <label class="around-width">
      {w.width}
      <input
        type="number"
        min={LEAST_WIDTH_M}
        max={MOST_WIDTH_M}
        step={10}
        value={widthM.value}
        onChange={(event) => (widthM.value = event.currentTarget.valueAsNumber)}
      />
      {words.value.metres}
    </label>
  );
}

/** How many corners there are, and how long or large what they draw is. */
function sizeText(): string {
  const w = words.value.around;
  const several = corners.value;
  const drawnCorners = w.corners(count(several.length, language.value));
  if (several.length < 2) return drawnCorners;
  if (aroundKind.value === "line")
    return `${drawnCorners} · ${w.long(lengthText(lengthOf(several), language.value))}`;
  if (several.length < 3) return drawnCorners;
  return `${drawnCorners} · ${w.drawnArea(decimal(areaOf(several) / 1e6, 3, language.value))}`;
}

function faultText(): string {
  const w = words.value.around.faults;
  const problem = outlineProblem.value;
  if (problem?.reason === "crosses") return w.crosses(problem.sides[0], problem.sides[1]);
  if (problem?.reason === "many") return w.many(MOST_CORNERS);
  if (problem?.reason === "area") return w.area(MOST_AREA_KM2);
  return problem?.reason === "width" ? w.width(LEAST_WIDTH_M, MOST_WIDTH_M) : "";
}
