/** Search by name or code: Ctrl-K or ⌘K, arrows, Enter flies there. */
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { client, Problem } from "../data/client";
import type { FoundCoordinates, SearchResult } from "../data/types";
import { controller } from "../map/current";
import { askAround } from "../state/around";
import { select } from "../state/select";
import { language, layersByName, searchOpen, surface, toggleLayer, visible } from "../state/store";
import { say, words } from "../words";
import { Icon } from "./icons";
import { LegendSymbol } from "./LegendSymbol";

const PAUSE_MS = 160;
const LIMIT = 12;
/** What the service takes. */
const LONGEST = 64;
/** Zoom for a result that is a single place. */
const POINT_ZOOM = 17;

type State =
  | { kind: "empty" | "waiting" }
  | { kind: "found"; results: SearchResult[]; place: FoundCoordinates | null }
  | { kind: "failed"; problem: Problem };

function go(result: SearchResult): void {
  searchOpen.value = false;
  // A result that its layer hides would be a pin in nothing: the layer is switched on.
  if (layersByName.value.has(result.layer) && !visible.value.has(result.layer)) toggleLayer(result.layer);
  select(result.layer, result.id);
  const [west, south, east, north] = result.bbox ?? [0, 0, 0, 0];
  if (result.bbox && (east - west > 1e-4 || north - south > 1e-4)) controller.value?.fitBeside(result.bbox);
  else if (result.point) controller.value?.flyTo(result.point[0], result.point[1], POINT_ZOOM);
}

/** Fly to a place that was given as numbers, and tell what lies around it. */
function goTo(place: FoundCoordinates): void {
  searchOpen.value = false;
  const [lng, lat] = place.point;
  controller.value?.flyTo(lng, lat, POINT_ZOOM);
  if (surface.value === "desk") askAround(lat, lng);
}

/** Close without a choice: the reader is back where the search began. */
function leave(): void {
  searchOpen.value = false;
  document.querySelector<HTMLElement>("[data-search]")?.focus();
}

export function SearchPalette() {
  return searchOpen.value ? <Palette /> : null;
}

function Palette() {
  const w = words.value;
  const text = useSignal("");
  const active = useSignal(0);
  const state = useSignal<State>({ kind: "empty" });
  const input = useRef<HTMLInputElement>(null);
  // Before the next key is pressed: an effect after painting would lose the first letter of a quick typist.
  useLayoutEffect(() => input.current?.focus(), []);
  useEffect(() => {
    const asked = text.value.trim();
    active.value = 0;
    if (asked === "") {
      state.value = { kind: "empty" };
      return;
    }
    const aborter = new AbortController();
    const timer = window.setTimeout(() => {
      state.value = { kind: "waiting" };
      client.search(asked, LIMIT, language.value, aborter.signal).then(
        ({ results, coordinates }) => (state.value = { kind: "found", results, place: coordinates }),
        (reason: unknown) => {
          if (reason instanceof Problem) state.value = { kind: "failed", problem: reason };
        },
      );
    }, PAUSE_MS);
    return () => {
      window.clearTimeout(timer);
      aborter.abort();
    };
  }, [text.value, language.value]);
  const results = state.value.kind === "found" ? state.value.results : [];
  const place = state.value.kind === "found" ? state.value.place : null;
  const key = (event: KeyboardEvent) => {
    if (event.key === "Escape") leave();
    else if (event.key === "ArrowDown" && results.length > 0)
      active.value = (active.value + 1) % results.length;
    else if (event.key === "ArrowUp" && results.length > 0)
      active.value = (active.value - 1 + results.length) % results.length;
    else if (event.key === "Enter" && !event.isComposing && place) goTo(place);
    else if (event.key === "Enter" && !event.isComposing && results[active.value]) go(results[active.value]!);
    else return;
    event.preventDefault();
  };
  return (
    <div class="palette" role="search">
      <div class="palette-input">
        <Icon name="search" />
        <input
          ref={input}
          role="combobox"
          aria-expanded={results.length > 0}
          aria-controls="search-results"
          aria-activedescendant={results.length > 0 ? `result-${active.value}` : undefined}
          aria-label={w.search}
          placeholder={w.searchPlaceholder}
          autocomplete="off"
          maxLength={LONGEST}
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
          onKeyDown={key}
        />
        <button type="button" class="plain" aria-label={w.close} onClick={leave}>
          <Icon name="close" />
        </button>
      </div>
      <Answers state={state.value} text={text.value.trim()} active={active.value} />
    </div>
  );
}

/** Many streets and places share a name: the town tells them apart. */
function whatAndWhere({ title, name, region }: SearchResult): string {
  return region && region.name !== name ? `${say(title)} · ${region.name}` : say(title);
}

function Answers({ state, text, active }: { state: State; text: string; active: number }) {
  const w = words.value;
  if (state.kind === "failed") {
    return (
      <p class="palette-note" role="alert">
        {state.problem.unreachable ? w.unreachable : state.problem.detail || state.problem.title}
      </p>
    );
  }
  if (state.kind !== "found") {
    return (
      <p class="palette-note muted" role="status">
        {state.kind === "waiting" ? w.searching : w.searchHint}
      </p>
    );
  }
  if (state.results.length === 0 && !state.place)
    return (
      <p class="palette-note" role="status">
        {w.searchNone(text)}
      </p>
    );
  return (
    <>
      {state.place && (
        <button
          type="button"
          class="palette-place"
          data-place
          onClick={() => state.place && goTo(state.place)}
        >
          <b>
            {w.around.place} {state.place.point.map((one) => one.toFixed(6)).join(", ")}
          </b>
          <span class="muted">{say(state.place.text)}</span>
        </button>
      )}
      <ul id="search-results" class="panel-scroll" role="listbox" aria-label={w.search}>
        {state.results.map((result, index) => {
          const layer = layersByName.value.get(result.layer);
          return (
            <li
              key={`${result.layer}/${result.id}`}
              id={`result-${index}`}
              role="option"
              aria-selected={index === active}
              onClick={() => go(result)}
            >
              {layer && <LegendSymbol layer={layer} classIndex={-1} />}
              <span>
                <span class="feature-name">{result.name ?? result.code ?? result.id}</span>
                <br />
                <span class="result-layer">{whatAndWhere(result)}</span>
              </span>
              <span class="result-code">{result.name ? result.code : ""}</span>
            </li>
          );
        })}
      </ul>
      <span class="hidden" role="status">
        {w.results(state.results.length)}
      </span>
    </>
  );
}
