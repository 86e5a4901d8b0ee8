import { describe, expect, it } from "vitest";

import tokens from "../src/look/tokens.css?raw";
import { PALETTES } from "../src/map/palette";

type Tokens = Record<string, string>;

function colours(theme: "light" | "dark"): Tokens {
  const block = tokens.slice(tokens.indexOf(`:root[data-theme="${theme}"] {`)).split("}")[0] ?? "";
  return Object.fromEntries(
    [...block.matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6});/g)].map((found) => [found[1]!, found[2]!]),
  );
}

/** Relative luminance and contrast of WCAG 2.2. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high! + 0.05) / (low! + 0.05);
}

describe.each(["light", "dark"] as const)("the %s theme", (theme) => {
  const own = colours(theme);

  it.each(["text", "text-2", "text-3", "accent", "red", "orange", "yellow", "ok"])(
    "%s can be read on both surfaces",
    (name) => {
      for (const surface of ["surface", "surface-2"]) {
        expect(contrast(own[name]!, own[surface]!), `${name} on ${surface}`).toBeGreaterThanOrEqual(4.5);
      }
    },
  );

  it("control borders can be seen", () => {
    expect(contrast(own["border"]!, own["surface"]!)).toBeGreaterThanOrEqual(3);
  });

  it("words on the accent can be read", () => {
    expect(contrast(own["on-accent"]!, own["accent"]!)).toBeGreaterThanOrEqual(4.5);
  });

  it("names on the map can be read on land and outside, and have the panels' colours", () => {
    const palette = PALETTES[theme];
    for (const ground of [palette.land, palette.outside]) {
      for (const text of [palette.text, palette.text2])
        expect(contrast(text, ground)).toBeGreaterThanOrEqual(4.5);
    }
    expect(palette.text.toLowerCase()).toBe(own["text"]);
    expect(palette.text2.toLowerCase()).toBe(own["text-2"]);
    expect(palette.accent.toLowerCase()).toBe(own["accent"]);
    expect(palette.surface.toLowerCase()).toBe(own["surface"]);
  });
});
