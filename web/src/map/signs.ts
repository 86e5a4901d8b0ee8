/** Signs of the categories of hotspots, in a box of 22 by 20 about a hexagon: on the map, in the legend, in lists. */
export const SIGNS: Readonly<Record<string, string>> = {
  new: "M11 5.200l1.500 3.200 3.500.400-2.600 2.400.700 3.500L11 13l-3.100 1.700.700-3.500L6 8.800l3.500-.400z",
  consecutive: "M6 8.800h10v2.600H6z",
  intensifying: "M11 5.500l5 8.500H6z",
  persistent: "M11 7a3 3 0 1 0 .010 0z",
  diminishing: "M11 14.500l5-8.500H6z",
  sporadic:
    "M11 5.500a1.500 1.500 0 1 0 .010 0zM7.500 11a1.500 1.500 0 1 0 .010 0zM14.500 11a1.500 1.500 0 1 0 .010 0z",
  oscillating: "M5.500 11q2.750-5 5.500-1t5.500-1v2q-2.750 5-5.500 1t-5.500 1z",
  historical: "M11 6.500a3.500 3.500 0 1 0 .010 0zM11 8.500a1.500 1.500 0 1 1-.010 0z",
};

/** The sign of a category, hot or cold; undefined for one that has none. */
export const signOf = (category: string) => SIGNS[category.replace(/_(hot|cold)$/, "")];
