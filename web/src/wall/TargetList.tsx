/** What the plans ask for: each target with its value, how it stands, what is wanting, and the plan's place. */
import type { Standing, Target } from "../data/views";
import { language } from "../state/store";
import { shownDay, weighed } from "../state/playback";
import { say, words } from "../words";
import { decimal, planned } from "../words/figures";
import { count } from "../words/format";
import { useFitting } from "./fitting";

/** More rows cannot be read from eight metres. */
const MOST_ROWS = 6;

/** What is late stands before what is open, and what is done or unknown last. */
const ORDER: readonly Standing[] = ["missed", "not_reached", "reached", "met", "without_value"];

export function TargetList() {
  const w = words.value;
  const document = weighed.value;
  const current = (document?.targets ?? [])
    .filter((target) => target.current)
    .sort((a, b) => ORDER.indexOf(a.standing) - ORDER.indexOf(b.standing) || a.year - b.year);
  const shown = current.slice(0, MOST_ROWS);
  const [list, seen] = useFitting<HTMLUListElement>(shown.length);
  if (!document) return null;
  return (
    <section class="card targets" aria-label={w.wall.targets}>
      <header>
        <h2>{w.wall.targets}</h2>
        <small>
          {[
            document.as_of !== document.today || shownDay.value !== null
              ? words.value.asOf(document.as_of)
              : "",
            tally(current),
          ]
            .filter(Boolean)
            .join(" · ")}
        </small>
      </header>
      {current.length === 0 && <p class="muted">{w.wall.noTargets}</p>}
      <ul ref={list}>
        {shown.map((target) => (
          <Row key={`${target.plan.name} ${target.title.en}`} target={target} />
        ))}
      </ul>
      {current.length > seen && (
        <p class="rest">{w.wall.moreTargets(count(current.length - seen, language.value))}</p>
      )}
    </section>
  );
}

function tally(targets: readonly Target[]): string {
  const { standings } = words.value.wall;
  return ORDER.map(
    (standing) => [standing, targets.filter((one) => one.standing === standing).length] as const,
  )
    .filter(([, number]) => number > 0)
    .map(([standing, number]) => `${standings[standing]} ${number}`)
    .join(" · ");
}

function Row({ target }: { target: Target }) {
  const w = words.value.wall;
  const more = (value: number) => decimal(value, target.decimals, language.value);
  return (
    <li
      class={target.standing}
      title={`${say(target.plan.title)} ${say(target.place_words)}：「${target.quote}」`}
    >
      <span class="target-name">
        <i class="mark" aria-hidden="true" />
        {say(target.title)}
      </span>
      <span class="target-value">{planned(target, language.value)}</span>
      <small>
        {w.year(String(target.year))} · {say(target.plan.short_title)} {say(target.place_words)}
      </small>
      <small class="target-standing">
        {w.standings[target.standing]}
        {target.gap !== null && target.gap > 0 && ` · ${w.gap(more(target.gap))}`}
        {target.pace_per_year !== null && ` · ${w.pace(more(target.pace_per_year))}`}
      </small>
    </li>
  );
}
