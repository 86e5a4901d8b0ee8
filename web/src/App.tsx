import { Desk } from "./desk/Desk";
import { SitingDesk } from "./desk/siting/SitingDesk";
import { Field } from "./field/Field";
import { SearchPalette } from "./parts/SearchPalette";
import { Opening, ProblemNote } from "./parts/States";
import { sitingRef } from "./state/sitingPage";
import { open } from "./state/start";
import { catalogue, city, drawnLayers, startProblem, surface } from "./state/store";
import { viewRef } from "./state/views";
import { Wall } from "./wall/Wall";
import { words } from "./words";

export function App() {
  const w = words.value;
  if (startProblem.value) {
    return (
      <div class="whole">
        <ProblemNote title={w.startFailed} problem={startProblem.value} retry={() => void open()} />
      </div>
    );
  }
  if (!catalogue.value || !city.value) return <Opening />;
  if (drawnLayers.value.length === 0) {
    return (
      <div class="whole">
        <div class="message">
          <h2>{w.emptyCity}</h2>
          <p>{w.emptyCityNote}</p>
        </div>
      </div>
    );
  }
  return (
    <>
      <a class="skip" href="#map">
        {w.skipToMap}
      </a>
      {viewRef.value ? (
        <Wall />
      ) : sitingRef.value ? (
        <SitingDesk />
      ) : surface.value === "field" ? (
        <Field />
      ) : (
        <Desk />
      )}
      <SearchPalette />
    </>
  );
}
