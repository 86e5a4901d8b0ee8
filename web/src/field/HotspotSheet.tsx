/** Hotspots for who is outside: those of one's own grid and the nearest ones first; a tap goes there on the map. */
import type { Hotspot } from "../data/findings";
import type { ResultLayer, Run } from "../data/results";
import { HotspotRow } from "../desk/HotspotRow";
import { Icon } from "../parts/icons";
import { ListAside } from "../parts/MapDay";
import { PictureSwitch } from "../parts/PictureSwitch";
import { forgetHere, here, hereProblem, locate } from "../state/here";
import { asUsual } from "../state/pictures";
import { published } from "../state/results";
import { grid } from "../state/sight";
import { language, panel } from "../state/store";
import { count } from "../words/format";
import { ofLevel } from "../words/hotspots";
import { lengthText } from "../words/lengths";
import { words } from "../words";
import { hotspotsNear } from "./hotspots";
import { ResultSheet } from "./ResultSheet";

const KIND = "incident_hotspots";
/** Hotspots that the list shows: further ones are no way to go on foot. */
const LISTED = 30;
/** Hotspots nearby are seen at this zoom. */
const NEARBY = 14;

/** The newest result of all incidents, which is what a phone begins with. */
const usual = () =>
  published.value.find((one) => one.name === KIND && one.subject === "" && one.region === null);

export const hasHotspots = () => published.value.some((one) => one.name === KIND);

export function HotspotSheet() {
  const w = words.value.hotspots;
  return (
    <ResultSheet
      kind={KIND}
      first={usual() ?? published.value.find((one) => one.name === KIND)}
      label={w.nearby}
      none={w.noRun}
      data="data-near"
    >
      {(shown, run) => <Near shown={shown} run={run} />}
    </ResultSheet>
  );
}

function Near({ shown, run }: { shown: ResultLayer; run: Run }) {
  const w = words.value.hotspots;
  const layer = asUsual(shown);
  // The finest cells, whatever the map draws: who walks there needs the place, not its surroundings.
  const all = ofLevel((run.summary?.findings ?? []) as readonly Hotspot[], layer.style.levels[0]);
  const own = grid.value;
  const found = hotspotsNear(all, here.value ?? own?.geometry ?? null).slice(0, LISTED);
  return (
    <>
      <ListAside />
      <header class="grid-head">
        <strong data-near-count={all.length}>
          {all.length === 0 ? w.none : w.places(count(all.length, language.value))}
        </strong>
        <button type="button" class="link" onClick={() => (panel.value = "sight")}>
          {own ? own.name || own.code : w.chooseGrid}
        </button>
        <button
          type="button"
          class="plain"
          aria-label={words.value.gridPicker.locate}
          title={words.value.gridPicker.locate}
          aria-pressed={here.value !== null}
          onClick={() => (here.value ? forgetHere() : locate(NEARBY))}
        >
          <Icon name="locate" />
        </button>
      </header>
      {hereProblem.value && (
        <p class="ask-problem palette-note" role="alert">
          {words.value.gridPicker[hereProblem.value]}
        </p>
      )}
      <p class="palette-note muted">
        {here.value ? w.ofPlace : own ? w.ofGrid(own.name || own.code) : w.ofCity}
      </p>
      <ol class="hotspot-list">
        {found.map(({ one, inside, metres }) => (
          <HotspotRow
            key={one.cell}
            layer={layer}
            run={run}
            one={one}
            note={metres === null ? undefined : inside ? w.inGrid : away(metres)}
          />
        ))}
      </ol>
      <div class="grid-pictures">
        <PictureSwitch layer={shown} />
      </div>
      <p class="palette-note muted">{words.value.cellNote}</p>
    </>
  );
}

const away = (metres: number) => {
  const w = words.value.hotspots;
  return (here.value ? w.away : w.awayFromGrid)(lengthText(metres, language.value));
};
