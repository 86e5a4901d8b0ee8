/** The card of a region, in Chinese. */
export const regionCard = {
  title: "人地物事组织",
  failed: "读不到区域卡片",
} as const;
