/** Blind spots by rank, and asking the map why a place is not seen. */
import { signal } from "@preact/signals";

import type { Spot } from "../data/sight";
import { controller } from "../map/current";
import { asking, blindSpots, chosenSpot, openSpot, spots, spotsProblem, task } from "../state/sight";
import { kindNamed } from "../state/results";
import { announcement, language, panel } from "../state/store";
import { count, number } from "../words/format";
import { causeText } from "../words/sight";
import { lengthText } from "../words/lengths";
import { say, words } from "../words";
import { ProblemNote } from "./States";

export function SightPanel() {
  const w = words.value;
  const layer = blindSpots.value;
  return (
    <div class="panel" role="region" aria-label={w.sight}>
      <div class="panel-scroll">
        <AskButton />
        {layer ? (
          <>
            <Finding />
            {spotsProblem.value ? (
              <ProblemNote title={w.spotsFailed} problem={spotsProblem.value} />
            ) : (
              <SpotList found={spots.value} />
            )}
          </>
        ) : (
          <NoRun />
        )}
      </div>
    </div>
  );
}

/** The sentence first: how many spots, how many people live in them. */
function Finding() {
  const facts = blindSpots.value?.note.facts ?? {};
  const of = (name: string) => Number(facts[name] ?? 0);
  const [blind, people] = [of("blind_people"), of("people")];
  const share = people > 0 ? `${number(Math.round((blind / people) * 1000) / 10, language.value)}%` : "";
  return (
    <p class="finding" data-spots={of("counted")}>
      <strong>{words.value.spotsFound(count(of("counted"), language.value))}</strong>
      <span>
        {words.value.spotsPeople(
          count(Math.round(blind), language.value),
          count(Math.round(people), language.value),
          share,
        )}
      </span>
    </p>
  );
}

export function NoRun() {
  const w = words.value;
  return (
    <p class="palette-note">
      {w.spotsNone}{" "}
      <button type="button" class="link" onClick={() => (panel.value = "analysis")}>
        {w.resultsStart}
      </button>
    </p>
  );
}

export function AskButton() {
  const w = words.value;
  const press = () => {
    asking.value = !asking.value;
    if (!asking.value) return;
    announcement.value = w.askWhyHint;
    controller.value?.container.focus();
  };
  const form = kindNamed("camera_coverage")?.form ?? [];
  const options = form.find((field) => field.name === "task")?.options ?? [];
  return (
    <div class="ask-why">
      <button type="button" class="button main" aria-pressed={asking.value} onClick={press}>
        {asking.value ? w.askWhyHint : w.askWhy}
      </button>
      {options.length > 0 && (
        <label>
          <span>{w.sightTask}</span>
          <select value={task.value} onChange={(event) => (task.value = event.currentTarget.value)}>
            {options.map((one) => (
              <option key={one.value} value={String(one.value)}>
                {say(one.title)}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}

const FEW = 20;
const whole = signal(false);

export function SpotList({ found }: { found: readonly Spot[] }) {
  const w = words.value;
  const shown = whole.value ? found : found.slice(0, FEW);
  return (
    <>
      <ol class="spots" aria-label={w.spotsRanked}>
        {shown.map((spot) => (
          <SpotRow key={spot.id} spot={spot} />
        ))}
      </ol>
      {found.length > FEW && (
        <button type="button" class="link spots-more" onClick={() => (whole.value = !whole.value)}>
          {whole.value ? w.hideClasses : `${w.more} (${found.length - FEW})`}
        </button>
      )}
    </>
  );
}

/** Per cent under which a share says nothing. */
const LEAST_SCORE = 0.005;

/** Cause first, then what is at stake: the parts, not the score alone. */
function SpotRow({ spot }: { spot: Spot }) {
  const w = words.value;
  const say_ = (value: number) => number(Math.round(value), language.value);
  const parts = [
    spot.people >= 0.5 && w.spotPeople(say_(spot.people)),
    spot.incidents > 0 && w.spotIncidents(say_(spot.incidents)),
    spot.road_m >= 0.5 && w.spotStreet(lengthText(spot.road_m, language.value)),
    spot.key_places > 0.005 && w.spotKeyPlace,
  ];
  return (
    <li>
      <button
        type="button"
        class="spot"
        data-spot={spot.id}
        aria-pressed={chosenSpot.value === spot.id}
        onClick={() => openSpot(spot)}
      >
        <span class="spot-rank" title={w.spotRankNote}>
          {w.spotRank(spot.rank)}
        </span>
        <span class="spot-text">
          <b>{causeText(spot.cause, w)}</b>
          <small>{parts.filter(Boolean).join(" · ")}</small>
        </span>
        {spot.score >= LEAST_SCORE && (
          <span class="spot-score" title={w.spotScoreNote}>
            {w.spotScore(number(Math.round(spot.score * 100) / 100, language.value))}
          </span>
        )}
      </button>
    </li>
  );
}
