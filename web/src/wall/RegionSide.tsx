/** The region of the wall with all that it holds. */
import { RegionGroups } from "../parts/RegionCard";
import { regionCard } from "../state/regionCard";
import { told } from "../state/views";
import { words } from "../words";

export function RegionSide() {
  const w = words.value;
  return (
    <section class="card region-side" aria-label={w.regionCard.title}>
      <header>
        <h2>
          {w.regionCard.title} · {told.value?.region.name}
        </h2>
        {regionCard.value && <small>{w.asOf(regionCard.value.as_of)}</small>}
      </header>
      <RegionGroups />
    </section>
  );
}
