/** What a coverage found: places to be covered first, lines, their longest stretches without, sites built. */
import { useSignal } from "@preact/signals";

import type { RadioFinding } from "../data/findings";
import type { Run } from "../data/results";
import { controller } from "../map/current";
import { linesOf, pointed } from "../state/findings";
import { recordOf, told } from "../state/results";
import { catalogue, language } from "../state/store";
import { decimal } from "../words/figures";
import { codeTitle, count } from "../words/format";
import { lengthText } from "../words/lengths";
import { shareText } from "../words/results";
import { say, words } from "../words";
import { FindingsFrame } from "./FindingsFrame";

/** Stretches that the list shows before it is asked for all. */
const FIRST = 8;

type Of<What extends RadioFinding["what"]> = Extract<RadioFinding, { what: What }>;

const of = <What extends RadioFinding["what"]>(found: readonly RadioFinding[], what: What) =>
  found.filter((one): one is Of<What> => one.what === what);

export function RadioPanel() {
  const w = words.value;
  const layer = told.value;
  const run = recordOf(layer?.run);
  const found = run?.summary?.findings as readonly RadioFinding[] | undefined;
  if (!layer || !run || !found || found.length === 0) return null;
  const gaps = of(found, "line_gap");
  return (
    <FindingsFrame
      layer={layer}
      run={run}
      label={w.radioFindings.label}
      answer={reached(run) ?? w.radioFindings.answer(gaps.length)}
    >
      <Whole run={run} gaps={gaps.length} />
      <Priority classes={of(found, "priority")} />
      <Lines lines={of(found, "lines")} />
      <Gaps run={run.id} gaps={gaps} />
      {of(found, "sites").map((one) => (
        <Sites key={one.counting_unit} sites={one} />
      ))}
    </FindingsFrame>
  );
}

const factOf = (run: Run, name: string): number => Number(run.note?.facts[name] ?? 0);

/** How many residents are reached; nothing of trunking, which is for those on the way. */
function reached(run: Run): string | null {
  const [people, covered] = [factOf(run, "people"), factOf(run, "people_covered")];
  if (people <= 0 || run.subject.startsWith("pdt")) return null;
  const text = (value: number) => count(Math.round(value), language.value);
  return words.value.radioFindings.reached(
    shareText(covered / people, language.value),
    text(covered),
    text(people),
  );
}

/** What else is covered of the whole: ground, villages, and how many stretches of lines are not. */
function Whole({ run, gaps }: { run: Run; gaps: number }) {
  const w = words.value.radioFindings;
  const [area, covered] = [factOf(run, "area_km2"), factOf(run, "area_covered_km2")];
  const villages = factOf(run, "villages");
  if (area <= 0 || reached(run) === null) return null;
  const square = (value: number) => decimal(value, 1, language.value, 1);
  return (
    <ul class="palette-note facts" data-whole>
      <li>{w.ground(shareText(covered / area, language.value), square(covered), square(area))}</li>
      {villages > 0 && (
        <li>
          {w.villages(
            count(factOf(run, "villages_fully_covered"), language.value),
            count(villages, language.value),
          )}
        </li>
      )}
      <li>{w.answer(gaps)}</li>
    </ul>
  );
}

/** Places of each class, how many have no hole, and below those that have one. */
function Priority({ classes }: { classes: readonly Of<"priority">[] }) {
  const w = words.value.radioFindings;
  const open = useSignal<string | null>(null);
  if (classes.length === 0) return null;
  const chosen = classes.find((one) => one.class === open.value);
  return (
    <section>
      <h3 class="section">{w.classes}</h3>
      <table class="signal-table">
        <thead>
          <tr>
            <th scope="col">{w.priority}</th>
            <th scope="col">{w.whole}</th>
            <th scope="col">{w.areaShare}</th>
          </tr>
        </thead>
        <tbody>
          {classes.map((one) => (
            <tr key={one.class} data-priority={one.class} aria-selected={chosen === one}>
              <td>
                {one.holes.length > 0 ? (
                  <button
                    type="button"
                    class="link"
                    aria-expanded={chosen === one}
                    onClick={() => (open.value = chosen === one ? null : one.class)}
                  >
                    {say(one.title)}
                  </button>
                ) : (
                  say(one.title)
                )}
              </td>
              <td>
                {one.whole} / {one.places}
              </td>
              <td>{shareText(one.area_km2 > 0 ? one.area_covered_km2 / one.area_km2 : 0, language.value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {chosen && <Holes of={chosen} />}
    </section>
  );
}

function Holes({ of: { title, places, whole, holes } }: { of: Of<"priority"> }) {
  const w = words.value.radioFindings;
  return (
    <>
      <p class="palette-note">
        {say(title)} · {w.holes(count(places - whole, language.value))}
      </p>
      <ol class="finding-list">
        {holes.map((one) => (
          <li key={`${one.layer} ${one.code}`}>
            <button
              type="button"
              data-hole={one.code}
              onClick={() => controller.peek()?.flyTo(one.lon, one.lat, 14)}
            >
              <span class="finding-title">{one.name}</span>
              <span class="finding-count">{w.coveredShare(shareText(one.share, language.value))}</span>
            </button>
          </li>
        ))}
      </ol>
    </>
  );
}

const lineTitle = (layer: string): string =>
  words.value.radioFindings.lines[layer as keyof typeof words.value.radioFindings.lines] ?? layer;

function Lines({ lines }: { lines: readonly Of<"lines">[] }) {
  const w = words.value.radioFindings;
  const kilometres = (value: number) => decimal(value, 1, language.value, 1);
  return (
    <table class="signal-table">
      <thead>
        <tr>
          <th scope="col">{w.line}</th>
          <th scope="col">{w.coveredLength}</th>
          <th scope="col">{w.length}</th>
          <th scope="col">{w.share}</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((one) => (
          <tr key={one.layer} data-lines={one.layer}>
            <td>{lineTitle(one.layer)}</td>
            <td>{kilometres(one.covered_km)}</td>
            <td>{kilometres(one.length_km)}</td>
            <td>{one.length_km > 0 ? shareText(one.covered_km / one.length_km, language.value) : "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Number and name of a way, as signs have them. */
function wayName({ ref, name }: Of<"line_gap">): string {
  const told = [ref, name === ref ? null : name].filter(Boolean);
  return told.length > 0 ? told.join(" ") : words.value.radioFindings.nameless;
}

function Gaps({ run, gaps }: { run: number; gaps: readonly Of<"line_gap">[] }) {
  const w = words.value;
  const all = useSignal(false);
  const shown = all.value ? gaps : gaps.slice(0, FIRST);
  if (gaps.length === 0) return null;
  const keyOf = (one: Of<"line_gap">) => `${one.layer} ${one.lon} ${one.lat}`;
  const go = (one: Of<"line_gap">) => {
    pointed.value = { run, key: keyOf(one), geometry: linesOf(one.line ? [one.line] : []) };
    controller.peek()?.flyTo(one.lon, one.lat, 13);
  };
  return (
    <section>
      <h3 class="section">{w.radioFindings.gaps}</h3>
      <ol class="finding-list">
        {shown.map((one) => (
          <li key={keyOf(one)}>
            <button
              type="button"
              data-line-gap={one.layer}
              aria-pressed={pointed.value?.run === run && pointed.value.key === keyOf(one)}
              onClick={() => go(one)}
            >
              <span class="finding-title">
                {wayName(one)}{" "}
                <span class="muted">{[lineTitle(one.layer), one.place].filter(Boolean).join(" · ")}</span>
              </span>
              <span class="finding-count">{lengthText(one.length_m, language.value)}</span>
            </button>
          </li>
        ))}
      </ol>
      {shown.length < gaps.length && (
        <button type="button" class="link" onClick={() => (all.value = true)}>
          {w.allHotspots(gaps.length)}
        </button>
      )}
    </section>
  );
}

function Sites({ sites }: { sites: Of<"sites"> }) {
  const w = words.value.radioFindings;
  const unit = codeTitle(
    sites.counting_unit,
    catalogue.value?.code_lists["station_counting_unit"],
    language.value,
  );
  const text = (value: number) => count(value, language.value);
  return (
    <section data-sites={sites.counting_unit}>
      <h3 class="section">{w.sites(unit, text(sites.now))}</h3>
      <table class="signal-table">
        <thead>
          <tr>
            <th scope="col">{w.year}</th>
            <th scope="col">{w.built}</th>
            <th scope="col">{w.wanted}</th>
            <th scope="col">{w.missing}</th>
          </tr>
        </thead>
        <tbody>
          {sites.years.map((one) => (
            <tr key={one.year}>
              <td>{one.year}</td>
              <td>{text(one.built)}</td>
              <td>–</td>
              <td>–</td>
            </tr>
          ))}
          {sites.targets.map((one) => (
            <tr key={`target ${one.year}`}>
              <td>
                {one.year}
                <span class="muted">{one.source}</span>
              </td>
              <td>–</td>
              <td>≥ {text(one.at_least)}</td>
              <td>{one.missing === 0 ? w.builtEnough : text(one.missing)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {sites.undated > 0 && <p class="palette-note muted">{w.undated(text(sites.undated))}</p>}
    </section>
  );
}
