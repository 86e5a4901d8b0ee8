/** The siting page: steps at the left, the maps, the sites below them, the answer or one site at the right. */
import { StatusBar } from "../../parts/StatusBar";
import { TopBar } from "../../parts/TopBar";
import { heldSite } from "../../state/siteMoves";
import { plannedSites } from "../../state/siting";
import { sitingRef } from "../../state/sitingPage";
import { cardInFront } from "../Cards";
import { PlanPanel } from "./PlanPanel";
import { planProof } from "./scene";
import { ScenarioPanel } from "./ScenarioPanel";
import { SiteCard } from "./SiteCard";
import { SiteDrawer } from "./SiteDrawer";
import { SiteMaps } from "./SiteMaps";
import { Stepper } from "./Stepper";

export function SitingDesk() {
  const scenario = sitingRef.value?.scenario ?? null;
  return (
    <div class="desk siting-desk">
      <TopBar />
      <Stepper />
      <SiteMaps />
      {scenario === null && <SiteDrawer />}
      <Right scenario={scenario} />
      <StatusBar />
    </div>
  );
}

function Right({ scenario }: { scenario: string | null }) {
  const card = cardInFront();
  if (card) return card;
  if (scenario !== null) return <ScenarioPanel name={scenario} />;
  const site = plannedSites.value?.sites.find(({ rank }) => rank === heldSite.value);
  return site && planProof.value ? <SiteCard site={site} proof={planProof.value} /> : <PlanPanel />;
}
