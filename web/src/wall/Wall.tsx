/** The wall: a view of a region. Numbers and ranking at the left, the map, targets and sources at the right. */
import { CellCard } from "../parts/CellCard";
import { DetailCard } from "../parts/DetailCard";
import { MapBox } from "../parts/MapFurniture";
import { ProblemNote } from "../parts/States";
import { cell } from "../state/results";
import { selection } from "../state/store";
import { told, viewProblem } from "../state/views";
import { words } from "../words";
import { Headline } from "./Headline";
import { IndicatorTiles } from "./IndicatorTiles";
import { Ranking } from "./Ranking";
import { SourceCard } from "./SourceCard";
import { TargetList } from "./TargetList";
import { WallBar } from "./WallBar";

export function Wall() {
  const w = words.value;
  const nothing = told.value === null;
  return (
    <div class="wall" data-view={told.value?.view.name} data-region={told.value?.region.code}>
      <WallBar />
      <aside class="wall-side" aria-label={w.wall.indicators}>
        {nothing && viewProblem.value && <ProblemNote title={w.wall.failed} problem={viewProblem.value} />}
        {nothing && !viewProblem.value && <p class="wall-empty">{w.wall.loading}</p>}
        <IndicatorTiles />
        <Ranking />
      </aside>
      <div class="wall-middle">
        <MapBox />
        <Headline />
      </div>
      {cell.value ? (
        <CellCard />
      ) : selection.value ? (
        <DetailCard />
      ) : (
        <aside class="wall-side" aria-label={w.wall.targets}>
          <SourceCard />
          <TargetList />
        </aside>
      )}
    </div>
  );
}
