/** Results in the layer panel: a switch for each that is published. */
import type { ResultLayer } from "../data/results";
import { isOutOfDate } from "../map/results";
import { isShown, published, shownResults, toggleResult } from "../state/results";
import { panel, theme } from "../state/store";
import { words } from "../words";
import { LayerSwitch } from "./LayerSwitch";
import { regionText, resultTitle, timeText } from "./naming";

export function ResultGroup() {
  const w = words.value;
  // A run that is shown by its number stands beside what is published.
  const own = shownResults.value.filter((one) => published.value.every((other) => other.run !== one.run));
  const layers = [...published.value, ...own];
  return (
    <section class="group" aria-label={w.resultGroup}>
      <h3>{w.resultGroup}</h3>
      {layers.length === 0 && (
        <p class="palette-note">
          {w.resultsNone}{" "}
          <button type="button" class="link" onClick={() => (panel.value = "analysis")}>
            {w.resultsStart}
          </button>
        </p>
      )}
      <ul>
        {layers.map((layer) => (
          <ResultRow key={layer.run} layer={layer} />
        ))}
      </ul>
    </section>
  );
}

function ResultRow({ layer }: { layer: ResultLayer }) {
  const w = words.value;
  return (
    <li class="layer">
      <LayerSwitch
        on={isShown(layer)}
        toggle={() => toggleResult(layer)}
        kind="result-switch"
        data={{
          "data-result": layer.name,
          "data-region": layer.region ?? "",
          "data-subject": layer.subject,
        }}
      >
        <RampSymbol layer={layer} />
        <span class="layer-name">
          {resultTitle(layer)}
          <small>
            {regionText(layer.region)} · {timeText(layer.finished_at)}
          </small>
        </span>
        {isOutOfDate(layer) && (
          <span class="badge stale" title={w.outOfDateNote}>
            {w.outOfDate}
          </span>
        )}
      </LayerSwitch>
    </li>
  );
}

/** Three cells from little to much. */
export function RampSymbol({ layer }: { layer: ResultLayer }) {
  const ramp = layer.style.ramp[theme.value];
  const picked = [ramp[0], ramp[Math.floor(ramp.length / 2)], ramp.at(-1)];
  return (
    <svg class="symbol" viewBox="0 0 28 18" aria-hidden="true">
      {picked.map((colour, index) => (
        <path
          key={index}
          d="M2.500 0h5L10 4.300l-2.500 4.300h-5L0 4.300z"
          transform={`translate(${1 + index * 8} ${index === 1 ? 9 : 4.6})`}
          fill={colour}
        />
      ))}
    </svg>
  );
}
