/** Desktop and wall: legend at the left, map, details at the right, figures of a run below. The wall is the same frame in larger tokens. */
import { CellCard } from "../parts/CellCard";
import { DetailCard } from "../parts/DetailCard";
import { MapBox } from "../parts/MapFurniture";
import { RunTable } from "../parts/RunTable";
import { SidePanel } from "../parts/SidePanel";
import { WhyCard } from "../parts/WhyCard";
import { StatusBar } from "../parts/StatusBar";
import { TimeBar } from "../parts/TimeBar";
import { TimePanel } from "../parts/TimePanel";
import { TopBar } from "../parts/TopBar";
import { clock, hotspotsInFront } from "../state/clock";
import { cell, hotspotsClosed, table, told } from "../state/results";
import { asked } from "../state/sight";
import { asking } from "../state/signal";
import { lookingAround } from "../state/around";
import { selection } from "../state/store";
import { trial } from "../state/trial";
import { AroundCard } from "./AroundCard";
import { Findings } from "./Findings";
import { SignalCard } from "./SignalCard";
import { TrialPanel } from "./TrialPanel";

export function Desk() {
  const closed = told.value !== null && told.value.run === hotspotsClosed.value;
  return (
    <div class="desk">
      <TopBar />
      <SidePanel />
      <MapBox />
      {table.value !== null && <RunTable />}
      {clock.value && <TimeBar />}
      {trial.value ? (
        <TrialPanel />
      ) : lookingAround.value ? (
        <AroundCard />
      ) : asking.value ? (
        <SignalCard />
      ) : asked.value ? (
        <WhyCard />
      ) : cell.value ? (
        <CellCard />
      ) : selection.value ? (
        <DetailCard />
      ) : clock.value && !hotspotsInFront.value ? (
        <TimePanel />
      ) : (
        !closed && <Findings />
      )}
      <StatusBar />
    </div>
  );
}
