/** Accident-prone stretches: by the test, by the official rule, or by both; what was counted against what was expected. */
import { useSignal } from "@preact/signals";

import type { AccidentStretch } from "../data/findings";
import { controller } from "../map/current";
import { linesOf, pointed } from "../state/findings";
import { recordOf, told } from "../state/results";
import { language } from "../state/store";
import { count, number } from "../words/format";
import { lengthText } from "../words/lengths";
import { say, words } from "../words";
import { FindingsFrame } from "./FindingsFrame";

/** Stretches that the list shows before it is asked for all. */
const FIRST = 12;

export function AccidentPanel() {
  const w = words.value;
  const layer = told.value;
  const run = recordOf(layer?.run);
  const found = run?.summary?.findings as readonly AccidentStretch[] | undefined;
  const all = useSignal(false);
  if (!layer || !run || !found) return null;
  const shown = all.value ? found : found.slice(0, FIRST);
  const byRule = found.filter((one) => one.rule !== null);
  const alsoByTest = byRule.filter((one) => one.named_by === "both").length;
  return (
    <FindingsFrame
      layer={layer}
      run={run}
      label={w.accidents.label}
      answer={w.accidents.answer(byRule.length, alsoByTest, found.length - byRule.length)}
    >
      <ol class="finding-list">
        {shown.map((one) => (
          <Row key={one.id} run={run.id} one={one} />
        ))}
      </ol>
      {shown.length < found.length && (
        <button type="button" class="link" onClick={() => (all.value = true)}>
          {w.allHotspots(found.length)}
        </button>
      )}
    </FindingsFrame>
  );
}

function Row({ run, one }: { run: number; one: AccidentStretch }) {
  const w = words.value;
  const text = (value: number) => count(value, language.value);
  const go = () => {
    pointed.value = { run, key: one.id, geometry: linesOf(one.lines ?? []) };
    controller.peek()?.fit([...one.bbox], true, 16);
  };
  const harmed = [
    one.killed > 0 && w.accidents.killed(text(one.killed)),
    one.injured > 0 && w.accidents.injured(text(one.injured)),
  ].filter(Boolean);
  return (
    <li>
      <button
        type="button"
        data-stretch={one.id}
        aria-pressed={pointed.value?.run === run && pointed.value.key === one.id}
        onClick={go}
      >
        <span class="finding-title">
          {one.road ?? w.radioFindings.nameless} <span class="muted">{w.accidents.by[one.named_by]}</span>
        </span>
        <span class="finding-count">{w.accidents.events(text(one.events))}</span>
        <span class="finding-why">
          {[lengthText(one.length_m, language.value), ...harmed].join(" · ")} ·{" "}
          {w.accidents.around(
            text(one.around),
            number(Number(one.expected.toFixed(1)), language.value),
            one.z.toFixed(1),
          )}
        </span>
        {one.rule && <span class="finding-why">{say(one.rule)}</span>}
      </button>
    </li>
  );
}
