/** A region in five groups: people, places, things, matters, organisations; counts only, never a person. */
import type { RegionLine } from "../data/views";
import { regionCard, regionCardProblem } from "../state/regionCard";
import { language } from "../state/store";
import { say, words } from "../words";
import { decimal } from "../words/figures";
import { OldFigures } from "./OldFigures";
import { ProblemNote } from "./States";

export function RegionGroups() {
  const w = words.value;
  const document = regionCard.value;
  if (regionCardProblem.value)
    return <ProblemNote title={w.regionCard.failed} problem={regionCardProblem.value} />;
  if (!document) return <div class="progress" />;
  return (
    <div class="region-groups" data-region-card={document.region.code}>
      <OldFigures of={document} />
      {document.groups.map((group) => (
        <section key={group.name} class="region-group" aria-label={say(group.title)}>
          <h3>{say(group.title)}</h3>
          <dl>
            {group.lines.map((line) => (
              <Line key={line.name} line={line} />
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

function Line({ line }: { line: RegionLine }) {
  const known = line.value !== null;
  return (
    <div title={known ? say(line.definition) : line.reason ? say(line.reason.text) : undefined}>
      <dt>{say(line.title)}</dt>
      <dd class={known ? undefined : "unknown"}>
        {line.value === null ? (
          words.value.wall.noValue
        ) : (
          <>
            <b>{decimal(line.value, line.decimals, language.value)}</b>
            {line.unit && <small>{say(line.unit)}</small>}
          </>
        )}
      </dd>
    </div>
  );
}
