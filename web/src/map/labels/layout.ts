/** Decides which names are shown, and where: the important ones first, none over another. */
import { type Glyph, layAlong, pointAt } from "./along";
import { Collisions, overlap, type Rect } from "./collide";
import type { AreaName, LineName, Name, PointName } from "./collect";

export interface Font {
  readonly size: number;
  readonly weight: number;
}

/** A name with its place: either lines of text about a point, or single characters along a line. */
export interface Placed {
  readonly name: Name;
  readonly font: Font;
  readonly glyphs: readonly Glyph[];
  /** Frame of a route number; null for plain text. */
  readonly box: Rect | null;
}

export interface LayoutOptions {
  readonly width: number;
  readonly height: number;
  /** Size on the screen for a size in the definition. */
  readonly sizeOf: (size: number) => number;
  readonly measure: (text: string, font: Font) => number;
  /** Large symbols: names of points keep clear of them, names of streets where they can. */
  readonly symbols?: readonly Rect[];
  /** What of it the reader sees; what lies beyond is there for short ways. Everything where left out. */
  readonly seen?: Rect;
  /** What something stands over: no name is read there. */
  readonly covered?: readonly Rect[];
}

const CJK = /[\u2e80-\u9fff]/;
/** Nearest distance of a name to the same name, in design pixels: a school is named once, not at each hall. */
const REPEAT = 260;
const SHIELD_REPEAT = 340;
const SHIELD_FONT = 10;
const MUTED: Font = { size: 12, weight: 400 };

/** What stands for another city is written like the smallest names. */
const isMuted = (name: Name) => name.kind === "area" && name.muted;

const isShield = (name: Name) => name.kind === "line" && name.shield;
/** Names that would repeat each other: a street, a place and a route number may be called alike. */
const keyOf = (name: Name) => `${name.kind === "line"}/${isShield(name)}/${name.text}`;

function weightOf(name: Name): number {
  const rule = name.layer.style.label;
  if (isMuted(name)) return MUTED.size;
  if (isShield(name)) return 13.5;
  return (rule?.size ?? 11) + (rule?.weight ?? 400) / 200;
}

/** Most important first; ties are broken by what does not change when the map moves. */
export function rank(names: readonly Name[]): Name[] {
  const length = (name: Name) => (name.kind === "line" ? name.length : name.kind === "area" ? name.width : 0);
  const position = (name: Name) => (name.classIndex < 0 ? Number.MAX_SAFE_INTEGER : name.classIndex);
  return [...names].sort(
    (a, b) =>
      weightOf(b) - weightOf(a) ||
      Number(b.kind === "line") - Number(a.kind === "line") ||
      b.layer.style.order - a.layer.style.order ||
      position(a) - position(b) ||
      length(b) - length(a) ||
      (a.text < b.text ? -1 : a.text > b.text ? 1 : 0),
  );
}

const around = (x: number, y: number, width: number, height: number, margin: number): Rect => ({
  left: x - width / 2 - margin,
  right: x + width / 2 + margin,
  top: y - height / 2 - margin,
  bottom: y + height / 2 + margin,
});

/** Whether an edge of what is seen goes through a box: a name there would be read by half. */
const isCut = (box: Rect, { left, right, top, bottom }: Rect): boolean =>
  box.right > left &&
  box.left < right &&
  box.bottom > top &&
  box.top < bottom &&
  (box.left < left || box.right > right || box.top < top || box.bottom > bottom);

/** By how much a span has to move to lie within another; 0 where it cannot, or would have to move too far. */
function intoView(low: number, high: number, from: number, to: number, most: number): number {
  const shift = low < from ? from - low : high > to ? to - high : 0;
  return Math.abs(shift) <= most && high - low <= to - from ? shift : 0;
}

class Layout {
  private readonly collisions = new Collisions();
  private readonly symbols = new Collisions();
  private readonly shown = new Map<string, [number, number][]>();
  readonly placed: Placed[] = [];

  constructor(private readonly options: LayoutOptions) {
    this.symbols.take(options.symbols ?? []);
    this.collisions.take(options.covered ?? []);
  }

  add(name: Name): void {
    const rule = name.layer.style.label;
    const own = isShield(name)
      ? { size: SHIELD_FONT, weight: 600 }
      : isMuted(name)
        ? MUTED
        : { size: rule?.size ?? 11, weight: rule?.weight ?? 400 };
    const font = { size: this.options.sizeOf(own.size), weight: own.weight };
    if (name.kind === "line") {
      this.addLine(name, font);
    } else if (!this.repeats(name, name.x, name.y)) {
      const done = name.kind === "area" ? this.addArea(name, font) : this.addPoint(name, font);
      if (done) this.remember(name, name.x, name.y);
    }
  }

  private remember(name: Name, x: number, y: number): void {
    const key = keyOf(name);
    this.shown.set(key, [...(this.shown.get(key) ?? []), [x, y]]);
  }

  private onScreen(x: number, y: number, margin = 0): boolean {
    const { width, height } = this.options;
    return x >= -margin && y >= -margin && x <= width + margin && y <= height + margin;
  }

  private place(
    name: Name,
    font: Font,
    glyphs: readonly Glyph[],
    boxes: readonly Rect[],
    box: Rect | null = null,
  ): boolean {
    if (!this.collisions.free(boxes)) return false;
    this.collisions.take(boxes);
    this.placed.push({ name, font, glyphs, box });
    return true;
  }

  private addPoint(name: PointName, font: Font): boolean {
    if (!this.onScreen(name.x, name.y, 40)) return false;
    const width = this.options.measure(name.text, font);
    const gap = name.radius + 4 + width / 2;
    const rise = name.radius + 4 + font.size / 2;
    const places = [
      [gap, 0],
      [0, -rise],
      [-gap, 0],
      [0, rise],
    ] as const;
    for (const [dx, dy] of places) {
      const [x, y] = [name.x + dx, name.y + dy];
      const glyph = { text: name.text, x, y, angle: 0, width };
      const box = around(x, y, width, font.size, 2);
      if (this.options.seen && isCut(box, this.options.seen)) continue;
      if (this.symbols.free([box]) && this.place(name, font, [glyph], [box])) return true;
    }
    return false;
  }

  private addArea(name: AreaName, font: Font): boolean {
    if (!this.onScreen(name.x, name.y, 60)) return false;
    // A region larger than the screen is named in the breadcrumb; a name in its midst would name nothing.
    if (name.width > this.options.width * 0.98 && name.height > this.options.height * 0.98) return false;
    const letters = [...name.text];
    const width = this.options.measure(name.text, font);
    const region = name.layer.style.group === "regions";
    const tall =
      CJK.test(name.text) && name.height > name.width * 2 && width > name.width * 0.6 && letters.length <= 6;
    if (tall) {
      const step = font.size * 1.3;
      if (!region && name.height < step * letters.length) return false;
      const top = name.y - ((letters.length - 1) * step) / 2;
      const glyphs = letters.map((text, i) => ({
        text,
        x: name.x,
        y: top + i * step,
        angle: 0,
        width: font.size,
      }));
      const box = around(name.x, name.y, font.size, step * letters.length, 3);
      if (this.options.seen && isCut(box, this.options.seen)) return false;
      return this.place(name, font, glyphs, [box]);
    }
    if (!region && (width > name.width * 1.25 || font.size > name.height * 1.1)) return false;
    const plain = around(name.x, name.y, width, font.size, 4);
    // The midst of what goes on beyond the edge may be anywhere near it: the name is moved to where it is read.
    const { seen } = this.options;
    const x = name.x + (seen ? intoView(plain.left, plain.right, seen.left, seen.right, width) : 0);
    return this.clearOf(around(x, name.y, width, font.size, 4), name.height / 2).some((shift) => {
      const y = name.y + shift;
      const box = around(x, y, width, font.size, 4);
      if (seen && isCut(box, seen)) return false;
      return this.place(name, font, [{ text: name.text, x, y, angle: 0, width }], [box]);
    });
  }

  /** By how much a name of an area may go down or up, the least first: from under what covers it, within the area. */
  private clearOf(box: Rect, most: number): number[] {
    const over = (this.options.covered ?? []).filter((one) => overlap(box, one));
    if (over.length === 0) return [0];
    return over
      .flatMap((one) => [one.bottom - box.top, one.top - box.bottom])
      .filter((shift) => Math.abs(shift) <= most)
      .sort((a, b) => Math.abs(a) - Math.abs(b));
  }

  private addLine(name: LineName, font: Font): void {
    const every = name.shield ? SHIELD_REPEAT : 420;
    const count = Math.max(1, Math.floor(name.length / every));
    for (let i = 0; i < count; i++) {
      const middle = ((i + 0.5) / count) * name.length;
      // A crossing, a bend or a symbol in the middle: try a little before and after, then over the symbol.
      const shifts = [0, -0.16, 0.16, -0.3, 0.3].map((shift) => middle + (shift * name.length) / count);
      if (!shifts.some((at) => this.addLineAt(name, font, at, true))) {
        shifts.some((at) => this.addLineAt(name, font, at, false));
      }
    }
  }

  private addLineAt(name: LineName, font: Font, at: number, clear: boolean): boolean {
    const [x, y] = pointAt(name.chain, at);
    if (!this.onScreen(x, y, 20) || this.repeats(name, x, y)) return false;
    const done = name.shield ? this.addShield(name, font, x, y, clear) : this.addAlong(name, font, at, clear);
    if (done) this.remember(name, x, y);
    return done;
  }

  private repeats(name: Name, x: number, y: number): boolean {
    const limit = isShield(name) ? SHIELD_REPEAT * 0.7 : REPEAT;
    const places = this.shown.get(keyOf(name)) ?? [];
    return places.some(([px, py]) => Math.hypot(px - x, py - y) < limit);
  }

  private addShield(name: LineName, font: Font, x: number, y: number, clear: boolean): boolean {
    const width = this.options.measure(name.text, font);
    const [box, room] = [0, 6].map((margin) => around(x, y, width + 8, font.size + 5, margin));
    if (!box || !room || (clear && !this.symbols.free([box]))) return false;
    return this.place(name, font, [{ text: name.text, x, y, angle: 0, width }], [room], box);
  }

  private addAlong(name: LineName, font: Font, at: number, clear: boolean): boolean {
    const measure = (text: string) => this.options.measure(text, font);
    const tight = CJK.test(name.text) ? font.size * 0.12 : 0;
    const roomy = font.size * 0.9;
    const total = measure(name.text);
    const letters = [...name.text].length;
    const gaps =
      /^[\u4e00-\u9fff]+$/.test(name.text) && name.length > 2.4 * (total + roomy * (letters - 1))
        ? [roomy, tight]
        : [tight];
    for (const gap of gaps) {
      const glyphs = layAlong(name.chain, at, name.text, measure, gap);
      if (!glyphs) continue;
      const boxes = glyphs.map((glyph) =>
        around(glyph.x, glyph.y, Math.max(glyph.width, font.size * 0.8), font.size, font.size * 0.18),
      );
      if (clear && !this.symbols.free(boxes)) continue;
      if (this.place(name, font, glyphs, boxes)) return true;
    }
    return false;
  }
}

/** Place as many names as fit. */
export function layOut(names: readonly Name[], options: LayoutOptions): Placed[] {
  const layout = new Layout(options);
  for (const name of rank(names)) layout.add(name);
  return layout.placed;
}
