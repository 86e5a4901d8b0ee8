/** Over the map: what the view says of the region in one sentence, and below it the facts of that sentence. */
import { indicatorNow, toldNow, weighed } from "../state/playback";
import { OldFigures } from "../parts/OldFigures";
import { say, words } from "../words";
import { valueText } from "./values";

/** The indicator in front with its value. */
function figure(): string {
  const one = indicatorNow.value;
  if (!one) return words.value.wall.noTargets;
  const value = one.value === null ? words.value.wall.noValue : valueText(one, one.value);
  const unit = one.unit && one.unit.en !== "%" ? ` ${say(one.unit)}` : "";
  return `${say(one.short_title)} ${value}${unit}`;
}

export function Headline() {
  const document = toldNow.value;
  if (!document) return null;
  const w = words.value.wall;
  const all = document.indicators.length;
  const without = document.indicators.filter((one) => one.value === null).length;
  // Until the targets of an earlier day are weighed, those of the present are told, and called so.
  const targets = weighed.value ?? document;
  const old = [document, targets].find((one) => one.stale_since);
  const present = targets.as_of !== document.as_of;
  const current = targets.targets.filter((one) => one.current);
  const late = current.filter((one) => one.standing === "missed").length;
  const open = current.filter((one) => one.standing === "not_reached").length;
  const done = current.filter((one) => one.standing === "met" || one.standing === "reached").length;
  const facts = [
    current.length > 0
      ? w.targetsDone(String(done), String(current.length)) + (present ? w.ofDay(targets.as_of) : "")
      : w.noTargets,
    without > 0 ? w.without(String(without), String(all)) : w.allKnown(String(all)),
  ];
  return (
    <div class="headline">
      <h2>
        {present
          ? w.dayOf(document.region.name, document.as_of)
          : current.length > 0
            ? w.headline(document.region.name, late, open)
            : w.inFront(document.region.name, figure())}
      </h2>
      {/* In the place of the facts: what stands below would move with every change. */}
      {old ? <OldFigures of={old} /> : <p>{facts.filter(Boolean).join(" · ")}</p>}
    </div>
  );
}
