/** The siting page: its address, the steps that ask for a plan, the plan that is shown, what is fixed by hand. */
import { batch, computed, effect, signal } from "@preact/signals";

import { client, Problem } from "../data/client";
import type { Parameters, Run } from "../data/results";
import type { DemandCells, PlanCandidate } from "../data/siteModel";
import { isGround } from "../map/styles";
import { followOne } from "./following";
import { kindNamed, recordOf, resultsHidden, runs, shownResults, showResult, startRun } from "./results";
import { hold, moves, movesText } from "./siteMoves";
import { plannedSites } from "./siting";
import * as store from "./store";

const PATH = /^\/desk\/siting(?:\/([^/]{1,200}))?\/?$/;
export const SITE_PLAN = "site_plan";

export interface SitingRef {
  /** null: no scenario, but a plan. */
  readonly scenario: string | null;
}

/** Read what a path names; null where it is not that of the siting page. */
export function readSitingPath(path: string): SitingRef | null {
  const found = PATH.exec(path);
  if (!found) return null;
  try {
    return { scenario: found[1] === undefined ? null : decodeURIComponent(found[1]) };
  } catch {
    return { scenario: null };
  }
}

export const writeSitingPath = ({ scenario }: SitingRef) =>
  scenario === null ? "/desk/siting" : `/desk/siting/${encodeURIComponent(scenario)}`;

export const sitingRef = signal<SitingRef | null>(null);

/** Go to the page, or with null back to the map; going back undoes it. */
export function goToSiting(next: SitingRef | null): void {
  history.pushState(history.state, "", `${next ? writeSitingPath(next) : "/desk"}${location.search}`);
  sitingRef.value = next;
}

export const STEPS = ["area", "demand", "candidates", "band", "budget", "run"] as const;
export type StepName = (typeof STEPS)[number];
export type DeviceName = "stations" | "cameras" | "poles";
export type BudgetBy = "sites" | "money" | "years" | "share";

/** What the steps ask. */
export interface Ask {
  readonly device: DeviceName;
  /** Code of a region; empty: the whole city. */
  readonly region: string;
  /** A part of the map in place of all of the region. */
  readonly area: GeoJSON.Polygon | null;
  readonly indoor: boolean;
  readonly task: string;
  /** Empty: the usual ones. */
  readonly sources: readonly string[];
  readonly spacing: number;
  readonly roof: number;
  readonly by: BudgetBy;
  readonly sites: number;
  readonly money: number;
  readonly years: string;
  readonly share: number;
  /** Sites of each town at least. */
  readonly least: number;
  readonly seconds: number;
  readonly sensitivity: boolean;
}

/** With these alone a plan can be asked for. */
export const USUAL: Ask = {
  device: "stations",
  region: "",
  area: null,
  indoor: false,
  task: "detect",
  sources: [],
  spacing: 0,
  roof: 24,
  by: "sites",
  sites: 20,
  money: 300,
  years: "10,10",
  share: 95,
  least: 0,
  seconds: 5,
  sensitivity: false,
};

export const ask = signal<Ask>(USUAL);
export const openStep = signal<StepName>("budget");
export const set = (change: Partial<Ask>) => (ask.value = { ...ask.peek(), ...change });

/** Hosts that the next plan must use, and must not use. */
export const locked = signal<ReadonlySet<string>>(new Set());
export const banned = signal<ReadonlySet<string>>(new Set());

/** Hosts that are fixed: those that were locked, and those to which sites were moved. */
export const forced = computed<readonly string[]>(() => [
  ...new Set([...locked.value, ...[...moves.value.values()].flatMap(({ host }) => host ?? [])]),
]);

function toggled(set: ReadonlySet<string>, host: string): Set<string> {
  const next = new Set(set);
  if (!next.delete(host)) next.add(host);
  return next;
}

const without = (set: ReadonlySet<string>, host: string) => new Set([...set].filter((one) => one !== host));

/** Lock a host or let it go; what is locked is not banned. */
export function toggleLock(host: string): void {
  batch(() => {
    locked.value = toggled(locked.peek(), host);
    banned.value = without(banned.peek(), host);
  });
}

export function toggleBan(host: string): void {
  batch(() => {
    banned.value = toggled(banned.peek(), host);
    locked.value = without(locked.peek(), host);
  });
}

export function freeAll(): void {
  batch(() => {
    locked.value = new Set();
    banned.value = new Set();
  });
}

/** Parameters as the service takes them; those that it does not know (`names`) are left out. */
export function parametersOfAsk(
  one: Ask,
  names: ReadonlySet<string>,
  forced: readonly string[],
  forbidden: readonly string[],
): Parameters {
  const stations = one.device !== "cameras";
  const cameras = one.device !== "stations";
  const all: Record<string, unknown> = {
    device: one.device,
    seconds: one.seconds,
    ...(one.sources.length > 0 && { candidates: one.sources }),
    ...(one.spacing > 0 && { spacing_m: one.spacing }),
    ...(one.sources.includes("roofs") && { roof_m: one.roof }),
    ...(stations && { indoor: one.indoor }),
    ...(cameras && { task: one.task }),
    ...(one.by === "sites" && { budget: one.sites }),
    ...(one.by === "money" && { money: one.money }),
    ...(one.by === "years" && { by_year: one.years }),
    ...(one.by === "share" && { target_share: one.share }),
    ...(one.area && { area: one.area }),
    ...(one.least > 0 && { district_least: { "*": one.least } }),
    ...(one.sensitivity && { sensitivity: true }),
    ...(forced.length > 0 && { forced }),
    ...(forbidden.length > 0 && { forbidden }),
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
}

/** The part of the map in view as an area. */
export function boxOfView(bounds: {
  west: number;
  south: number;
  east: number;
  north: number;
}): GeoJSON.Polygon {
  const { west, south, east, north } = bounds;
  const ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
  return {
    type: "Polygon",
    coordinates: [ring.map(([x = 0, y = 0]) => [Number(x.toFixed(5)), Number(y.toFixed(5))])],
  };
}

/** The run that this page asked for last. */
export const askedRun = signal<number | null>(null);
export const askProblem = signal<Problem | null>(null);
export const sending = signal(false);

export const runningRun = computed<Run | null>(() => {
  const run = runs.value.find((one) => one.id === askedRun.value);
  return run && (run.state === "queued" || run.state === "running") ? run : null;
});
/** The last run of this page where it brought no plan. */
export const failedRun = computed<Run | null>(() => {
  const run = runs.value.find((one) => one.id === askedRun.value);
  return run && !run.has_results && (run.state === "failed" || run.state === "cancelled") ? run : null;
});

export const knownParameters = computed<ReadonlySet<string>>(
  () => new Set((kindNamed(SITE_PLAN)?.form ?? []).map((field) => field.name)),
);

export async function runPlan(): Promise<void> {
  const one = ask.peek();
  const parameters = parametersOfAsk(one, knownParameters.peek(), forced.peek(), [...banned.peek()]);
  batch(() => {
    sending.value = true;
    askProblem.value = null;
    openStep.value = "run";
  });
  try {
    askedRun.value = await startRun(SITE_PLAN, parameters, one.region || null);
  } catch (reason) {
    if (!(reason instanceof Problem)) throw reason;
    askProblem.value = reason;
  }
  sending.value = false;
}

/** The plan that the page shows, and its run. */
export const plan = computed(() => shownResults.value.filter((one) => one.name === SITE_PLAN).at(-1) ?? null);
export const planRun = computed(() => plan.value && recordOf(plan.value.run));

export const demandCells = signal<{ readonly run: number; readonly cells: DemandCells } | null>(null);
const demandProblem = signal<Problem | null>(null);
export const candidates = signal<{ readonly run: number; readonly all: readonly PlanCandidate[] } | null>(
  null,
);
const candidatesProblem = signal<Problem | null>(null);

/** Hexagons of about ten to forty pixels: of cameras they are finer, since a camera reaches less far. */
export function resolutionAt(zoom: number, device: unknown): number {
  const coarse = zoom < 11.25 ? 8 : zoom < 13.5 ? 9 : 10;
  return device === "cameras" ? Math.min(coarse + (zoom < 15 ? 0 : 1), 11) : coarse;
}

/** Layers that stand on the map of the page beside the ground: what is planned, as it stands. */
const STANDING: Readonly<Record<DeviceName, readonly string[]>> = {
  stations: ["base_stations"],
  cameras: ["cameras"],
  poles: ["poles"],
};
export const standingLayers = computed(() => {
  const device = planRun.value?.parameters["device"] ?? ask.value.device;
  return STANDING[device as DeviceName] ?? [];
});

/** Take from a plan what it was asked by, so that the steps tell the plan that is shown. */
export function askOfRun({ parameters, region }: Pick<Run, "parameters" | "region">): Ask {
  const value = <Known>(name: string, usual: Known): Known => (parameters[name] ?? usual) as Known;
  const years = value<readonly number[]>("by_year", []);
  const money = value<number | null>("money", null);
  const share = value<number | null>("target_share", null);
  return {
    device: value("device", USUAL.device),
    region: region ?? "",
    area: value("area", null),
    indoor: value("indoor", false),
    task: value("task", USUAL.task),
    sources: value("candidates", []),
    spacing: value("spacing_m", 0),
    roof: value("roof_m", USUAL.roof),
    by: share !== null ? "share" : money !== null ? "money" : years.length > 0 ? "years" : "sites",
    sites: value("budget", USUAL.sites),
    money: money ?? USUAL.money,
    years: years.length > 0 ? years.join(",") : USUAL.years,
    share: share ?? USUAL.share,
    least: value<Readonly<Record<string, number>>>("district_least", {})["*"] ?? 0,
    seconds: value("seconds", USUAL.seconds),
    sensitivity: value("sensitivity", false),
  };
}

/** Follow the address, and what is asked of the plan on the page. */
export function followSitingPage(): void {
  const take = () => (sitingRef.value = readSitingPath(location.pathname));
  take();
  window.addEventListener("popstate", take);
  // A run that brought a plan is shown, also one that was ended with the best so far.
  let shown: number | null = null;
  effect(() => {
    const run = runs.value.find((one) => one.id === askedRun.value);
    if (!run?.has_results || shown === run.id || !sitingRef.value) return;
    shown = run.id;
    const published = run.published ? { region: run.region, run: null } : { region: null, run: run.id };
    showResult({ kind: SITE_PLAN, subject: run.subject, ...published });
  });
  // The plan that stands is told first; a reader who has none begins with the usual steps.
  effect(() => {
    if (!sitingRef.value || !store.catalogue.value || plan.peek()) return;
    const last = runs.value.find(
      (one) => one.kind === SITE_PLAN && one.has_results && !one.parameters["scenario"],
    );
    if (last && askedRun.peek() === null && sitingRef.value.scenario === null)
      showResult({ kind: SITE_PLAN, subject: last.subject, region: null, run: last.id });
  });
  effect(() => {
    const run = planRun.value;
    if (run && sitingRef.value) ask.value = askOfRun(run);
  });
  effect(() => {
    resultsHidden.value = sitingRef.value !== null;
  });
  followLayers();
  const onPage = computed(() => (sitingRef.value && planRun.value ? { run: planRun.value.id } : null));
  const resolution = computed(() =>
    resolutionAt(store.view.value?.zoom ?? 0, planRun.value?.parameters["device"]),
  );
  const asked = computed(
    () =>
      onPage.value && {
        ...onPage.value,
        resolution: resolution.value,
        moved: movesText(moves.value.values()),
      },
  );
  followOne(asked, demandCells, demandProblem, async ({ run, resolution, moved }, language, signal) => ({
    run,
    cells: await client.demand(run, resolution, moved, language, signal),
  }));
  followOne(onPage, candidates, candidatesProblem, async ({ run }, language, signal) => ({
    run,
    all: (await client.candidates(run, language, signal)).candidates,
  }));
}

/** On the page the map shows the ground and what stands; what the reader had chosen comes back after it. */
function followLayers(): void {
  let before: { readonly chosen: ReadonlySet<string> | null } | null = null;
  effect(() => {
    const here = sitingRef.value !== null;
    const ground = store.drawnLayers.value.filter((layer) => isGround(layer) && layer.style?.visible);
    if (ground.length === 0) return;
    const standing = standingLayers.value;
    if (here) {
      before ??= { chosen: store.chosenVisible.peek() };
      store.chosenVisible.value = new Set([...ground.map(({ name }) => name), ...standing]);
    } else if (before) {
      store.chosenVisible.value = before.chosen;
      before = null;
      hold(null);
    }
  });
}

/** What the map should show of a plan: all its sites. */
export function boxOfPlan(): readonly [number, number, number, number] | null {
  const sites = plannedSites.peek()?.sites ?? [];
  if (sites.length === 0) return null;
  const xs = sites.map(({ bbox }) => bbox[0]);
  const ys = sites.map(({ bbox }) => bbox[1]);
  const margin = 0.01;
  return [
    Math.min(...xs) - margin,
    Math.min(...ys) - margin,
    Math.max(...xs) + margin,
    Math.max(...ys) + margin,
  ];
}
