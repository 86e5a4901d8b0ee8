/** Typed requests to the service; every failure becomes a `Problem`. */
import { boxOf, contains } from "../map/geometry";
import type { TrialAnswer, TrialChange } from "./trial";
import type { IncidentCounts, StepName } from "./counts";
import type { Around, AroundShape } from "./around";
import { radioAddress, type RadioAsked, type RadioExplanation } from "./radio";
import type { Cell, Parameters, Run, RunsDocument } from "./results";
import type { CameraView, Spot, Why } from "./sight";
import type { DemandCells, PlanCandidate, Reach, ReachRef, RunCells } from "./siteModel";
import type {
  ComparedCells,
  ComparedKind,
  Comparison,
  PlannedSite,
  Scenario,
  ScenarioPlaces,
  ScenarioState,
  ScenarioSummary,
  SiteExplained,
} from "./siting";
import type {
  Box,
  City,
  FoundCoordinates,
  Item,
  LayerRecords,
  LayersDocument,
  Region,
  SearchResult,
} from "./types";
import type { RegionCardDocument, Series, Trends, ViewOfRegion, ViewSummary } from "./views";

/** A problem document (RFC 9457), or a request that got no answer (`status` 0). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly requestId: string | null = null,
  ) {
    super(title);
  }

  /** True where nothing answered: no network, or the service is down. */
  get unreachable(): boolean {
    return this.status === 0;
  }
}

/** Read the problem that an answer carries; an answer without one gives its status line. */
export async function problemOf(response: Response): Promise<Problem> {
  const kind = response.headers.get("content-type") ?? "";
  if (kind.includes("json")) {
    const body: unknown = await response.json().catch(() => null);
    if (typeof body === "object" && body !== null) {
      const document = body as Record<string, unknown>;
      const text = (key: string) => (typeof document[key] === "string" ? document[key] : "");
      return new Problem(response.status, text("title"), text("detail"), text("request_id") || null);
    }
  }
  return new Problem(response.status, `${response.status} ${response.statusText}`, "");
}

async function ask<T>(path: string, language: string, how: RequestInit = {}): Promise<T> {
  return (await (await answer(path, language, how)).json()) as T;
}

/** Reads that were told to come again are tried so often more, each after at most so long. */
const [MOST_TRIES, LONGEST_WAIT_MS] = [3, 10_000];

/** Ask for something; a busy service is asked again where that changes nothing. */
export async function answer(path: string, language: string, how: RequestInit): Promise<Response> {
  const again = (how.method ?? "GET") === "GET" ? MOST_TRIES : 0;
  for (let tries = 0; ; tries++) {
    let response: Response;
    try {
      response = await fetch(path, {
        ...how,
        headers: {
          "Accept-Language": language,
          Accept: "application/geo+json, application/json",
          ...how.headers,
        },
      });
    } catch (reason) {
      if (how.signal?.aborted) throw reason;
      throw new Problem(0, "", "");
    }
    if (response.ok) return response;
    const wait = waitBefore(response);
    if (wait === null || tries >= again) throw await problemOf(response);
    await pause(wait, how.signal ?? null);
  }
}

/** After how long a busy service wants to be asked again, in milliseconds; null where it does not say. */
export function waitBefore({ status, headers }: Pick<Response, "status" | "headers">): number | null {
  const after = headers.get("retry-after");
  if ((status !== 503 && status !== 429) || after === null || !/^\d{1,6}$/.test(after)) return null;
  return Math.min(Number(after) * 1000, LONGEST_WAIT_MS);
}

/** Wait, unless the reader leaves meanwhile. */
function pause(milliseconds: number, signal: AbortSignal | null): Promise<void> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}

const get = <T>(path: string, language: string, signal?: AbortSignal) =>
  ask<T>(path, language, signal ? { signal } : {});

/** More grids than a phone's view holds. */
const MOST_GRIDS = 200;
/** How many runs the list of recent ones holds. */
const RECENT = 20;

export const client = {
  views: (language: string) => get<{ views: readonly ViewSummary[] }>("/views", language),
  /** What a view tells of a region, at present or at the end of an earlier day. */
  viewOfRegion: (
    name: string,
    region: string,
    language: string,
    earlier?: { readonly day: string; readonly signal: AbortSignal },
  ) => {
    const path = `/views/${encodeURIComponent(name)}/${encodeURIComponent(region)}`;
    return get<ViewOfRegion>(earlier ? `${path}?at=${earlier.day}` : path, language, earlier?.signal);
  },
  /** All indicators of a view on each of the days up to one. */
  trends: (name: string, region: string, days: number, at: string, language: string, signal: AbortSignal) =>
    get<Trends>(`/views/${name}/${region}/trends?days=${days}&at=${at}`, language, signal),
  /** One indicator of a view and of the region's parts, day by day. */
  series: (asked: SeriesAsked, language: string, signal: AbortSignal) =>
    get<Series>(
      `/views/${asked.view}/${asked.region}/series?${new URLSearchParams({
        indicator: asked.indicator,
        step: "day",
        from: asked.from,
        to: asked.to,
      })}`,
      language,
      signal,
    ),
  regionCard: (code: string, language: string, signal: AbortSignal) =>
    get<RegionCardDocument>(`/regions/${encodeURIComponent(code)}/card`, language, signal),
  layers: (language: string) => get<LayersDocument>("/layers", language),
  /** Tells whether the service has its database. */
  isReady: () =>
    fetch("/readyz").then(
      (answer) => answer.ok,
      () => false,
    ),
  city: (language: string) => get<City>("/city", language),
  /** Since when each layer is known. */
  records: (language: string, signal: AbortSignal) => get<LayerRecords>("/layers/records", language, signal),
  /** A feature as it is now, or as it was on a day. */
  item: (layer: string, id: number, language: string, signal?: AbortSignal, day: string | null = null) =>
    get<Item>(`${itemAddress(layer, id)}${day === null ? "" : `?datetime=${day}`}`, language, signal),
  region: (code: string, language: string) => get<Region>(`/regions/${encodeURIComponent(code)}`, language),
  search: (text: string, limit: number, language: string, signal?: AbortSignal) =>
    get<{ results: SearchResult[]; coordinates: FoundCoordinates | null }>(
      `/search?q=${encodeURIComponent(text)}&limit=${limit}`,
      language,
      signal,
    ),
  /** The feature of a layer that has a code; undefined where there is none. */
  withCode: async (layer: string, code: string, language: string) => {
    const query = `code=${encodeURIComponent(code)}&limit=1`;
    const found = await get<{ features: Item[] }>(
      `/ogc/collections/${encodeURIComponent(layer)}/items?${query}`,
      language,
    );
    return found.features[0];
  },
  runs: (language: string) => get<RunsDocument>(`/runs?limit=${RECENT}`, language),
  run: (id: number, language: string, signal?: AbortSignal) => get<Run>(`/runs/${id}`, language, signal),
  startRun: (kind: string, parameters: Parameters, region: string | null, language: string) =>
    ask<Run>("/runs", language, { method: "POST", body: JSON.stringify({ kind, parameters, region }) }),
  callOff: (id: number, language: string) => ask<Run>(`/runs/${id}`, language, { method: "DELETE" }),
  /** Why a place is not seen, by camera. */
  why: (lng: number, lat: number, task: string, language: string, signal?: AbortSignal) =>
    get<Why>(`/explain/camera?lon=${lng.toFixed(7)}&lat=${lat.toFixed(7)}&task=${task}`, language, signal),
  cameraView: (id: number, task: string, language: string, signal?: AbortSignal) =>
    get<CameraView>(`/explain/camera/${id}?task=${task}`, language, signal),
  ranking: (run: number, grid: string, limit: number, language: string, signal?: AbortSignal) =>
    get<{ features: readonly Spot[] }>(
      `/runs/${run}/ranking?limit=${limit}&grid=${encodeURIComponent(grid)}`,
      language,
      signal,
    ),
  plannedSites: (run: number, limit: number, language: string, signal?: AbortSignal) =>
    get<{ features: readonly PlannedSite[] }>(`/runs/${run}/ranking?limit=${limit}`, language, signal),
  /** Draft a scenario of the sites of a plan. */
  draftScenario: (name: string, run: number, language: string) =>
    ask<Scenario>("/scenarios", language, { method: "POST", body: JSON.stringify({ name, run }) }),
  scenarios: (language: string, signal?: AbortSignal) =>
    get<{ scenarios: readonly ScenarioSummary[] }>("/scenarios?limit=200", language, signal),
  /** A scenario, and the tag that a change of it must name. */
  scenario: async (name: string, language: string, signal?: AbortSignal) => {
    const found = await answer(scenarioAddress(name), language, signal ? { signal } : {});
    return { scenario: (await found.json()) as Scenario, tag: found.headers.get("etag") ?? "*" };
  },
  scenarioPlaces: (name: string, language: string, signal?: AbortSignal) =>
    get<ScenarioPlaces>(`${scenarioAddress(name)}/changes.geojson`, language, signal),
  setScenarioState: (name: string, state: ScenarioState, tag: string, language: string) =>
    ask<Scenario>(`${scenarioAddress(name)}/state`, language, {
      method: "POST",
      body: JSON.stringify({ state }),
      headers: { "If-Match": tag },
    }),
  /** Write what a final scenario adds, once. */
  applyScenario: (name: string, tag: string, language: string) =>
    ask<Scenario>(`${scenarioAddress(name)}/apply`, language, {
      method: "POST",
      headers: { "If-Match": tag },
    }),
  compare: (
    sides: readonly string[],
    kind: ComparedKind,
    region: string,
    language: string,
    signal?: AbortSignal,
  ) => get<Comparison>(`/scenarios/compare?${comparing(sides, kind, region)}`, language, signal),
  comparedCells: (
    sides: readonly [string, string],
    kind: ComparedKind,
    region: string,
    language: string,
    signal?: AbortSignal,
  ) =>
    get<ComparedCells>(
      `/scenarios/compare/cells.geojson?${comparing(sides, kind, region)}`,
      language,
      signal,
    ),
  cellsOf: async (run: number, resolution: number, language: string, signal?: AbortSignal) => ({
    ...(await get<Omit<RunCells, "resolution">>(
      `/runs/${run}/cells.geojson?resolution=${resolution}`,
      language,
      signal,
    )),
    resolution,
  }),
  explainSite: (run: number, id: string, language: string, signal?: AbortSignal) =>
    get<SiteExplained>(`/runs/${run}/sites/${encodeURIComponent(id)}`, language, signal),
  /** What a site of a plan would gain at the candidates around a place. */
  reach: ({ run, rank, lng, lat, moved }: ReachRef, language: string, signal: AbortSignal) => {
    const asked = new URLSearchParams({
      lon: lng.toFixed(6),
      lat: lat.toFixed(6),
      moved,
      without: String(rank),
    });
    return get<Reach>(`/runs/${run}/reach?${asked}`, language, signal);
  },
  candidates: (run: number, language: string, signal?: AbortSignal) =>
    get<{ candidates: readonly PlanCandidate[] }>(`/runs/${run}/candidates`, language, signal),
  demand: (run: number, resolution: number, moved: string, language: string, signal?: AbortSignal) =>
    get<DemandCells>(
      `/runs/${run}/demand.geojson?resolution=${resolution}&moved=${encodeURIComponent(moved)}`,
      language,
      signal,
    ),
  tryCamera: (query: URLSearchParams, language: string, signal?: AbortSignal) =>
    get<TrialAnswer>(`/what-if/camera?${query}`, language, signal),
  draftChanges: (name: string, changes: readonly TrialChange[], language: string) =>
    ask<Scenario>("/scenarios", language, { method: "POST", body: JSON.stringify({ name, changes }) }),
  /** Governance grids in a box, west, south, east, north. */
  gridsIn: async (box: Box, language: string, signal?: AbortSignal) => {
    const found = await get<{ features: Item[] }>(
      `/ogc/collections/governance_grids/items?bbox=${box.map((one) => one.toFixed(6)).join(",")}&limit=${MOST_GRIDS}`,
      language,
      signal,
    );
    return found.features;
  },
  /** How many cameras inside an area are offline. */
  offlineIn: async (area: GeoJSON.Geometry, language: string, signal?: AbortSignal) => {
    const box = boxOf(area);
    if (!box) return 0;
    const found = await get<{ features: Item[] }>(
      `/ogc/collections/cameras/items?bbox=${box.join(",")}&online=false&limit=1000`,
      language,
      signal,
    );
    return found.features.filter(({ geometry }) => {
      const [lng, lat] = geometry?.type === "Point" ? geometry.coordinates : [];
      return lng !== undefined && lat !== undefined && contains(area, lng, lat);
    }).length;
  },
  /** Incidents of a window, one by name or days with a slash between; of a region, or of all where it is empty. */
  incidentCounts: (
    window: string,
    step: StepName | "",
    resolution: number,
    region: string,
    language: string,
    signal?: AbortSignal,
  ) => {
    const asked = new URLSearchParams({ [window.includes("/") ? "datetime" : "window"]: window });
    if (region) asked.set("region", region);
    asked.set("resolution", String(resolution));
    if (step) asked.set("step", step);
    return get<IncidentCounts>(`/incidents/counts?${asked}`, language, signal);
  },
  cell: (run: number, cell: string, language: string, signal?: AbortSignal) =>
    get<Cell>(`/runs/${run}/cells/${cell}`, language, signal),
  around: (lng: number, lat: number, language: string, signal?: AbortSignal) =>
    get<Around>(`/around?lon=${lng.toFixed(7)}&lat=${lat.toFixed(7)}`, language, signal),
  /** What lies in and around an outline that was drawn. */
  aroundShape: (shape: AroundShape, language: string, signal: AbortSignal) =>
    ask<Around>("/around", language, { method: "POST", body: JSON.stringify(shape), signal }),
  radio: (at: RadioAsked, language: string, signal?: AbortSignal) =>
    get<RadioExplanation>(radioAddress(at), language, signal),
};

const scenarioAddress = (name: string) => `/scenarios/${encodeURIComponent(name)}`;

function comparing(sides: readonly string[], kind: ComparedKind, region: string): URLSearchParams {
  const asked = new URLSearchParams(sides.map((side, place) => ["abcd"[place] ?? "", side]));
  asked.set("kind", kind);
  asked.set("region", region);
  return asked;
}

export interface SeriesAsked {
  readonly view: string;
  readonly region: string;
  readonly indicator: string;
  readonly from: string;
  readonly to: string;
}

/** Address of one feature in the OGC API. */
export function itemAddress(layer: string, id: number): string {
  return `/ogc/collections/${encodeURIComponent(layer)}/items/${id}`;
}
