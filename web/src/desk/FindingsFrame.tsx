/** The frame of a panel of findings: of which run, the answer in one line, a way to close it. */
import type { ComponentChildren } from "preact";

import type { ResultLayer, Run } from "../data/results";
import { Icon } from "../parts/icons";
import { regionText, resultTitle, timeText } from "../parts/naming";
import { hotspotsClosed } from "../state/results";
import { words } from "../words";

interface Frame {
  readonly layer: ResultLayer;
  readonly run: Run;
  readonly label: string;
  readonly answer: string;
  readonly children: ComponentChildren;
}

export function FindingsFrame({ layer, run, label, answer, children }: Frame) {
  const w = words.value;
  return (
    <aside class="panel right findings" aria-label={label} data-findings={layer.run}>
      <header class="card-head">
        <div class="card-kind">
          <span>{resultTitle(layer)}</span>
          <button
            type="button"
            class="plain"
            aria-label={w.close}
            onClick={() => (hotspotsClosed.value = layer.run)}
          >
            <Icon name="close" />
          </button>
        </div>
        <h2 class="card-title">{answer}</h2>
        <div class="card-sub">
          <span>{regionText(layer.region)}</span>
          <span>{w.runAt(run.id, timeText(run.finished_at))}</span>
        </div>
      </header>
      <div class="panel-scroll">{children}</div>
    </aside>
  );
}
