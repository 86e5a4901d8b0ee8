/** What is in view: counted and listed, and in which regions its centre lies. */
import type L from "leaflet";

import * as store from "../state/store";
import { collectInView } from "./inView";
import type { Pointing } from "./Pointing";
import type { VectorTileLayer } from "./VectorTileLayer";

export function survey(map: L.Map, vector: VectorTileLayer, pointing: Pointing): void {
  const bounds = map.getBounds();
  const standing = store.inView.peek()[store.roving.peek()];
  const { found, counts, thinned } = collectInView(
    {
      west: bounds.getWest(),
      south: bounds.getSouth(),
      east: bounds.getEast(),
      north: bounds.getNorth(),
      zoom: map.getZoom(),
      theme: store.theme.peek(),
    },
    vector.current(),
  );
  store.roving.value = standing
    ? found.findIndex((one) => one.layer === standing.layer && one.id === standing.id)
    : -1;
  store.inView.value = found;
  store.counts.value = counts;
  store.thinned.value = thinned;
  store.path.value = pointing.path();
}
