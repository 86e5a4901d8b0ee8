/** Why a place has the signal it has: class and level, what would help, the five strongest sectors, the budget of one. */
import { TECHNOLOGIES, type RadioExplanation, type RadioSector } from "../data/radio";
import { controller } from "../map/current";
import { ProblemNote } from "../parts/States";
import {
  budgetLines,
  budgetOf,
  budgetSector,
  closeSignal,
  explanation,
  signalAt,
  signalProblem,
} from "../state/signal";
import { select } from "../state/select";
import { language } from "../state/store";
import { count } from "../words/format";
import { lengthText } from "../words/lengths";
import { decibels, shareText } from "../words/results";
import { cellLevel, inTheWay, levelWord } from "../words/signal";
import { words } from "../words";
import { CardLoading, SideCard } from "./SideCard";

export function SignalCard() {
  const w = words.value;
  const at = signalAt.value;
  const found = explanation.value;
  const close = () => {
    closeSignal();
    controller.value?.container.focus();
  };
  return (
    <SideCard
      sort="signal"
      label={w.signal.tool}
      kind={w.signal.tool}
      answer={at && found ? <Answer found={found} /> : w.signal.ask}
      head={
        <>
          {at && found ? <Sub found={found} /> : <p class="card-sub">{w.signal.askNote}</p>}
          {at && <TechnologyChoice />}
        </>
      }
      close={close}
      data={{ "data-signal": found ? found.class : "" }}
    >
      {at &&
        (found ? (
          <Told found={found} />
        ) : signalProblem.value ? (
          <ProblemNote title={w.signal.failed} problem={signalProblem.value} />
        ) : (
          <CardLoading />
        ))}
    </SideCard>
  );
}

function Answer({ found }: { found: RadioExplanation }) {
  const w = words.value;
  if (found.level_dbm === null) return <>{w.signal.noLevel}</>;
  return (
    <>
      {levelWord(found.class, found.level_dbm, found.no_signal_dbm)} · {found.reference}{" "}
      {decibels(found.level_dbm)} dBm
    </>
  );
}

function Sub({ found }: { found: RadioExplanation }) {
  const w = words.value;
  const { dbm, sinr_db } = found.thresholds;
  return (
    <div class="card-sub">
      <span class={`badge ${found.covered ? "status-in_service" : "status-fault"}`}>
        {found.covered ? w.signal.covered : w.signal.uncovered}
      </span>
      {found.sinr_db !== null && <span>{w.signal.sinr(decibels(found.sinr_db))}</span>}
      <span>{w.signal.thresholds(decibels(dbm, 0), decibels(sinr_db, 0))}</span>
      <span class="muted">{w.signal.prediction}</span>
    </div>
  );
}

function TechnologyChoice() {
  const w = words.value;
  const at = signalAt.value;
  if (!at) return null;
  return (
    <div class="segments" role="tablist" aria-label={w.signal.technology}>
      {TECHNOLOGIES.map((technology) => (
        <button
          key={technology}
          type="button"
          role="tab"
          aria-selected={at.technology === technology}
          onClick={() => {
            budgetOf.value = null;
            signalAt.value = { ...at, technology };
          }}
        >
          {w.signal.technologies[technology]}
        </button>
      ))}
    </div>
  );
}

const SIGHT = {
  buildings: (w: (typeof words.value)["signal"]) => w.byBuildings,
  probability: (w: (typeof words.value)["signal"]) => w.byChance,
  none: (w: (typeof words.value)["signal"]) => w.withoutSight,
};

function Told({ found }: { found: RadioExplanation }) {
  const w = words.value;
  const missing = Math.max(0, ...Object.values(found.assumed));
  return (
    <>
      {found.map && (
        <p class="palette-note" data-map-class={found.map.class}>
          {w.signal.onTheMap(
            String(found.map.run),
            found.map.scenario,
            levelWord(found.map.class, found.map.level_dbm, found.no_signal_dbm),
            found.map.level_dbm === null ? "–" : cellLevel(found.map.level_dbm, found.no_signal_dbm),
          )}
          {found.map.low_dbm !== null && found.map.high_dbm !== null && (
            <> {w.signal.spread(decibels(found.map.low_dbm), decibels(found.map.high_dbm))}</>
          )}
        </p>
      )}
      <p class="palette-note" data-indoors={found.indoor.class}>
        {w.signal.indoors(w.signal.buildings[found.indoor.building_class])}{" "}
        {levelWord(found.indoor.class, found.indoor.level_dbm, found.no_signal_dbm)}
        {found.indoor.level_dbm !== null && ` ${decibels(found.indoor.level_dbm)} dBm`}
        {" · "}
        {found.indoor.covered ? w.signal.covered : w.signal.uncovered}
      </p>
      {found.remedies.length > 0 && (
        <>
          <h3 class="section">{w.signal.remedies}</h3>
          <ul class="signal-remedies">
            {found.remedies.map((remedy) => (
              <li key={`${remedy.kind}:${remedy.id}`} data-remedy={remedy.kind}>
                {remedy.sentence[language.value]}
              </li>
            ))}
          </ul>
        </>
      )}
      <h3 class="section">{w.signal.sectors}</h3>
      {found.sectors.length > 0 ? (
        <Sectors sectors={found.sectors} />
      ) : (
        <p class="palette-note muted">{w.signal.noSectors}</p>
      )}
      <Budget found={found} />
      <p class="palette-note muted">
        {w.signal.method(
          found.release,
          SIGHT[found.line_of_sight](w.signal),
          found.terrain ? w.signal.withTerrain : w.signal.flat,
        )}
        {missing > 0 && <> {w.signal.assumed(count(missing, language.value))}</>}
      </p>
    </>
  );
}

const nameOf = (sector: RadioSector) => sector.code ?? `#${sector.id}`;

function Sectors({ sectors }: { sectors: readonly RadioSector[] }) {
  const w = words.value;
  const shown = budgetSector.value;
  return (
    <table class="signal-table">
      <thead>
        <tr>
          <th>{w.signal.sector}</th>
          <th>{w.signal.distance}</th>
          <th>{w.signal.offAxis}</th>
          <th>{w.signal.level}</th>
        </tr>
      </thead>
      <tbody>
        {sectors.map((sector) => (
          <tr key={sector.id} data-sector={nameOf(sector)} aria-selected={sector.id === shown?.id}>
            <td>
              <button
                type="button"
                class="link"
                aria-label={w.signal.showBudget(nameOf(sector))}
                onClick={() => (budgetOf.value = sector.id)}
              >
                {nameOf(sector)}
              </button>
              <span class="muted">
                {sightText(sector)} · {w.signal.models[sector.model as keyof typeof w.signal.models]}
              </span>
            </td>
            <td>{lengthText(sector.distance_m, language.value)}</td>
            <td>
              {sector.off_axis_deg === null ? w.signal.unknownAzimuth : `${sector.off_axis_deg.toFixed(0)}°`}
            </td>
            <td>{decibels(sector.level_dbm)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Whether a sector is seen from here, and what stands in the way. */
function sightText(sector: RadioSector): string {
  const w = words.value.signal;
  const { chance } = sector;
  const byChance = chance !== null && chance > 0 && chance < 1;
  const told = byChance ? [w.chance(shareText(chance, language.value))] : [];
  if (chance === null) told.push(w.withoutSight);
  return [...told, ...inTheWay(sector)].join(" · ");
}

function Budget({ found }: { found: RadioExplanation }) {
  const w = words.value;
  const sector = budgetSector.value;
  if (!sector) return null;
  const margin = sector.level_dbm - found.thresholds.dbm;
  return (
    <>
      <h3 class="section">{w.signal.budget(nameOf(sector))}</h3>
      <table class="signal-table budget">
        <tbody>
          {budgetLines(sector).map((line) => (
            <tr key={line.name} class={line.sum ? "sum" : undefined} data-line={line.name}>
              <th scope="row">{w.signal.lines[line.name]}</th>
              <td>
                {line.sum ? decibels(line.value) : decibels(line.value, 1, true)} {line.sum ? "dBm" : "dB"}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="palette-note">
        {margin >= 0 ? w.signal.margin(decibels(margin)) : w.signal.lacking(decibels(-margin))}{" "}
        <button type="button" class="link" onClick={() => openSector(sector.id)}>
          {w.signal.openSector}
        </button>
      </p>
    </>
  );
}

function openSector(id: number): void {
  closeSignal();
  select("sectors", id);
}
