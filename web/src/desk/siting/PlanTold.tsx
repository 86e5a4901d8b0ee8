/** A plan told from top to bottom: what it comes to, what each site adds, the proof, who benefits, the years. */
import type { Run } from "../../data/results";
import type { SiteFinding } from "../../data/siting";
import { language } from "../../state/store";
import { siteAnswer } from "../../words/siting";
import { words } from "../../words";
import { Benefits } from "./Benefits";
import { GainCurve } from "./GainCurve";
import { KeepPlan } from "./KeepPlan";
import { Poles, Targets, Years } from "./Outcome";
import { findingsOf, kindOf } from "./planned";
import { Proof } from "./Proof";

/** The answer of a plan in words; null where its findings are not there. */
export function answerOf(run: Run, found: readonly SiteFinding[]) {
  const proof = findingsOf(found, "proof")[0];
  const curve = findingsOf(found, "curve")[0];
  if (!proof || !curve) return null;
  return siteAnswer(
    curve.covered.length,
    proof,
    run.note?.facts ?? {},
    run.parameters["indoor"] === true,
    words.value,
    language.value,
  );
}

export function PlanTold({ run, found }: { run: Run; found: readonly SiteFinding[] }) {
  const proof = findingsOf(found, "proof")[0];
  const curve = findingsOf(found, "curve")[0];
  const answer = answerOf(run, found);
  if (!proof || !curve || !answer) return null;
  const years = findingsOf(found, "year");
  const towns = findingsOf(found, "towns")[0];
  const kind = kindOf(proof.unit, run.parameters["device"]);
  return (
    <>
      <div class="site-answer">
        {answer.lines.map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
      <GainCurve curve={curve} already={proof.already} kind={kind} />
      <Proof proof={proof} years={years} sensitivity={findingsOf(found, "sensitivity")[0]} />
      <KeepPlan key={run.id} run={run} />
      {towns && <Benefits towns={towns} kind={kind} />}
      <Poles shared={findingsOf(found, "shared_poles")[0]} sharing={findingsOf(found, "sharing")[0]} />
      <Years years={years} unit={proof.unit} kind={kind} />
      <Targets targets={findingsOf(found, "target")} />
    </>
  );
}
