/** What lies at a place of the map, and what a click there means. */
import type L from "leaflet";

import { drawing, lookingAround } from "../state/around";
import * as results from "../state/results";
import { deselect, select, selectCell } from "../state/select";
import * as sight from "../state/sight";
import { asking, askSignal, closeSignal, technologyOf } from "../state/signal";
import * as store from "../state/store";
import * as trial from "../state/trial";
import { clickAround } from "./aroundClick";
import { type Hit, hitTest } from "./hitTest";
import { foundOf } from "./inView";
import { cellAt, shapeAt } from "./results";
import { isGround } from "./styles";
import { fromLonLat, type Properties } from "./tiles";
import type { VectorTileLayer } from "./VectorTileLayer";

const textOf = (value: unknown) => (typeof value === "string" && value ? value : null);

/** Regions that the path tells, each from a zoom on: a view over a whole district is in no community. */
const PATH_LAYERS = [
  ["counties", 0],
  ["towns", 12.5],
  ["communities", 14],
] as const;

export class Pointing {
  /** `reveal` brings a place into the part of the view that no panel covers. */
  constructor(
    private readonly map: L.Map,
    private readonly vector: VectorTileLayer,
    private readonly reveal: (lng: number, lat: number) => void,
  ) {}

  hits(lat: number, lng: number, slack: number): Hit[] {
    const place = { lat, lng, zoom: this.map.getZoom(), theme: store.theme.peek(), slack };
    return hitTest(place, this.vector.current());
  }

  click({ lat, lng }: L.LatLng): void {
    if (trial.placing.peek()) {
      trial.moveTo(lng, lat);
      return;
    }
    if (sight.asking.peek()) {
      sight.askWhy(lng, lat);
      this.reveal(lng, lat);
      return;
    }
    if (lookingAround.peek()) {
      clickAround(this.map, { lat, lng }, store.unit.peek());
      if (!drawing.peek()) this.reveal(lng, lat);
      return;
    }
    // The phone has no tool in hand: a tap on a prediction asks.
    const onPhone = store.surface.peek() === "field";
    if (asking.peek() && !onPhone) {
      askSignal(lat, lng);
      this.reveal(lng, lat);
      return;
    }
    const slack = onPhone ? 14 : 6;
    const found = this.hits(lat, lng, slack)
      .slice(0, 12)
      .map((hit) => foundOf(hit.layer, hit.id, hit.features.properties[hit.index] ?? {}, { lat, lng }));
    const first = found[0];
    if (onPhone) closeSignal();
    const cell = this.cellBelow(lat, lng);
    const spot = this.below(sight.BLIND_SPOTS, lat, lng);
    // What was drawn above the cells is meant; the ground and the regions below and around them are not.
    const drawn = first && store.layersByName.peek().get(first.layer);
    if (spot && (!drawn || isGround(drawn)))
      sight.askWhy(lng, lat, textOf(spot["task"]) ?? undefined, textOf(spot["id"]));
    else if (cell && (!drawn || isGround(drawn))) {
      const technology = onPhone ? technologyOf(cell.run) : null;
      if (technology) askSignal(lat, lng, technology);
      else selectCell(cell, found);
    } else if (first) select(first.layer, first.id, found, cell);
    else deselect();
    if (first || cell) this.reveal(lng, lat);
  }

  /** The cell of the uppermost result at a place. */
  cellBelow(lat: number, lng: number): { run: number; cell: string } | null {
    for (const layer of [...results.drawnResults.peek()].reverse()) {
      for (const { results: parts } of this.vector.current()) {
        for (const { layer: own, features, placement } of parts) {
          if (own.run !== layer.run) continue;
          const at = fromLonLat(lng, lat, placement.key.z);
          if (at.tile.x !== placement.key.x || at.tile.y !== placement.key.y) continue;
          const found = cellAt(features, at.x, at.y);
          if (found) return { run: layer.run, cell: found.cell };
        }
      }
    }
    return null;
  }

  /** What the uppermost shape of a result by its name tells at a place. */
  private below(name: string, lat: number, lng: number): Properties | null {
    for (const { results: parts } of this.vector.current()) {
      for (const { layer, features, placement } of parts) {
        if (layer.name !== name) continue;
        const at = fromLonLat(lng, lat, placement.key.z);
        if (at.tile.x !== placement.key.x || at.tile.y !== placement.key.y) continue;
        const found = shapeAt(features, at.x, at.y);
        if (found) return found;
      }
    }
    return null;
  }

  /** The regions in which the middle of the map lies. */
  path(): { layer: string; id: number; name: string }[] {
    const { lat, lng } = this.map.getCenter();
    const here = this.hits(lat, lng, 0);
    return PATH_LAYERS.flatMap(([name, from]) => {
      if (this.map.getZoom() < from) return [];
      const hit = here.find((one) => one.layer.name === name);
      const properties = hit?.features.properties[hit.index];
      if (!hit || !properties) return [];
      const text = properties[hit.layer.style.label?.field ?? "name"] ?? properties["name"];
      return [{ layer: name, id: hit.id, name: String(text ?? "") }];
    });
  }
}
