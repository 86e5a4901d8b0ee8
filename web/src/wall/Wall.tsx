/** The wall: a view of a region. Numbers and ranking at the left, the map, sources, targets, region and report at the right, time below. */
import { CellCard } from "../parts/CellCard";
import { DetailCard } from "../parts/DetailCard";
import { MapDay } from "../parts/MapDay";
import { MapBox } from "../parts/MapFurniture";
import { ProblemNote } from "../parts/States";
import { ViewLegend } from "../parts/ViewLegend";
import { cell } from "../state/results";
import { selection } from "../state/store";
import { told, viewProblem } from "../state/views";
import { front, type WallFront } from "../state/wallFront";
import { words } from "../words";
import { Headline } from "./Headline";
import { IndicatorTiles } from "./IndicatorTiles";
import { Ranking } from "./Ranking";
import { RegionSide } from "./RegionSide";
import { ReportCard } from "./ReportCard";
import { SourceCard } from "./SourceCard";
import { TargetList } from "./TargetList";
import { TrendCard } from "./TrendCard";
import { ViewStrip, WallBar } from "./WallBar";
import { WallTime } from "./WallTime";

const FRONTS: readonly WallFront[] = ["numbers", "region", "report"];

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
        <MapBox legend={<ViewLegend />} />
        <div class="wall-over">
          <ViewStrip />
          <Headline />
          <MapDay />
        </div>
      </div>
      {cell.value ? (
        <CellCard />
      ) : selection.value ? (
        <DetailCard />
      ) : (
        <aside class="wall-side" aria-label={w.wall.right}>
          <Tabs />
          {front.value === "report" ? (
            <ReportCard />
          ) : front.value === "region" ? (
            <RegionSide />
          ) : (
            <>
              <SourceCard />
              <TargetList />
              <TrendCard />
            </>
          )}
        </aside>
      )}
      <WallTime />
    </div>
  );
}

function Tabs() {
  const w = words.value.wall;
  return (
    <div class="segments wall-tabs" role="group" aria-label={w.right}>
      {FRONTS.map((one) => (
        <button
          key={one}
          type="button"
          data-front={one}
          aria-pressed={front.value === one}
          onClick={() => (front.value = one)}
        >
          {w.fronts[one]}
        </button>
      ))}
    </div>
  );
}
