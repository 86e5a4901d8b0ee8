/** The questions of each step; every one has an answer to begin with. */
import { controller } from "../../map/current";
import { RegionOptions } from "../../parts/RegionOptions";
import { kindNamed } from "../../state/results";
import {
  ask,
  boxOfView,
  type BudgetBy,
  type DeviceName,
  knownParameters,
  planRun,
  set,
  SITE_PLAN,
} from "../../state/sitingPage";
import { language } from "../../state/store";
import { count } from "../../words/format";
import { say, words } from "../../words";
import { money } from "./planned";

const fieldOf = (name: string) => kindNamed(SITE_PLAN)?.form.find((field) => field.name === name);

interface Choice<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly (readonly [Value, string])[];
  readonly choose: (value: Value) => void;
}

/** A few choices side by side. */
function Segments<Value extends string>({ label, value, options, choose }: Choice<Value>) {
  return (
    <div class="segments" role="radiogroup" aria-label={label}>
      {options.map(([name, title]) => (
        <button
          key={name}
          type="button"
          role="radio"
          aria-checked={name === value}
          data-choice={name}
          onClick={() => choose(name)}
        >
          {title}
        </button>
      ))}
    </div>
  );
}

interface NumberProps {
  readonly label: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly step?: number;
  readonly change: (value: number) => void;
}

function NumberField({ label, value, least, most, step = 1, change }: NumberProps) {
  return (
    <label class="step-field">
      <span>{label}</span>
      <input
        type="number"
        value={value}
        min={least}
        max={most}
        step={step}
        onChange={(event) => {
          const entered = event.currentTarget.valueAsNumber;
          if (Number.isFinite(entered)) change(Math.min(most, Math.max(least, entered)));
        }}
      />
    </label>
  );
}

export function AreaStep() {
  const w = words.value.siteDesk;
  return (
    <>
      <label class="step-field">
        <span>{w.town}</span>
        <select value={ask.value.region} onChange={(event) => set({ region: event.currentTarget.value })}>
          <RegionOptions />
        </select>
      </label>
      {knownParameters.value.has("area") && (
        <label class="step-check">
          <input
            type="checkbox"
            checked={ask.value.area !== null}
            onChange={(event) => set({ area: event.currentTarget.checked ? areaInView() : null })}
          />
          {w.useView}
        </label>
      )}
    </>
  );
}

function areaInView(): GeoJSON.Polygon | null {
  const bounds = controller.peek()?.map.getBounds();
  return bounds
    ? boxOfView({
        west: bounds.getWest(),
        south: bounds.getSouth(),
        east: bounds.getEast(),
        north: bounds.getNorth(),
      })
    : null;
}

export function DemandStep() {
  const w = words.value.siteDesk;
  const known = new Set(
    fieldOf("device")?.options?.map(({ value }) => String(value)) ?? ["stations", "cameras"],
  );
  const devices = (Object.keys(w.devices) as DeviceName[]).filter((name) => known.has(name));
  return (
    <>
      <Segments
        label={w.device}
        value={ask.value.device}
        options={devices.map((name) => [name, w.devices[name]] as const)}
        choose={(device) => set({ device, sources: [] })}
      />
      <p class="ask-note">{w.demandOf[ask.value.device]}</p>
    </>
  );
}

export function CandidateStep() {
  const w = words.value.siteDesk;
  const chosen = new Set(ask.value.sources);
  const facts = Object.entries(planRun.value?.note?.facts ?? {});
  const excluded = facts.flatMap(([name, value]) => {
    const title = w.excludedBy[name as keyof typeof w.excludedBy];
    return title && typeof value === "number" && value > 0
      ? [`${title} ${count(value, language.value)}`]
      : [];
  });
  return (
    <>
      <fieldset class="step-checks">
        <legend>{w.sources}</legend>
        {fieldOf("candidates")?.options?.map(({ value, title }) => (
          <label key={value} class="step-check">
            <input
              type="checkbox"
              checked={chosen.has(String(value))}
              onChange={(event) => {
                const next = new Set(chosen);
                if (event.currentTarget.checked) next.add(String(value));
                else next.delete(String(value));
                set({ sources: [...next] });
              }}
            />
            {say(title)}
          </label>
        ))}
      </fieldset>
      <p class="ask-note">
        {w.usual}（{w.usualSources[ask.value.device]}）
      </p>
      <NumberField
        label={w.spacing}
        value={ask.value.spacing}
        least={0}
        most={5000}
        step={50}
        change={(spacing) => set({ spacing })}
      />
      {chosen.has("roofs") && (
        <NumberField
          label={w.roof}
          value={ask.value.roof}
          least={3}
          most={300}
          change={(roof) => set({ roof })}
        />
      )}
      {excluded.length > 0 && <p class="ask-note">{excluded.join(" · ")}</p>}
    </>
  );
}

export function BandStep() {
  const w = words.value.siteDesk;
  const { device, indoor, task } = ask.value;
  return (
    <>
      {device !== "cameras" && (
        <>
          <Segments
            label={w.steps.band.stations}
            value={indoor ? "indoor" : "outdoor"}
            options={[
              ["outdoor", w.outdoor],
              ["indoor", w.indoor],
            ]}
            choose={(value) => set({ indoor: value === "indoor" })}
          />
          <p class="ask-note">{w.bandNote}</p>
        </>
      )}
      {device !== "stations" && (
        <>
          <label class="step-field">
            <span>{w.steps.band.cameras}</span>
            <select value={task} onChange={(event) => set({ task: event.currentTarget.value })}>
              {Object.entries(w.tasks).map(([name, title]) => (
                <option key={name} value={name}>
                  {title}
                </option>
              ))}
            </select>
          </label>
          <p class="ask-note">{w.cameraNote}</p>
        </>
      )}
    </>
  );
}

export function BudgetStep() {
  const w = words.value.siteDesk;
  const one = ask.value;
  const ways = (["sites", "money", "years", "share"] as const).filter(
    (by) => by !== "share" || knownParameters.value.has("target_share"),
  );
  return (
    <>
      <Segments<BudgetBy>
        label={w.steps.budget}
        value={one.by}
        options={ways.map((by) => [by, w.by[by]] as const)}
        choose={(by) => set({ by })}
      />
      {one.by === "sites" && <Count />}
      {one.by === "money" && (
        <NumberField
          label={w.money}
          value={one.money}
          least={1}
          most={1e6}
          change={(money) => set({ money })}
        />
      )}
      {one.by === "years" && (
        <label class="step-field">
          <span>{w.years}</span>
          <input
            type="text"
            inputMode="numeric"
            value={one.years}
            onChange={(event) => {
              const years = event.currentTarget.value.replaceAll("，", ",").replace(/[^\d,]/g, "");
              if (/^\d+(,\d+)*$/.test(years)) set({ years });
            }}
          />
        </label>
      )}
      {one.by === "share" && (
        <NumberField
          label={w.share}
          value={one.share}
          least={1}
          most={100}
          change={(share) => set({ share })}
        />
      )}
      {knownParameters.value.has("district_least") && one.by !== "share" && (
        <NumberField
          label={w.least}
          value={one.least}
          least={0}
          most={100}
          change={(least) => set({ least })}
        />
      )}
    </>
  );
}

/** How many sites: one fewer, one more, or a number; with what that cost where a plan says what one costs. */
function Count() {
  const w = words.value.siteDesk;
  const { sites, device } = ask.value;
  const found = planRun.value?.summary?.findings ?? [];
  const curve = found.find(
    (one): one is Extract<typeof one, { what: "curve" }> => "what" in one && one.what === "curve",
  );
  const each = curve && curve.cost.length > 0 ? (curve.cost.at(-1) ?? 0) / curve.cost.length : null;
  const step = sites > 100 ? 10 : 1;
  const change = (by: number) => set({ sites: Math.min(2000, Math.max(1, sites + by)) });
  return (
    <div class="step-count">
      <button type="button" class="button" aria-label={w.fewer} onClick={() => change(-step)}>
        −
      </button>
      <input
        type="number"
        aria-label={w.howMany}
        data-sites
        value={sites}
        min={1}
        max={2000}
        onChange={(event) => {
          const entered = Math.round(event.currentTarget.valueAsNumber);
          if (entered >= 1) set({ sites: Math.min(2000, entered) });
        }}
      />
      <button type="button" class="button" aria-label={w.more} onClick={() => change(step)}>
        +
      </button>
      <span>
        {w.unit[device]}
        {each !== null && <span class="muted"> {w.about(money(each * sites))}</span>}
      </span>
    </div>
  );
}
