/** The right side of the siting page: the answer of the plan, and scenarios beside it. */
import type { SiteFinding } from "../../data/siting";
import { timeText } from "../../parts/naming";
import { plan, planRun } from "../../state/sitingPage";
import { words } from "../../words";
import { SideCard } from "../SideCard";
import { ComparePanel } from "./ComparePanel";
import { answerOf, PlanTold } from "./PlanTold";

export function PlanPanel() {
  const w = words.value;
  const run = planRun.value;
  const found = run?.summary?.findings as readonly SiteFinding[] | undefined;
  const answer = run && found && answerOf(run, found);
  return (
    <SideCard
      sort="findings plan-panel"
      label={w.siting.label}
      kind={w.siting.label}
      answer={answer ? answer.title : plan.value ? w.loadingItem : w.siteDesk.noPlan}
      head={
        run && (
          <p class="card-sub">
            <span>{w.runAt(run.id, timeText(run.finished_at))}</span>
            {run.out_of_date && <span class="badge stale">{w.outOfDate}</span>}
          </p>
        )
      }
      data={{ "data-plan": run?.id ?? "" }}
    >
      {run && found && <PlanTold run={run} found={found} />}
      <ComparePanel />
    </SideCard>
  );
}
