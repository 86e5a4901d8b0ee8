/** What the run on the map found, in words: each kind of analysis has a panel of its own. */
import { told } from "../state/results";
import { AccidentPanel } from "./AccidentPanel";
import { GapPanel } from "./GapPanel";
import { HotspotPanel } from "./HotspotPanel";
import { RadioPanel } from "./RadioPanel";
import { SitePanel } from "./SitePanel";

export function Findings() {
  switch (told.value?.name) {
    case "incident_hotspots":
      return <HotspotPanel />;
    case "radio_coverage":
      return <RadioPanel />;
    case "radio_gaps":
      return <GapPanel />;
    case "accident_segments":
      return <AccidentPanel />;
    case "site_plan":
      return <SitePanel />;
    default:
      return null;
  }
}
