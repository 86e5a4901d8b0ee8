/** Sites that are dragged: what they would gain where they are held, and what was put elsewhere. */
import { batch, computed, effect, signal } from "@preact/signals";

import { client, type Problem } from "../data/client";
import type { Reach, ReachRef, Stand } from "../data/siteModel";
import type { PlannedSite } from "../data/siting";
import { middleOf } from "../map/geometry";
import { followOne } from "./following";
import { type GainAt, gainsOf, nearestOf, outlinesOf } from "./siteGain";
import { plannedSites } from "./siting";

/** A site that was put at another candidate by hand. */
export interface Move extends Stand, GainAt {
  readonly lng: number;
  readonly lat: number;
  readonly host: string | null;
  readonly name: string | null;
  readonly source: string;
  readonly cost: number;
}

interface Place {
  readonly lng: number;
  readonly lat: number;
}

export const moves = signal<ReadonlyMap<number, Move>>(new Map());
/** The site whose card is open; candidates around it are known as soon as `reach` is there. */
export const heldSite = signal<number | null>(null);
/** Where a site is held while it is dragged; null: none is. */
export const pull = signal<Place | null>(null);
/** Milliseconds from the last move of the pointer to its gain; told to the tests. */
export const lastGainMs = signal<number | null>(null);

/** Around where candidates are wanted; null: around the site itself. */
const around = signal<Place | null>(null);
const found = signal<{
  readonly rank: number;
  readonly at: Place;
  /** How the other sites stood when it was asked for. */
  readonly others: string;
  readonly block: Reach;
} | null>(null);
export const reachProblem = signal<Problem | null>(null);

/** Moves as the service takes them: rank:candidate:setting. */
export const movesText = (all: Iterable<Stand>): string =>
  [...all].map(({ rank, number, setting }) => `${rank}:${number}:${setting}`).join(",");

/** The block of the held site; null while it is on its way, also where other sites have been moved since. */
export const reach = computed<Reach | null>(() => {
  const [one, rank] = [found.value, heldSite.value];
  return one && rank !== null && one.rank === rank && one.others === othersText(rank) ? one.block : null;
});

/** Moves of all sites but one. */
const othersText = (rank: number): string =>
  movesText([...moves.value.values()].filter((one) => one.rank !== rank));

/** What the held site would gain at each candidate around, most first. */
export const gains = computed<readonly GainAt[]>(() => (reach.value ? gainsOf(reach.value) : []));

/** The gain of the held site where it stands, beside the others. */
export const ownGain = computed<GainAt | null>(() => {
  const [block, rank] = [reach.value, heldSite.value];
  if (!block || rank === null) return null;
  const move = moves.value.get(rank);
  const told = block.taken.find((one) => one.rank === rank) ?? null;
  // A site that has just been put elsewhere gains there what was told before it was.
  return move && (told?.number !== move.number || told.setting !== move.setting) ? move : told;
});

/** What the plan gains as it stands. */
export const coveredNow = computed(() =>
  reach.value && ownGain.value ? reach.value.covered + ownGain.value.gain : null,
);

/** Where the dragged site would come to stand, and what it gains there. */
export const target = computed<GainAt | null>(() => {
  const [block, held] = [reach.value, pull.value];
  const near = block && held && nearestOf(block, held.lng, held.lat);
  return near?.best ? { number: near.number, ...near.best } : null;
});

/** Outlines of the hexagons that the site gains where it is held, or where it stands. */
export const liveHexagons = computed(() => {
  const [block, one] = [reach.value, target.value ?? ownGain.value];
  return block && one ? outlinesOf(block, one) : [];
});

/** Where a site is now. */
export function placeOf(site: PlannedSite): Place {
  const move = moves.value.get(site.rank);
  return move ?? middleOf(site.bbox);
}

export function hold(rank: number | null): void {
  batch(() => {
    if (heldSite.peek() !== rank) around.value = null;
    heldSite.value = rank;
    pull.value = null;
  });
}

/** Drag the held site. */
export function dragTo(lng: number, lat: number): void {
  const begun = performance.now();
  pull.value = { lng, lat };
  if (target.peek()) lastGainMs.value = performance.now() - begun;
  const known = found.peek();
  if (known && isAtEdge(known.block, known.at, { lng, lat })) around.value = { lng, lat };
}

/** Whether a place is so far out that candidates beyond the block may be nearer. */
export function isAtEdge(block: Reach, middle: Place, place: Place): boolean {
  const narrow = Math.cos((middle.lat * Math.PI) / 180);
  const far = (one: Place) => Math.hypot((one.lng - middle.lng) * narrow, one.lat - middle.lat);
  const ends = block.candidates.map(({ lon: lng, lat }) => far({ lng, lat }));
  return far(place) > 0.6 * Math.max(0, ...ends);
}

/** Let go: the site goes to the candidate under it, or back. */
export function drop(): void {
  const [one, rank] = [target.peek(), heldSite.peek()];
  batch(() => {
    pull.value = null;
    if (one && rank !== null) put(rank, one);
  });
}

/** A candidate around the held site. */
export const candidateOf = (number: number) =>
  reach.value?.candidates.find((one) => one.number === number) ?? null;

/** Put the held site at a candidate around it. */
export function put(rank: number, at: GainAt): void {
  const candidate = candidateOf(at.number);
  const stood = moves.peek().get(rank) ?? reach.peek()?.taken.find((one) => one.rank === rank);
  if (!candidate || (stood?.number === at.number && stood.setting === at.setting)) return;
  const { lon: lng, lat, host, name, source, cost } = candidate;
  batch(() => {
    around.value = null;
    moves.value = new Map(moves.peek()).set(rank, { ...at, rank, lng, lat, host, name, source, cost });
  });
}

/** Take moves back: that of one site, or all. */
export function takeBack(rank?: number): void {
  const kept = new Map(rank === undefined ? [] : moves.peek());
  if (rank !== undefined) kept.delete(rank);
  moves.value = kept;
}

/** Keep the candidates around the held site at hand; another plan begins without moves. */
export function followMoves(): void {
  const run = computed(() => plannedSites.value?.run ?? null);
  effect(() => {
    void run.value;
    batch(() => {
      moves.value = new Map();
      hold(null);
    });
  });
  const asked = computed<(ReachRef & Place & { readonly others: string }) | null>(() => {
    const [plan, rank] = [plannedSites.value, heldSite.value];
    const site = plan?.sites.find((one) => one.rank === rank);
    if (!plan || !site) return null;
    return {
      run: plan.run,
      rank: site.rank,
      ...(around.value ?? placeOf(site)),
      moved: movesText(moves.value.values()),
      others: othersText(site.rank),
    };
  });
  followOne(asked, found, reachProblem, async (one, language, signal) => ({
    rank: one.rank,
    at: { lng: one.lng, lat: one.lat },
    others: one.others,
    block: await client.reach(one, language, signal),
  }));
}
