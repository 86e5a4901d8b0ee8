/** Views on the wall, in English. */
import type { WordBook } from "../words";

export const wall: WordBook["wall"] = {
  views: "Views",
  toDesk: "Desk",
  report: "Report",
  toWall: "Wall",
  headline: (region, late, open) =>
    late > 0
      ? `${region}: ${late} targets of the plans missed`
      : open > 0
        ? `${region}: ${open} targets not reached yet, none of them due`
        : region,
  without: (count) => `${count} indicators without data`,
  indicators: "Indicators",
  ranking: (title) => `By region · ${title}`,
  whole: (value) => `Line: whole region ${value}`,
  worst: (name, value, whole) => `${name} is worst (${value}); whole region ${whole}`,
  first: (name, value, whole) => `${name} leads (${value}); whole region ${whole}`,
  noParts: "This region has no parts",
  noneKnown: "No part has data",
  unknownParts: (count) => `${count} more without data`,
  more: (count) => `${count} more regions`,
  plan: "Plan",
  targets: "Targets of the plans",
  noTargets: "No plan sets targets for these",
  standings: {
    met: "Met",
    missed: "Missed",
    reached: "Reached",
    not_reached: "Not reached",
    without_value: "No data",
  },
  year: (year) => year,
  gap: (gap) => `${gap} short`,
  pace: (pace) => `${pace} needed a year`,
  source: "Where the number comes from",
  from: "Source",
  missing: (share) => `${share} not recorded`,
  window: (days) => `last ${days} days`,
  withinExtent: (extent) => `within ${extent}`,
  per: (per) => `× ${per}`,
  noValue: "No data",
  where: "where",
  loading: "Loading",
  failed: "This view could not be read",
  outOfDate: (count) => `${count} results are out of date`,
  synthetic: "Sample data",
};
