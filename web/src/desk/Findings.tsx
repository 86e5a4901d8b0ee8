/** What the run on the map found, in words: each kind of analysis has a panel of its own. */
import { told } from "../state/results";
import { AccidentPanel } from "./AccidentPanel";
import { HotspotPanel } from "./HotspotPanel";
import { RadioPanel } from "./RadioPanel";

export function Findings() {
  switch (told.value?.name) {
    case "incident_hotspots":
      return <HotspotPanel />;
    case "radio_coverage":
      return <RadioPanel />;
    case "accident_segments":
      return <AccidentPanel />;
    default:
      return null;
  }
}
