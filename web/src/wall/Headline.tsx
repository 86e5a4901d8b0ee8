/** Over the map: what the view says of the region in one sentence, and below it the facts of that sentence. */
import { toldNow } from "../state/playback";
import { words } from "../words";

export function Headline() {
  const document = toldNow.value;
  if (!document) return null;
  const w = words.value.wall;
  const all = document.indicators.length;
  const without = document.indicators.filter((one) => one.value === null).length;
  const current = document.targets.filter((one) => one.current);
  const late = current.filter((one) => one.standing === "missed").length;
  const open = current.filter((one) => one.standing === "not_reached").length;
  const done = current.filter((one) => one.standing === "met" || one.standing === "reached").length;
  const facts = [
    current.length > 0 && w.targetsDone(String(done), String(current.length)),
    without > 0 ? w.without(String(without), String(all)) : w.allKnown(String(all)),
  ];
  return (
    <div class="headline">
      <h2>{w.headline(document.region.name, late, open)}</h2>
      <p>{facts.filter(Boolean).join(" · ")}</p>
    </div>
  );
}
