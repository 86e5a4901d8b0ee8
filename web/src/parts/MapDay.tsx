/** The day that the map shows where it is not the present, what that is worth, and the way back. */
import { backToNow, beforeRecords, chosenDay, mapDay, records } from "../state/asOf";
import { drawnResults } from "../state/results";
import { city } from "../state/store";
import { words } from "../words";
import { DayField } from "./DayField";

export function MapDay() {
  const w = words.value.mapDay;
  const day = mapDay.value;
  if (day === null) return null;
  const first = records.value?.first_day;
  return (
    <p class="map-day" role="status" data-map-day={day}>
      <strong>{w.layersOf(day)}</strong>
      {beforeRecords.value && first && <span>{w.beforeRecords(first)}</span>}
      {drawnResults.value.length > 0 && <span>{w.resultsAside}</span>}
      <button type="button" class="button" data-now onClick={backToNow}>
        {w.now}
      </button>
    </p>
  );
}

/** Above a list of a result: that the map of an earlier day does not show it. */
export function ListAside() {
  const w = words.value.mapDay;
  const day = mapDay.value;
  if (day === null) return null;
  return (
    <p class="palette-note" role="status" data-list-aside={day}>
      {w.listAside(day)}{" "}
      <button type="button" class="link" onClick={backToNow}>
        {w.now}
      </button>
    </p>
  );
}

/** Choose the day that the layers are shown as of. */
export function DayChoice() {
  const w = words.value.mapDay;
  const today = city.value?.as_of ?? records.value?.today ?? new Date().toLocaleDateString("sv");
  return (
    <div class="day-choice">
      <span>{w.choose}</span>
      <DayField
        label={w.choose}
        value={chosenDay.value ?? today}
        {...(records.value?.first_day && { min: records.value.first_day })}
        max={today}
        choose={(day) => (chosenDay.value = day >= today ? null : day)}
      />
    </div>
  );
}

/** What a layer of an earlier day is worth, beside its name. */
export function Worth({ standing }: { standing: "known" | "as-loaded" | "partly-dated" }) {
  const w = words.value.mapDay;
  if (standing === "known") return null;
  const asLoaded = standing === "as-loaded";
  return (
    <small class="worth" title={asLoaded ? w.asLoadedNote : w.partlyDatedNote}>
      {asLoaded ? w.asLoaded : w.partlyDated}
    </small>
  );
}
