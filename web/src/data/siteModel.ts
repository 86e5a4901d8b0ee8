/** The covering model of a plan, as far as a browser needs it to move sites by itself. */

/** A place where a site could stand. */
export interface SiteCandidate {
  readonly number: number;
  readonly lon: number;
  readonly lat: number;
  readonly source: string;
  readonly host: string | null;
  readonly name: string | null;
  readonly owner: string | null;
  readonly power: string | null;
  readonly height_m: number | null;
  readonly cost: number;
}

/** The same with what is against it, and the ranks of the sites that the plan puts there. */
export interface PlanCandidate extends SiteCandidate {
  readonly reasons: readonly string[];
  readonly ranks: readonly number[];
}

/** A site as it stands now: at which candidate, in which of its settings. */
export interface Stand {
  readonly rank: number;
  readonly number: number;
  readonly setting: number;
}

/** What a candidate reaches in each setting, as compressed rows. */
export interface ReachedCandidate extends SiteCandidate {
  readonly azimuth_deg: readonly number[];
  readonly tilt_deg: readonly number[];
  readonly starts: Uint32Array;
  readonly demand: Uint32Array;
  readonly probability: Float64Array;
}

export interface Reach {
  /** Settings of one candidate at most. */
  readonly ofPlace: number;
  /** What the plan gains as it stands, without the sites that are taken out. */
  readonly covered: number;
  /** Sites of the plan that stand at candidates of this block. */
  readonly standing: readonly Stand[];
  /** Sites that are taken out of it, as they stood. */
  readonly taken: readonly Stand[];
  /** Corners of hexagons, longitude and latitude in turn. */
  readonly hexagons: readonly (readonly number[])[];
  readonly candidates: ReadonlyMap<number, ReachedCandidate>;
  /** What one sure site adds at each demand beside all sites outside of this block. */
  readonly left: Float64Array;
  /** The hexagon of each demand. */
  readonly hexagon: Uint32Array;
}

interface Header {
  readonly of_place: number;
  readonly covered: number;
  readonly demands: number;
  readonly standing: readonly Stand[];
  readonly taken: readonly Stand[];
  readonly hexagons: readonly (readonly number[])[];
  readonly candidates: readonly (Omit<ReachedCandidate, "starts" | "demand" | "probability"> & {
    readonly pairs: number;
  })[];
}

const padded = (bytes: number) => Math.ceil(bytes / 8) * 8;

/** Read a block of /runs/{run}/reach: a header in JSON and arrays, little-endian as all browsers are. */
export function readReach(body: ArrayBuffer): Reach {
  const length = new DataView(body).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(body, 8, length))) as Header;
  let at = 8 + length;
  const left = new Float64Array(body, at, header.demands);
  at += left.byteLength;
  const hexagon = new Uint32Array(body, at, header.demands);
  at += padded(hexagon.byteLength);
  const candidates = new Map<number, ReachedCandidate>();
  for (const { pairs, ...one } of header.candidates) {
    const probability = new Float64Array(body, at, pairs);
    at += probability.byteLength;
    const starts = new Uint32Array(body, at, one.azimuth_deg.length + 1);
    const demand = new Uint32Array(body, at + starts.byteLength, pairs);
    at += padded(starts.byteLength + demand.byteLength);
    candidates.set(one.number, { ...one, starts, demand, probability });
  }
  return {
    ofPlace: header.of_place,
    covered: header.covered,
    standing: header.standing,
    taken: header.taken,
    hexagons: header.hexagons,
    candidates,
    left,
    hexagon,
  };
}

/** Hexagons with what is missing without a plan, and what it gains. */
export interface DemandCells {
  readonly resolution: number;
  readonly most: number;
  readonly features: readonly {
    readonly id: string;
    readonly geometry: GeoJSON.Polygon;
    readonly properties: { readonly missing: number; readonly gained: number };
  }[];
}

/** A site of a plan that is taken out to be moved, and the place around which candidates are wanted. */
export interface ReachRef {
  readonly run: number;
  readonly rank: number;
  readonly lng: number;
  readonly lat: number;
  /** Sites that were moved before: rank:candidate:setting, with commas between. */
  readonly moved: string;
}

/** Cells of one resolution of a run with their values. */
export interface RunCells {
  readonly resolution: number;
  readonly features: readonly {
    readonly id: string;
    readonly geometry: GeoJSON.Polygon;
    readonly properties: Readonly<Record<string, number | null>>;
  }[];
}
