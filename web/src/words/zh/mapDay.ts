/** Layers as of a day, in Chinese. */
export const mapDay = {
  choose: "图层日期",
  layersOf: (day: string) => `地图为 ${day} 的状态`,
  now: "回到现在",
  beforeRecords: (first: string) => `早于最早记录（${first}），当时情况未知`,
  resultsAside: "分析结果只属于其计算之时，不在此日显示",
  listAside: (day: string) => `以下清单属于现在；地图为 ${day} 的状态，不画这些单元。`,
  asLoaded: "入库前无历史",
  asLoadedNote: "此图层的要素没有起始日期，入库之前按入库时的状态显示",
  partlyDated: "部分无日期",
  partlyDatedNote: "部分要素没有起始日期，入库之前按入库时的状态显示",
} as const;
