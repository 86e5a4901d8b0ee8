/** What the map shows as long as nobody has looked elsewhere: the city, or the region that the page is about. */
import type L from "leaflet";

import type { Box } from "../data/types";
import * as results from "../state/results";
import { signalAt } from "../state/signal";
import * as store from "../state/store";
import { coveredIn, type Padding, wallFurniture } from "./room";

/** Whether a card tells of something on the map. */
const isTelling = () => (store.selection.peek() ?? results.cell.peek() ?? signalAt.peek()) !== null;

const sizeOf = ({ clientWidth, clientHeight }: HTMLElement) => `${clientWidth} ${clientHeight}`;

export class Framing {
  /** Whether the map moves because the page does, not the reader. */
  placing = false;
  /** What the page is about; null: the whole city. */
  private about: Box | null = null;
  private left = { upper: 0, lower: 0 };
  private size: string;
  private readonly box: HTMLElement;

  constructor(private readonly map: L.Map) {
    this.box = map.getContainer();
    this.size = sizeOf(this.box);
  }

  /** Move the map as the page wants it. */
  place(act: () => void): void {
    this.placing = true;
    act();
    this.placing = false;
  }

  /** Show the whole city, or the region that the page is about. */
  home(animate: boolean): void {
    const box = this.about ?? store.city.peek()?.bbox;
    if (animate) store.viewChosen.value = false;
    this.placing = true;
    this.map.once("moveend", () => (this.placing = false));
    if (box) this.fit(box, animate, 17);
    else this.map.setView([35, 105], 5, { animate: false });
  }

  /** Let the page be about a box: it is in sight until the reader looks elsewhere. */
  frame(box: Box, animate: boolean): void {
    this.about = box;
    store.viewChosen.value = false;
    this.home(animate);
  }

  fit(
    [west, south, east, north]: Box,
    animate: boolean,
    maxZoom: number,
    beside: Padding | null = null,
  ): void {
    const side = 24 * store.unit.peek();
    const { upper, lower } = (this.left = coveredIn(this.box, side, 90));
    this.map.fitBounds(
      [
        [south, west],
        [north, east],
      ],
      {
        paddingTopLeft: [side, upper],
        paddingBottomRight: [beside?.right ?? side, beside?.lower ?? lower],
        maxZoom,
        animate,
      },
    );
  }

  /** Who has chosen a view or is being told of a place keeps what is seen; else the whole stays whole. */
  resized(): void {
    this.place(() => this.map.invalidateSize({ pan: false, animate: false }));
    const size = sizeOf(this.box);
    if (size !== this.size && !isTelling() && !store.viewChosen.peek()) this.home(false);
    this.size = size;
  }

  /** Legends of a wall come when results do: its region makes room for them. */
  followFurniture(): () => void {
    const observer = new ResizeObserver(() => this.makeRoom());
    for (const one of Object.values(wallFurniture(this.box))) if (one) observer.observe(one);
    return () => observer.disconnect();
  }

  private makeRoom(): void {
    const { foot } = wallFurniture(this.box);
    const opened = foot?.querySelector('[aria-expanded="true"]') !== null;
    if (this.about === null || opened || isTelling() || store.viewChosen.peek()) return;
    const { upper, lower } = coveredIn(this.box, 24 * store.unit.peek(), 90);
    // Only ever smaller: what is in sight, and so the legend, depends on the zoom.
    if (upper > this.left.upper + 1 || lower > this.left.lower + 1) this.home(false);
  }
}
