/** Colours of the map that no layer owns: ground, text, selection. The same as the tokens of the panels. */
import type { ThemeName } from "./styles";

export interface Palette {
  /** Beyond the city's limit. */
  readonly outside: string;
  readonly land: string;
  readonly text: string;
  readonly text2: string;
  readonly waterText: string;
  readonly accent: string;
  readonly surface: string;
  readonly border: string;
  /** What fails. */
  readonly danger: string;
}

export const PALETTES: Readonly<Record<ThemeName, Palette>> = {
  light: {
    outside: "#E9EDF2",
    land: "#F3F5F8",
    text: "#101828",
    text2: "#475467",
    waterText: "#3D6E9E",
    accent: "#0B63CE",
    surface: "#FFFFFF",
    border: "#868FA0",
    danger: "#C81E1E",
  },
  dark: {
    outside: "#0B1220",
    land: "#121D2F",
    text: "#E8EEF8",
    text2: "#A9B7CE",
    waterText: "#6D9CCB",
    accent: "#4CB4FF",
    surface: "#131D30",
    border: "#5A6E93",
    danger: "#FF6B6B",
  },
};

/** One family everywhere, from what systems have; no font is ever fetched. */
export const FONT_FAMILY =
  '"HarmonyOS Sans SC", MiSans, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", sans-serif';
