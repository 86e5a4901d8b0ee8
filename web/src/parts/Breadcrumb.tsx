/** City › county › town › community at the centre of the map. */
import { controller } from "../map/current";
import { select } from "../state/select";
import { city, parents, path } from "../state/store";
import { say, words } from "../words";

export function Breadcrumb() {
  const name = city.value ? say(city.value.name) : words.value.product;
  // The city's own name often ends with the county's: 六安市叶集区 › 叶集区 would say it twice.
  const inner = path.value.filter((region) => !name.includes(region.name));
  return (
    <nav aria-label={words.value.breadcrumb}>
      <ul class="breadcrumb">
        {parents.value.map((region) => (
          <li key={region.code}>
            <button type="button" onClick={() => select("regions", region.id)}>
              {region.name}
            </button>
          </li>
        ))}
        <li>
          <button type="button" onClick={() => controller.value?.home()}>
            {name}
          </button>
        </li>
        {inner.map((region) => (
          <li key={region.layer}>
            <button type="button" onClick={() => select(region.layer, region.id)}>
              {region.name}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
