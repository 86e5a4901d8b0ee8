/** Desktop and wall: legend at the left, map, details at the right. The wall is the same frame in larger tokens. */
import { DetailCard } from "../parts/DetailCard";
import { MapBox } from "../parts/MapFurniture";
import { SidePanel } from "../parts/SidePanel";
import { StatusBar } from "../parts/StatusBar";
import { TopBar } from "../parts/TopBar";
import { selection } from "../state/store";

export function Desk() {
  return (
    <div class="desk">
      <TopBar />
      <SidePanel />
      <MapBox />
      {selection.value && <DetailCard />}
      <StatusBar />
    </div>
  );
}
