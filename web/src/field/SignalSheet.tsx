/** The signal of a place on the phone: outdoors, indoors, who serves it, and the first thing that would help. */
import { useEffect, useRef } from "preact/hooks";

import type { RadioExplanation, RadioSector } from "../data/radio";
import { controller } from "../map/current";
import { Icon } from "../parts/icons";
import { ProblemNote } from "../parts/States";
import { closeSignal, explanation, signalAt, signalProblem } from "../state/signal";
import { language } from "../state/store";
import { lengthText } from "../words/lengths";
import { decibels } from "../words/results";
import { inTheWay, levelWord } from "../words/signal";
import { words } from "../words";

export function SignalSheet() {
  const w = words.value;
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus({ preventScroll: true }), [signalAt.value]);
  const found = explanation.value;
  // The answer makes the sheet higher: the place that it tells of stays in sight above it.
  useEffect(() => {
    if (found) controller.value?.reveal(found.point.lon, found.point.lat);
  }, [found, controller.value]);
  const close = () => {
    closeSignal();
    controller.value?.container.focus();
  };
  return (
    <aside class="panel right signal" aria-label={w.signal.here} data-signal={found ? found.class : ""}>
      <header class="card-head">
        <div class="card-kind">
          <span>{found ? w.signal.technologies[found.technology] : w.signal.here}</span>
          <button type="button" class="plain" aria-label={w.close} onClick={close}>
            <Icon name="close" />
          </button>
        </div>
        <h2 class="card-title" ref={head} tabIndex={-1}>
          {found ? answer(found) : w.loadingItem}
        </h2>
      </header>
      <div class="panel-scroll">
        {found ? (
          <Told found={found} />
        ) : signalProblem.value ? (
          <ProblemNote title={w.signal.failed} problem={signalProblem.value} />
        ) : (
          <div class="progress" />
        )}
      </div>
    </aside>
  );
}

/** Whether one can talk here, out of doors and at home. */
function answer({ covered, indoor }: RadioExplanation): string {
  const w = words.value.signal;
  if (covered) return indoor.covered ? w.coveredBoth : w.coveredOutdoors;
  return w.coveredNowhere;
}

function Told({ found }: { found: RadioExplanation }) {
  const w = words.value.signal;
  const { indoor, sectors, remedies } = found;
  return (
    <>
      <dl class="fields">
        <Level title={w.outdoors} level={found.level_dbm} of={found} nothing={found.no_signal_dbm} />
        <Level
          title={w.indoors(w.buildings[indoor.building_class])}
          level={indoor.level_dbm}
          of={indoor}
          nothing={found.no_signal_dbm}
        />
        <div data-server>
          <dt>{w.servedBy}</dt>
          <dd>{sectors[0] ? server(sectors[0]) : w.noSectors}</dd>
        </div>
      </dl>
      {remedies[0] && (
        <p class="palette-note" data-remedy={remedies[0].kind}>
          {remedies[0].sentence[language.value]}
        </p>
      )}
      <p class="palette-note muted">{w.prediction}</p>
    </>
  );
}

interface LevelProps {
  readonly title: string;
  readonly level: number | null;
  readonly of: Pick<RadioExplanation, "class" | "covered">;
  readonly nothing: number;
}

function Level({ title, level, of, nothing }: LevelProps) {
  const w = words.value.signal;
  const dbm = level === null ? "" : ` ${decibels(level, 0)} dBm`;
  return (
    <div data-level={of.class}>
      <dt>{title}</dt>
      <dd>
        {levelWord(of.class, level, nothing)}
        {dbm} · {of.covered ? w.covered : w.uncovered}
      </dd>
    </div>
  );
}

/** The sector that serves, how far it is, and whether it is seen. */
function server(sector: RadioSector): string {
  const told = [sector.code ?? `#${sector.id}`, lengthText(sector.distance_m, language.value)];
  return [...told, ...inTheWay(sector)].join(" · ");
}
