/** What lies around a place: rings with amounts, who comes by road, cameras that see it, the nearest stores. */
import type { Around, Met, Subject } from "../data/around";
import { controller } from "../map/current";
import { ProblemNote } from "../parts/States";
import { around, aroundAt, aroundKind, aroundProblem, closeAround, drawn } from "../state/around";
import { select } from "../state/select";
import { language } from "../state/store";
import { decimal } from "../words/figures";
import { count } from "../words/format";
import { lengthText } from "../words/lengths";
import { say, words } from "../words";
import { DrawControls } from "./DrawControls";
import { CardLoading, SideCard } from "./SideCard";

/** The first of the nearest are shown; all are in the answer of the service. */
const SHOWN = 5;

export function AroundCard() {
  const w = words.value;
  const found = around.value;
  const asked = aroundKind.value === "point" ? aroundAt.value !== null : drawn.value;
  const asks = w.around.asks;
  const close = () => {
    closeAround();
    controller.value?.container.focus();
  };
  return (
    <SideCard
      sort="around"
      label={w.around.tool}
      kind={w.around.tool}
      answer={found ? answer(found) : asks[aroundKind.value]}
      head={
        <>
          <p class="card-sub">{found ? placeOf(found) : w.around.notes[aroundKind.value]}</p>
          <DrawControls />
        </>
      }
      close={close}
      data={{ "data-around": found ? "told" : "" }}
    >
      {asked &&
        (found ? (
          <Told found={found} />
        ) : aroundProblem.value ? (
          <ProblemNote title={w.around.failed} problem={aroundProblem.value} />
        ) : (
          <CardLoading />
        ))}
    </SideCard>
  );
}

/** Where it is: the point, or how large what was drawn is. */
function placeOf({ area }: Around): string {
  if (area.kind === "point")
    return `${decimal(area.lon, 6, "zh")}°E ${decimal(area.lat, 6, "zh")}°N · CGCS2000`;
  const size = area.rings[0]?.area_km2 ?? 0;
  return words.value.around.drawnArea(decimal(size, size < 1 ? 3 : 1, language.value));
}

/** Name of a ring: what is drawn itself, or what lies within a distance of it. */
function ringName(radius: number, kind: Around["area"]["kind"]): string {
  const w = words.value.around;
  const far = lengthText(radius, language.value);
  if (kind === "point") return far;
  return radius === 0 ? w.inside : w.beyond(far);
}

/** The sentence in front: people in the largest ring, and who is there first. */
function answer(found: Around): string {
  const w = words.value.around;
  const drawnSelf = found.area.kind !== "point";
  const people = found.subjects.find((one) => one.name === "people")?.within?.at(drawnSelf ? 0 : -1);
  const team = found.subjects.find((one) => one.name === "teams")?.nearest[0];
  const radius = found.area.rings.at(-1)?.radius_m ?? 0;
  const parts = [
    people === undefined
      ? null
      : drawnSelf
        ? w.peopleInside(count(people, language.value))
        : w.people(lengthText(radius, language.value), count(people, language.value)),
    team?.minutes == null ? null : w.first(team.name ?? "", decimal(team.minutes, 1, language.value)),
  ];
  return parts.filter((one) => one !== null).join(w.comma);
}

function Told({ found }: { found: Around }) {
  const w = words.value.around;
  const rings = found.area.rings.map((ring) => ringName(ring.radius_m, found.area.kind));
  const counted = found.subjects.filter((one) => !one.by_road);
  const note = found.note.words[language.value];
  return (
    <>
      <table class="signal-table around-rings">
        <thead>
          <tr>
            <th>{w.within}</th>
            {rings.map((ring) => (
              <th key={ring}>{ring}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {counted.map((subject) => (
            <Row key={subject.name} subject={subject} rings={rings.length} />
          ))}
        </tbody>
      </table>
      {found.subjects
        .filter((one) => one.by_road)
        .map((one) => (
          <List key={one.name} title={say(one.title)} subject={one} />
        ))}
      <Seen found={found} />
      <Stock found={found} />
      {counted
        .filter((one) => one.nearest.length > 0 && one.name !== "cameras")
        .map((one) => (
          <List key={one.name} title={w.nearest(say(one.title))} subject={one} />
        ))}
      <p class="palette-note muted">
        {words.value.asOf(found.as_of)} · {note.method} {note.limits.join(" ")}
      </p>
    </>
  );
}

function Row({ subject, rings }: { subject: Subject; rings: number }) {
  const digits = subject.measure === "length" ? 1 : 0;
  const unit = say(subject.unit);
  return (
    <>
      <tr data-subject={subject.name}>
        <th scope="row">
          {say(subject.title)} {unit && <span class="muted">{unit}</span>}
        </th>
        {subject.within ? (
          subject.within.map((one, ring) => (
            <td key={ring}>{decimal(one, digits, language.value, digits)}</td>
          ))
        ) : (
          <td colSpan={rings}>{subject.reason && say(subject.reason.text)}</td>
        )}
      </tr>
      {subject.parts.map((part) => (
        <tr key={part.code} class="around-part">
          <th scope="row">{say(part.title)}</th>
          {part.within.map((one, ring) => (
            <td key={ring}>{decimal(one, digits, language.value, digits)}</td>
          ))}
        </tr>
      ))}
    </>
  );
}

function List({ title, subject }: { title: string; subject: Subject }) {
  const w = words.value.around;
  return (
    <>
      <h3 class="section">{title}</h3>
      {subject.nearest.length === 0 ? (
        <p class="palette-note muted">{subject.reason ? say(subject.reason.text) : w.nobody}</p>
      ) : (
        <ul class="around-list">
          {subject.nearest.slice(0, SHOWN).map((one) => (
            <li key={one.id}>
              <button type="button" class="link" onClick={() => show(subject.layer, one)}>
                {one.name ?? `#${one.id}`}
              </button>
              <span class="muted">{one.facts.map((fact) => say(fact.text)).join(" · ")}</span>
              <span class="around-far">
                {one.minutes !== null && w.minutes(decimal(one.minutes, 1, language.value))}
                <small>{lengthText(one.distance_m, language.value)}</small>
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function show(layer: string, one: Met): void {
  closeAround();
  select(layer, one.id);
  controller.value?.flyTo(one.point[0], one.point[1], 17);
}

function Seen({ found }: { found: Around }) {
  const w = words.value.around;
  const { seen_by: seen, near, reason } = found.sight;
  return (
    <>
      <h3 class="section">{w.seen}</h3>
      {reason || seen.length === 0 ? (
        <p class="palette-note">{reason ? say(reason) : w.unseen(String(near ?? 0))}</p>
      ) : (
        <ul class="around-list">
          {seen.slice(0, SHOWN).map((one) => (
            <li key={one.id}>
              <button type="button" class="link" onClick={() => (closeAround(), select("cameras", one.id))}>
                {one.name ?? one.code ?? `#${one.id}`}
              </button>
              <span class="muted">{one.code}</span>
              <span class="around-far">
                <small>{lengthText(one.distance_m, language.value)}</small>
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Stock({ found }: { found: Around }) {
  const w = words.value.around;
  if (found.stock.length === 0) return null;
  return (
    <>
      <h3 class="section">{w.stock}</h3>
      <ul class="around-list">
        {found.stock.map((one) => (
          <li key={one.item} data-item={one.item}>
            <span>{say(one.title)}</span>
            <span class="muted">
              {one.store.name} · {count(one.quantity, language.value)} {one.unit}
              {one.below_minimum && ` · ${w.below}`}
            </span>
            <span class="around-far">{w.minutes(decimal(one.store.minutes, 1, language.value))}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
