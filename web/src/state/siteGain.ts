/** What a site gains at each candidate beside all others, as the service told it for a place. */
import type { Gain, Reach, ReachedCandidate } from "../data/siteModel";

/** A gain, and at which candidate. */
export interface GainAt extends Gain {
  readonly number: number;
}

/** What the site would gain at each candidate that has room for it, most first. */
export const gainsOf = (reach: Reach): GainAt[] =>
  reach.candidates
    .flatMap(({ number, best }) => (best ? [{ number, ...best }] : []))
    .sort((a, b) => b.gain - a.gain);

/** The candidate that is nearest to a place. */
export function nearestOf(reach: Reach, lng: number, lat: number): ReachedCandidate | null {
  const narrow = Math.cos((lat * Math.PI) / 180);
  const far = (one: ReachedCandidate) => Math.hypot((one.lon - lng) * narrow, one.lat - lat);
  let found: ReachedCandidate | null = null;
  for (const one of reach.candidates) if (!found || far(one) < far(found)) found = one;
  return found;
}

/** Outlines of the hexagons that a site gains. */
export const outlinesOf = (reach: Reach, { hexagons }: Gain): (readonly number[])[] =>
  hexagons.flatMap((number) => {
    const outline = reach.hexagons[number];
    return outline ? [outline] : [];
  });
