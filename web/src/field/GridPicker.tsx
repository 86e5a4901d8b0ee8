/** Choosing one's own grid: by name or code, where one stands, or among those around the middle of the map. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { client, Problem } from "../data/client";
import type { Box, Item } from "../data/types";
import { controller } from "../map/current";
import { boxOf } from "../map/geometry";
import type { Corner } from "../map/outline";
import { Icon } from "../parts/icons";
import { hereProblem, locate } from "../state/here";
import { gridName, takeGrid } from "../state/sight";
import { announcement, language, view } from "../state/store";
import { lengthText } from "../words/lengths";
import { words } from "../words";
import { type NearGrid, nearestGrids } from "./grids";

const PAUSE_MS = 200;
/** Of the search only grids are of use: so many results are looked through. */
const SEARCHED = 50;
const LISTED = 12;
/** Half the side of the box in which grids are offered, in degrees; wider where none is near. */
const REACHES = [0.015, 0.08];
/** A grid is seen as a whole. */
const GRID_ZOOM = 16;
const LAYER = "governance_grids";

export function GridPicker() {
  const w = words.value.gridPicker;
  const text = useSignal("");
  const near = useSignal<readonly NearGrid[] | null>(null);
  const found = useSignal<readonly Item[] | null>(null);
  const problem = useSignal<string | null>(null);
  const say = (reason: unknown) => {
    if (!(reason instanceof Problem)) throw reason;
    problem.value = reason.unreachable ? words.value.unreachable : reason.detail || reason.title;
  };
  const at = view.value;
  const [lng, lat] = [at?.lng, at?.lat];
  useEffect(() => {
    if (lng === undefined || lat === undefined) return;
    const aborter = new AbortController();
    const timer = window.setTimeout(() => {
      gridsAround({ lng, lat }, aborter.signal).then(
        (several) => (near.value = several),
        quiet(aborter, say),
      );
    }, PAUSE_MS);
    return () => {
      window.clearTimeout(timer);
      aborter.abort();
    };
  }, [lng, lat]);
  useEffect(() => {
    const asked = text.value.trim();
    found.value = null;
    if (asked === "") return;
    const aborter = new AbortController();
    const timer = window.setTimeout(() => {
      searchGrids(asked, aborter.signal).then((several) => (found.value = several), quiet(aborter, say));
    }, PAUSE_MS);
    return () => {
      window.clearTimeout(timer);
      aborter.abort();
    };
  }, [text.value]);
  const take = (item: Item) => {
    takeGrid(item);
    announcement.value = w.taken(gridName(item));
    const box = item.geometry && boxOf(item.geometry);
    if (box) controller.value?.fit(box);
  };
  const told = problem.value ?? (hereProblem.value && w[hereProblem.value]);
  const rows = found.value?.map((item) => ({ item, note: codeOf(item) }));
  const around = near.value?.slice(0, LISTED).map(({ item, here, metres }) => ({
    item,
    note: here ? w.here : lengthText(metres, language.value),
  }));
  return (
    <div class="panel grid-sheet" role="region" aria-label={words.value.myGrid}>
      <div class="grid-find">
        <input
          type="search"
          aria-label={w.search}
          placeholder={w.search}
          maxLength={64}
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
        <button
          type="button"
          class="plain"
          aria-label={w.locate}
          title={w.locate}
          onClick={() => locate(GRID_ZOOM)}
        >
          <Icon name="locate" />
        </button>
      </div>
      {told && (
        <p class="ask-problem palette-note" role="alert">
          {told}
        </p>
      )}
      <div class="panel-scroll">
        <p class="palette-note muted">{text.value.trim() ? w.found : w.around}</p>
        {text.value.trim() ? <Rows rows={rows} take={take} /> : <Rows rows={around} take={take} />}
      </div>
    </div>
  );
}

interface Row {
  readonly item: Item;
  readonly note: string;
}

function Rows({ rows, take }: { rows: readonly Row[] | undefined; take: (item: Item) => void }) {
  const w = words.value.gridPicker;
  if (!rows) return <div class="progress" />;
  if (rows.length === 0) return <p class="palette-note">{w.none}</p>;
  return (
    <ul class="grid-rows">
      {rows.map(({ item, note }) => (
        <li key={item.id}>
          <button type="button" data-grid-row={codeOf(item)} onClick={() => take(item)}>
            <span>
              <strong>{gridName(item)}</strong>
              <small>{codeOf(item)}</small>
            </span>
            <span class="muted">{note === codeOf(item) ? "" : note}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

const codeOf = ({ properties }: Item) => String(properties["code"] ?? "");

/** An answer that nobody waits for any more is no failure. */
const quiet = (aborter: AbortController, say: (reason: unknown) => void) => (reason: unknown) => {
  if (!aborter.signal.aborted) say(reason);
};

async function gridsAround(place: Corner, signal: AbortSignal): Promise<NearGrid[]> {
  for (const reach of REACHES) {
    const box: Box = [place.lng - reach, place.lat - reach, place.lng + reach, place.lat + reach];
    const several = nearestGrids(await client.gridsIn(box, language.peek(), signal), place);
    if (several.length > 0) return several;
  }
  return [];
}

async function searchGrids(text: string, signal: AbortSignal): Promise<Item[]> {
  const { results } = await client.search(text, SEARCHED, language.peek(), signal);
  const grids = results.filter(({ layer }) => layer === LAYER).slice(0, LISTED);
  return Promise.all(grids.map(({ id }) => client.item(LAYER, id, language.peek(), signal)));
}
