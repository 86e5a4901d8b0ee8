/** What a site gains at each candidate beside all others: the sum that the engine makes, made in the browser. */
import type { Reach } from "../data/siteModel";

export interface Gain {
  readonly number: number;
  readonly setting: number;
  readonly gain: number;
}

/** What one sure site adds at each demand once all sites of the block stand. */
export function leftBeside(reach: Reach): Float64Array {
  const left = reach.left.slice();
  for (const one of reach.standing) {
    const candidate = reach.candidates.get(one.number);
    if (!candidate) continue;
    const { starts, demand, probability } = candidate;
    const end = starts[one.setting + 1] ?? 0;
    for (let pair = starts[one.setting] ?? 0; pair < end; pair++) {
      const place = demand[pair] ?? 0;
      left[place] = (left[place] ?? 0) * (1 - (probability[pair] ?? 0));
    }
  }
  return left;
}

/** What a candidate adds in one setting. */
export function gainOf(reach: Reach, number: number, setting: number, left: Float64Array): number {
  const candidate = reach.candidates.get(number);
  if (!candidate) return 0;
  const { starts, demand, probability } = candidate;
  const end = starts[setting + 1] ?? 0;
  let sum = 0;
  for (let pair = starts[setting] ?? 0; pair < end; pair++)
    sum += (left[demand[pair] ?? 0] ?? 0) * (probability[pair] ?? 0);
  return sum;
}

/** The setting in which a candidate adds most, the first of equal ones; null where others fill the place. */
export function bestAt(reach: Reach, number: number, left: Float64Array): Gain | null {
  const candidate = reach.candidates.get(number);
  const taken = reach.standing.filter((one) => one.number === number).map((one) => one.setting);
  if (!candidate || taken.length >= reach.ofPlace) return null;
  let best: Gain | null = null;
  for (let setting = 0; setting < candidate.azimuth_deg.length; setting++) {
    if (taken.includes(setting)) continue;
    const gain = gainOf(reach, number, setting, left);
    if (!best || gain > best.gain) best = { number, setting, gain };
  }
  return best;
}

/** What one more site would gain at each candidate of the block, most first. */
export function gainsOf(reach: Reach): Gain[] {
  const left = leftBeside(reach);
  return [...reach.candidates.keys()]
    .flatMap((number) => bestAt(reach, number, left) ?? [])
    .sort((a, b) => b.gain - a.gain);
}

/** The same gain by hexagon, for the map. */
export function hexagonGains(reach: Reach, { number, setting }: Gain, left: Float64Array): Float64Array {
  const sums = new Float64Array(reach.hexagons.length);
  const candidate = reach.candidates.get(number);
  if (!candidate) return sums;
  const { starts, demand, probability } = candidate;
  const end = starts[setting + 1] ?? 0;
  for (let pair = starts[setting] ?? 0; pair < end; pair++) {
    const place = demand[pair] ?? 0;
    const hexagon = reach.hexagon[place] ?? 0;
    sums[hexagon] = (sums[hexagon] ?? 0) + (left[place] ?? 0) * (probability[pair] ?? 0);
  }
  return sums;
}

/** The candidate of a block that is nearest to a place, and how far it is in degrees of latitude. */
export function nearestOf(reach: Reach, lng: number, lat: number): { number: number; far: number } | null {
  const narrow = Math.cos((lat * Math.PI) / 180);
  let found: { number: number; far: number } | null = null;
  for (const { number, lon, lat: south } of reach.candidates.values()) {
    const far = Math.hypot((lon - lng) * narrow, south - lat);
    if (!found || far < found.far) found = { number, far };
  }
  return found;
}
