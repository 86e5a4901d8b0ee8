/** The frame of a panel of findings: of which run, the answer in one line, a way to close it. */
import type { ComponentChildren } from "preact";

import type { ResultLayer, Run } from "../data/results";
import { regionText, resultTitle, timeText } from "../parts/naming";
import { hotspotsClosed, listenedTo, telling } from "../state/results";
import { say, words } from "../words";
import { SideCard } from "./SideCard";

interface Frame {
  readonly layer: ResultLayer;
  readonly run: Run;
  readonly label: string;
  readonly answer: ComponentChildren;
  /** In place of region and run. */
  readonly sub?: ComponentChildren;
  readonly sort?: string;
  readonly children: ComponentChildren;
}

export function FindingsFrame({ layer, run, label, answer, sub, sort = "findings", children }: Frame) {
  const w = words.value;
  return (
    <SideCard
      sort={sort}
      label={label}
      kind={resultTitle(layer)}
      answer={answer}
      close={() => (hotspotsClosed.value = layer.run)}
      data={{ [`data-${sort}`]: layer.run }}
      head={
        <>
          {sub ?? (
            <div class="card-sub">
              <span>{regionText(layer.region)}</span>
              <span>{w.runAt(run.id, timeText(run.finished_at))}</span>
            </div>
          )}
          <Others layer={layer} />
        </>
      }
    >
      {children}
    </SideCard>
  );
}

/** What else on the map tells what it found. */
function Others({ layer }: { layer: ResultLayer }) {
  if (telling.value.length < 2) return null;
  return (
    <div class="segments" role="tablist" aria-label={words.value.analysisKind}>
      {telling.value.map((one) => (
        <button
          key={one.run}
          type="button"
          role="tab"
          aria-selected={one.run === layer.run}
          data-told={one.name}
          onClick={() => (listenedTo.value = one.run)}
        >
          {telling.value.filter(({ name }) => name === one.name).length > 1
            ? resultTitle(one)
            : say(one.title)}
        </button>
      ))}
    </div>
  );
}
