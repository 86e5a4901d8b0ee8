/** Choosing one's own grid, in Chinese. */
export const gridPicker = {
  search: "搜网格名称或代码",
  locate: "定位到我的位置",
  insecure: "定位需要 HTTPS 连接；请搜索，或移动地图。",
  notLocated: "没有取得位置；请允许定位，或搜索。",
  found: "点一下，设为我的网格",
  around: "地图中心附近的网格，点一下设为我的网格",
  here: "中心所在",
  none: "没有找到网格",
  taken: (name: string) => `已设为我的网格：${name}`,
} as const;
