/** Everything that is known of one feature, in words. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { itemAddress, Problem } from "../data/client";
import type { Box, Item, Layer } from "../data/types";
import { boxOf } from "../map/geometry";
import { controller } from "../map/current";
import { cellBelow, shownResults } from "../state/results";
import { REGION_LAYERS } from "../state/regionCard";
import { deselect, select, selectCell } from "../state/select";
import {
  alternatives,
  catalogue,
  city,
  item,
  itemProblem,
  language,
  layersByName,
  regionNames,
  selection,
  surface,
} from "../state/store";
import { tryCamera } from "../state/trial";
import { codeTitle, coordinates, type Format, instant, shown } from "../words/format";
import { foundText } from "../words/found";
import { say, words } from "../words";
import { Icon } from "./icons";
import { LegendSymbol } from "./LegendSymbol";
import { resultTitle } from "./naming";
import { RegionGroups } from "./RegionCard";
import { RampSymbol } from "./ResultGroup";
import { ProblemNote } from "./States";

export function DetailCard() {
  const chosen = selection.value;
  const layer = chosen && layersByName.value.get(chosen.layer);
  const head = useRef<HTMLHeadingElement>(null);
  const name = `${chosen?.layer}:${chosen?.id}`;
  useEffect(() => head.current?.focus({ preventScroll: true }), [name]);
  if (!chosen || !layer) return null;
  const feature = item.value?.id === chosen.id ? item.value : null;
  return (
    <aside
      class="panel right"
      aria-label={words.value.details}
      data-feature={name}
      onKeyDown={(event) => event.key === "Escape" && close()}
    >
      <Head layer={layer} feature={feature} heading={head} />
      <div class="panel-scroll">
        {feature && REGION_LAYERS.has(layer.name) && <RegionGroups />}
        {feature ? (
          <Fields layer={layer} feature={feature} />
        ) : itemProblem.value ? (
          <ProblemNote
            title={words.value.itemFailed}
            problem={inWords(itemProblem.value, layer, chosen.id)}
          />
        ) : (
          <div class="message">
            <span class="muted">{words.value.loadingItem}</span>
            <div class="progress" />
          </div>
        )}
        {feature && layer.name === "cameras" && surface.value !== "field" && (
          <p class="trial-begin">
            <button
              type="button"
              class="button"
              onClick={() => tryCamera(feature.id, titleOf(layer, feature), feature.properties)}
            >
              {words.value.trial.begin}
            </button>
          </p>
        )}
        <AlsoHere />
      </div>
      {feature && (
        <CardActions
          box={feature.geometry && boxOf(feature.geometry)}
          address={itemAddress(layer.name, feature.id)}
        />
      )}
    </aside>
  );
}

/** The service names a layer by its name in code; on a card it has its title. */
function inWords(problem: Problem, layer: Layer, id: number): Problem {
  if (problem.status !== 404) return problem;
  return new Problem(404, problem.title, words.value.itemMissing(say(layer.title), id), problem.requestId);
}

function close(): void {
  deselect();
  controller.value?.container.focus();
}

/** Title of a value of the lists that all layers share. */
const titleOfCode = (list: string, code: string) =>
  codeTitle(code, catalogue.value?.code_lists[list], language.value);

function titleOf(layer: Layer, feature: Item | null): string {
  if (!feature) return say(layer.title);
  const { properties } = feature;
  const text =
    properties[layer.label ?? "name"] ?? properties["short_name"] ?? properties["name"] ?? properties["code"];
  return text === null || text === undefined || text === ""
    ? `${say(layer.title)} ${feature.id}`
    : String(text);
}

function Head(props: {
  layer: Layer;
  feature: Item | null;
  heading: preact.RefObject<HTMLHeadingElement | null>;
}) {
  const { layer, feature } = props;
  const w = words.value;
  const status = feature?.properties["status"];
  const provenance = feature?.properties["provenance"];
  const code = feature?.properties["code"];
  return (
    <header class="card-head">
      <div class="card-kind">
        <LegendSymbol layer={layer} classIndex={-1} />
        <span>{say(layer.title)}</span>
        <button type="button" class="plain" aria-label={w.close} onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      <h2 class="card-title" ref={props.heading} tabIndex={-1}>
        {titleOf(layer, feature)}
      </h2>
      <div class="card-sub">
        {typeof status === "string" && (
          <span class={`badge status-${status}`}>{titleOfCode("status", status)}</span>
        )}
        {typeof provenance === "string" && (
          <span
            class={`badge provenance-${provenance}`}
            title={w.provenanceNotes[provenance as keyof typeof w.provenanceNotes]}
          >
            {titleOfCode("provenance", provenance)}
          </span>
        )}
        {typeof code === "string" && <span>{code}</span>}
      </div>
    </header>
  );
}

function Row({ title, text, known = true }: { title: string; text: string; known?: boolean }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd class={known ? undefined : "unknown"}>{text}</dd>
    </div>
  );
}

function Fields({ layer, feature }: { layer: Layer; feature: Item }) {
  const w = words.value;
  const timezone = city.value?.timezone ?? "Asia/Shanghai";
  const format: Format = {
    language: language.value,
    timezone,
    words: w,
    codeLists: catalogue.value?.code_lists ?? {},
  };
  const { properties } = feature;
  const text = (name: string) => {
    const value = properties[name];
    return value === null || value === undefined || value === "" ? null : String(value);
  };
  const time = (name: string) => {
    const value = text(name);
    return value && instant(value, timezone);
  };
  const from = time("valid_from");
  const to = time("valid_to");
  const validity = [from && w.since(from), to && w.until(to)].filter(Boolean).join(" ");
  const region = text("region_code");
  const point = feature.geometry?.type === "Point" ? feature.geometry.coordinates : null;
  const records = [
    [w.code, text("code")],
    [
      w.region,
      region && (regionNames.value.get(region) ? `${regionNames.value.get(region)}（${region}）` : region),
    ],
    ...(point ? [[w.coordinates, coordinates(point[0] ?? 0, point[1] ?? 0)] as const] : []),
    [w.validity, validity || null],
    [w.source, text("source")],
    [w.updatedAt, time("updated_at")],
    [w.version, text("version")],
  ] as const;
  return (
    <>
      <dl class="fields">
        {layer.fields
          .filter((field) => field.type !== "geometry")
          .map((field) => {
            const { text: value, known } = shown(field, properties[field.name], format);
            return <Row key={field.name} title={say(field.title)} text={value} known={known} />;
          })}
      </dl>
      <h3 class="section">{w.record}</h3>
      <dl class="fields">
        {records.map(([title, value]) => (
          <Row key={title} title={title} text={value ?? w.unknown} known={value !== null} />
        ))}
      </dl>
    </>
  );
}

/** What else lies at the place that was clicked. */
export function AlsoHere() {
  const others = alternatives.value.filter(
    (one) => one.layer !== selection.value?.layer || one.id !== selection.value.id,
  );
  const below = selection.value && cellBelow.value;
  const result = below && shownResults.value.find((one) => one.run === below.run);
  if (others.length === 0 && !result) return null;
  return (
    <section>
      <h3 class="section">{words.value.alsoHere}</h3>
      <ul class="also">
        {below && result && (
          <li>
            <button type="button" onClick={() => selectCell(below, alternatives.value)}>
              <RampSymbol layer={result} />
              <span class="feature-name">{resultTitle(result)}</span>
              <span class="muted">{words.value.cell}</span>
            </button>
          </li>
        )}
        {others.map((one) => {
          const layer = layersByName.value.get(one.layer);
          if (!layer) return null;
          return (
            <li key={`${one.layer}/${one.id}`}>
              <button
                type="button"
                onClick={() => select(one.layer, one.id, alternatives.value, cellBelow.value)}
              >
                <LegendSymbol layer={layer} classIndex={one.classIndex} />
                <span class="feature-name">
                  {one.standsFor > 1
                    ? foundText(one, say(layer.title), words.value)
                    : one.name || `${one.id}`}
                </span>
                <span class="muted">{say(layer.title)}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Show on the map, copy the link, open in the API. */
export function CardActions({ box, address }: { box: Box | null; address: string }) {
  const w = words.value;
  const copied = useSignal(false);
  const copy = async () => {
    await navigator.clipboard?.writeText(location.href);
    copied.value = true;
    window.setTimeout(() => (copied.value = false), 2000);
  };
  return (
    <footer class="card-actions">
      <button
        type="button"
        class="button main"
        disabled={!box}
        onClick={() => box && controller.value?.fit(box)}
      >
        {w.locate}
      </button>
      <button type="button" class="button" onClick={() => void copy()}>
        {copied.value ? w.copied : w.copyLink}
      </button>
      <a class="button" href={address} target="_blank" rel="noopener">
        {w.api}
      </a>
    </footer>
  );
}
