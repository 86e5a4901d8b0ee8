/** Desktop and wall: legend at the left, map, details at the right, figures of a run below. The wall is the same frame in larger tokens. */
import { MapBox } from "../parts/MapFurniture";
import { RunTable } from "../parts/RunTable";
import { SidePanel } from "../parts/SidePanel";
import { StatusBar } from "../parts/StatusBar";
import { TimeBar } from "../parts/TimeBar";
import { TimePanel } from "../parts/TimePanel";
import { TopBar } from "../parts/TopBar";
import { mapDay } from "../state/asOf";
import { clock, hotspotsInFront } from "../state/clock";
import { hotspotsClosed, table, told } from "../state/results";
import { cardInFront } from "./Cards";
import { Findings } from "./Findings";

export function Desk() {
  // Results are not on the map of an earlier day: nothing is told of them there.
  const closed = mapDay.value !== null || (told.value !== null && told.value.run === hotspotsClosed.value);
  return (
    <div class="desk">
      <TopBar />
      <SidePanel />
      <MapBox />
      {table.value !== null && <RunTable />}
      {clock.value && <TimeBar />}
      {cardInFront() ?? (clock.value && !hotspotsInFront.value ? <TimePanel /> : !closed && <Findings />)}
      <StatusBar />
    </div>
  );
}
