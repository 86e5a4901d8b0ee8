/** Views on the wall, in Chinese. */
export const wall = {
  views: "专题",
  toDesk: "工作台",
  report: "报告",
  toWall: "大屏",
  headline: (region: string, late: number, open: number) =>
    late > 0
      ? `${region}：${late} 项规划目标逾期未完成`
      : open > 0
        ? `${region}：${open} 项规划目标尚未达到，均未到期`
        : region,
  without: (count: string) => `${count} 项指标无数据`,
  indicators: "指标",
  ranking: (title: string) => `各下级区域 · ${title}`,
  whole: (value: string) => `竖线：全区域 ${value}`,
  worst: (name: string, value: string, whole: string) => `${name}最差（${value}），全区域 ${whole}`,
  first: (name: string, value: string, whole: string) => `${name}居首（${value}），全区域 ${whole}`,
  noParts: "此区域没有下级区域",
  noneKnown: "下级区域均无数据",
  unknownParts: (count: string) => `另有 ${count} 个区域无数据`,
  more: (count: string) => `另有 ${count} 个区域`,
  plan: "规划",
  targets: "规划目标",
  noTargets: "规划没有对这些指标提出目标",
  standings: {
    met: "已完成",
    missed: "逾期未完成",
    reached: "已达到",
    not_reached: "未达到",
    without_value: "无数据",
  },
  year: (year: string) => `${year} 年`,
  gap: (gap: string) => `差 ${gap}`,
  pace: (pace: string) => `每年需 ${pace}`,
  source: "数字从哪里来",
  from: "来源",
  missing: (share: string) => `${share} 未登记`,
  window: (days: string) => `近 ${days} 日`,
  withinExtent: (extent: string) => `限${extent}`,
  per: (per: string) => `× ${per}`,
  noValue: "无数据",
  where: "条件",
  loading: "正在读取",
  failed: "没有读到这个视图",
  outOfDate: (count: string) => `${count} 项分析结果已过时`,
  synthetic: "样例数据",
} as const;
