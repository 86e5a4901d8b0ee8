/** What a run of radio found: lines, places, gaps, sites; in English. */
import type { WordBook } from "../words";

export const radioFindings: WordBook["radioFindings"] = {
  label: "Coverage along lines and sites built",
  answer: (gaps: number) =>
    gaps === 0
      ? "No stretch of main road, railway or river without signal"
      : gaps === 1
        ? "1 stretch without enough signal along lines"
        : `${gaps} stretches without enough signal along lines`,
  reached: (share, covered, all) => `${share} of residents have enough signal (${covered} / ${all})`,
  ground: (share, covered, all) => `${share} of the area (${covered} / ${all} km²)`,
  villages: (full, all) => `${full} of ${all} villages fully covered`,
  near: "Nearest first",
  nearGrid: (name) => `Nearest to ${name}`,
  order: "Order",
  byPeople: "Most residents",
  none: "No gaps have been analysed yet; ask for them under Analysis",
  line: "Line",
  lines: { roads: "Main roads", railways: "Railways", water: "Rivers and canals" },
  coveredLength: "Covered, km",
  length: "Length, km",
  share: "Share",
  gaps: "Stretches without, the longest first",
  nameless: "Unnamed",
  sites: (unit: string, now: string) => `Built (${unit}): ${now}`,
  year: "Year",
  built: "At its end",
  wanted: "Plan",
  missing: "Missing",
  builtEnough: "reached",
  undated: (sites: string) =>
    `Of ${sites} more in service nobody has written down since when: they count in no year.`,
  classes: "Areas and places to be covered first",
  priority: "Class",
  whole: "Without a hole",
  areaShare: "Area covered",
  holes: (count: string) => `With a hole: ${count}, the least covered first`,
  noHole: "All covered, no hole",
  coveredShare: (share: string) => `${share} covered`,
  gapTab: "Gaps",
  gapList: "Coverage gaps",
  gapsFound: (gaps: string, people: string) => `${gaps} coverage gaps, ${people} residents in them`,
  noGaps: "No gap in settlements or along main ways",
  ranked: "Most residents first",
  noPeople: "nobody lives there",
  people: (people: string) => `${people} residents`,
  road: (length: string) => `${length} of road`,
  area: (area: string) => `${area} km²`,
  gapOf: (rank: string, name: string) => `Part of gap ${rank}: ${name}`,
  whyGap: "Why it is weak here, and what would help",
  openTable: "Show all",
};
