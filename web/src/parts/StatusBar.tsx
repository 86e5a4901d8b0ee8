import { city, online, pointer, tilesPending, view } from "../state/store";
import { coordinates } from "../words/format";
import { words } from "../words";

/** Where the pointer is, how old the data is, whether the service answers. */
export function StatusBar() {
  const w = words.value;
  const at = pointer.value ?? view.value;
  return (
    <footer class="status">
      <span class="coordinates" aria-label={w.coordinates}>
        {at ? coordinates(at.lng, at.lat) : ""} <span class="muted">{city.value?.crs ?? "CGCS2000"}</span>
      </span>
      <span>{view.value ? `z ${view.value.zoom.toFixed(2).replace(/\.?0+$/, "")}` : ""}</span>
      <span class="muted" aria-hidden="true">
        {tilesPending.value > 0 ? w.loadingTiles : ""}
      </span>
      <span class="space" />
      {city.value?.as_of && <span>{w.asOf(city.value.as_of)}</span>}
      <span>
        <span class={online.value ? "dot" : "dot off"} />
        {online.value ? w.connected : w.disconnected}
      </span>
    </footer>
  );
}
