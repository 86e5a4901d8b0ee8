/** The card that is in front at the right of a desk: what was asked for or selected on the map. */
import type { JSX } from "preact";

import { CellCard } from "../parts/CellCard";
import { DetailCard } from "../parts/DetailCard";
import { WhyCard } from "../parts/WhyCard";
import { lookingAround } from "../state/around";
import { cell } from "../state/results";
import { asked } from "../state/sight";
import { asking } from "../state/signal";
import { selection } from "../state/store";
import { trial } from "../state/trial";
import { AroundCard } from "./AroundCard";
import { SignalCard } from "./SignalCard";
import { TrialPanel } from "./TrialPanel";

/** null where nothing was asked for. */
export function cardInFront(): JSX.Element | null {
  if (trial.value) return <TrialPanel />;
  if (lookingAround.value) return <AroundCard />;
  if (asking.value) return <SignalCard />;
  if (asked.value) return <WhyCard />;
  if (cell.value) return <CellCard />;
  return selection.value ? <DetailCard /> : null;
}
