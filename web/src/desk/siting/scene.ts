/** What the two maps of the siting page draw, from the state: the left one the present, the right one what differs. */
import { computed } from "@preact/signals";

import type { PlannedSite, SiteFinding, SiteProof } from "../../data/siting";
import { PALETTES } from "../../map/palette";
import type { Pin, SiteDrawing } from "../../map/SiteLayer";
import {
  differenceHexagons,
  freeCandidates,
  gainHexagons,
  gapHexagons,
  type Hexagon,
} from "../../map/siteScene";
import { comparison, differing, shownSide, stateCells } from "../../state/comparing";
import { opened, places } from "../../state/scenario";
import {
  candidateOf,
  heldSite,
  liveHexagons,
  moves,
  ownGain,
  placeOf,
  pull,
  target,
} from "../../state/siteMoves";
import { plannedSites } from "../../state/siting";
import { candidates, demandCells, locked, planRun, sitingRef } from "../../state/sitingPage";
import { theme } from "../../state/store";
import { words } from "../../words";
import { gained } from "./planned";
import { changeText } from "./SiteCard";
import { placeName } from "./SiteDrawer";

export type Half = "state" | "difference";

/** Whether the maps show how a scenario differs, and not the plan of a run. */
export const comparingMaps = computed(() => differing.value !== null && shownSide.value !== null);

export const planProof = computed<SiteProof | null>(() => {
  const found = (planRun.value?.summary?.findings ?? []) as readonly SiteFinding[];
  return found.find((one): one is SiteProof => one.what === "proof") ?? null;
});

/** What is gained where scenarios are compared: people, or the share of ground seen. */
const comparedUnit = computed(() => (comparison.value?.kind === "camera_coverage" ? "share" : "people"));

export const sceneUnit = computed(() =>
  comparingMaps.value ? comparedUnit.value : (planProof.value?.unit ?? "people"),
);

function hexagonsOf(half: Half): Hexagon[] {
  const colours = theme.value;
  const different = differing.value;
  if (comparingMaps.value && different) {
    if (half === "difference") return differenceHexagons(different, colours);
    return stateCells.value ? gapHexagons(stateCells.value, comparedUnit.value, colours) : [];
  }
  const cells = demandCells.value;
  if (!cells || cells.run !== planRun.value?.id || sitingRef.value?.scenario != null) return [];
  return (half === "state" ? gapHexagons : gainHexagons)(cells.cells, sceneUnit.value, colours);
}

function pinOf(site: PlannedSite): Pin {
  const move = moves.value.get(site.rank);
  const host = (move ?? site).host;
  return {
    rank: site.rank,
    ...placeOf(site),
    title: `${words.value.siteDesk.site(String(site.rank))} ${placeName(move ?? site)}`,
    held: heldSite.value === site.rank,
    locked: host !== null && locked.value.has(host),
    moved: move !== undefined,
    draggable: true,
  };
}

/** What a scenario adds, as pins that stay where they are: sectors stand at their stations. */
function scenarioPins(): Pin[] {
  const found = places.value?.features ?? [];
  const shown = found.filter(
    ({ geometry, properties }) => geometry?.type === "Point" && properties.layer !== "sectors",
  );
  return shown.map(({ geometry, properties }, place) => {
    const [lng = 0, lat = 0] = geometry?.type === "Point" ? geometry.coordinates : [];
    const title = `${words.value.siteDesk.ops[properties.op as "add"] ?? properties.op} ${properties.code ?? ""}`;
    return { rank: place + 1, lng, lat, title, held: false, locked: false, moved: false, draggable: false };
  });
}

export function drawingOf(half: Half, alone: boolean): SiteDrawing {
  const palette = PALETTES[theme.value];
  const onScenario = sitingRef.value?.scenario != null;
  const own = onScenario ? null : plannedSites.value;
  const hexagons = hexagonsOf(half);
  const none = { live: [], candidates: [], pins: [], pulled: null };
  if (half === "state" && !alone) return { hexagons, palette, ...none };
  if (onScenario) return { hexagons, palette, ...none, pins: opened.value ? scenarioPins() : [] };
  const here = own !== null && own.run === planRun.value?.id;
  return {
    hexagons,
    palette,
    live: liveHexagons.value,
    candidates:
      candidates.value?.run === planRun.value?.id ? freeCandidates(candidates.value?.all ?? []) : [],
    pins: here ? own.sites.map(pinOf) : [],
    pulled: pulledNow(),
  };
}

function pulledNow(): SiteDrawing["pulled"] {
  const [held, one, stood] = [pull.value, target.value, ownGain.value];
  const candidate = one && candidateOf(one.number);
  const site = plannedSites.value?.sites.find(({ rank }) => rank === heldSite.value);
  const unit = planProof.value?.unit;
  if (!held || !one || !candidate || !site || unit === undefined) return null;
  const { lng, lat } = placeOf(site);
  const change = stood ? changeText(one.gain, stood.gain, unit) : "";
  return {
    from: [lng, lat],
    to: [candidate.lon, candidate.lat],
    text: words.value.siteDesk.tip(gained(one.gain, unit), change),
  };
}
