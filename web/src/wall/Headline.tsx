/** Over the map: the name of the view, and one sentence of what it says of the region. */
import { told } from "../state/views";
import { say, words } from "../words";

export function Headline() {
  const document = told.value;
  if (!document) return null;
  const w = words.value.wall;
  const known = document.indicators.filter((one) => one.value !== null).length;
  const late = document.targets.filter((one) => one.current && one.standing === "missed").length;
  const open = document.targets.filter((one) => one.current && one.standing === "not_reached").length;
  return (
    <div class="headline">
      <h1>{say(document.view.title)}</h1>
      <p>
        {w.headline(document.region.name, late, open)}
        {known < document.indicators.length && ` · ${w.without(String(document.indicators.length - known))}`}
      </p>
    </div>
  );
}
