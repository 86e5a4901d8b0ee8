/** What the maps of the siting page show of a plan or of a comparison: hexagons, candidates, sites. */
import type { DemandCells, PlanCandidate } from "../data/siteModel";
import type { ComparedCells } from "../data/siting";
import type { ThemeName } from "./styles";

/** Colours of what is missing, from little to much, and of what is gained or lost. */
export const GAP: Readonly<Record<ThemeName, readonly string[]>> = {
  light: ["#F9DFC3", "#F2BC85", "#DE8A45", "#C4601B", "#A63A00"],
  dark: ["#5B3A1E", "#8A4F1D", "#B96A22", "#E08F45", "#F9C48A"],
};
export const GAIN = "#2A9D8F";
export const LOSS: Readonly<Record<ThemeName, string>> = { light: "#B4235A", dark: "#F07AA5" };

export interface Hexagon {
  /** Longitude and latitude in turn. */
  readonly outline: readonly number[];
  readonly colour: string;
  readonly opacity: number;
}

/** Bounds of the classes of what is missing: fifths of the hexagons that miss something worth a colour. */
export function gapBreaks(values: readonly number[], least: number): number[] {
  const sorted = values.filter((value) => value >= least).sort((a, b) => a - b);
  if (sorted.length === 0) return [];
  return [0.2, 0.4, 0.6, 0.8].map((share) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
}

export const classAt = (value: number, breaks: readonly number[]): number =>
  breaks.filter((bound) => value > bound).length;

const flat = ({ coordinates }: GeoJSON.Polygon): number[] => (coordinates[0] ?? []).slice(0, -1).flat();

/** Less than this much is no colour: a person, or a hundredth of a per cent of the exposure. */
export const leastOf = (unit: string): number => (unit === "%" ? 0.001 : 1);

/** The state: what is missing without the plan. */
export function gapHexagons(cells: DemandCells, unit: string, theme: ThemeName): Hexagon[] {
  const least = leastOf(unit);
  const breaks = gapBreaks(
    cells.features.map(({ properties }) => properties.missing),
    least,
  );
  return cells.features
    .filter(({ properties }) => properties.missing >= least)
    .map(({ geometry, properties }) => ({
      outline: flat(geometry),
      colour: GAP[theme][classAt(properties.missing, breaks)] ?? "",
      opacity: 0.88,
    }));
}

/** Part of what was missing in a hexagon that must be gained before it is told on the map. */
const TOLD_SHARE = 0.05;

/** The difference: what was missing in one pale colour, what is gained over it. */
export function gainHexagons(cells: DemandCells, unit: string, theme: ThemeName): Hexagon[] {
  const least = leastOf(unit);
  return cells.features.flatMap(({ geometry, properties: { missing, gained } }) => {
    if (missing < least) return [];
    const outline = flat(geometry);
    const pale = { outline, colour: GAP[theme][theme === "light" ? 1 : 0] ?? "", opacity: 0.4 };
    const share = Math.min(1, gained / missing);
    return share < TOLD_SHARE ? [pale] : [{ outline, colour: GAIN, opacity: 0.35 + 0.6 * share }];
  });
}

/** What two scenarios differ in: gained or lost, the stronger the more. */
export function differenceHexagons(cells: ComparedCells, theme: ThemeName): Hexagon[] {
  const most = Math.max(0, ...cells.features.map(({ properties }) => Math.abs(properties.difference)));
  return cells.features.flatMap(({ geometry, properties: { difference } }) => {
    const share = most > 0 ? Math.abs(difference) / most : 0;
    if (share < 0.01) return [];
    return [
      {
        outline: flat(geometry),
        colour: difference > 0 ? GAIN : LOSS[theme],
        opacity: 0.3 + 0.65 * Math.sqrt(share),
      },
    ];
  });
}

/** Candidates that could be used and carry no site yet. */
export const freeCandidates = (all: readonly PlanCandidate[]): PlanCandidate[] =>
  all.filter(({ reasons, ranks }) => reasons.length === 0 && ranks.length === 0);
