/** What the map shows, as a list: the same features, the same selection. */
import { useEffect, useRef } from "preact/hooks";

import { open } from "../map/open";
import { step } from "../state/select";
import { type Found, inView, language, layersByName, roving, selection } from "../state/store";
import { LIST_LIMIT } from "../map/inView";
import { count } from "../words/format";
import { foundText } from "../words/found";
import { say, words } from "../words";
import { LegendSymbol } from "./LegendSymbol";

export function FeatureList() {
  const w = words.value;
  const found = inView.value;
  const box = useRef<HTMLDivElement>(null);
  const active = roving.value >= 0 ? roving.value : 0;
  useEffect(() => {
    box.current?.querySelector(`#feature-${roving.value}`)?.scrollIntoView({ block: "nearest" });
  }, [roving.value]);
  const key = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, PageDown: 10, PageUp: -10 }[
      event.key
    ];
    const standing = found[roving.value];
    if (by !== undefined) step(by);
    else if (event.key === "Home") roving.value = 0;
    else if (event.key === "End") roving.value = found.length - 1;
    else if ((event.key === "Enter" || event.key === " ") && standing) open(standing);
    else return;
    event.preventDefault();
  };
  if (found.length === 0) return <p class="palette-note">{w.listEmpty}</p>;
  return (
    <div class="panel">
      <div
        class="panel-scroll feature-list"
        id="feature-list"
        ref={box}
        role="listbox"
        tabIndex={0}
        aria-label={w.inView}
        aria-activedescendant={`feature-${active}`}
        onKeyDown={key}
        onFocus={() => roving.value < 0 && (roving.value = 0)}
      >
        {found.map((one, index) => (
          <FeatureRow key={`${one.layer}/${one.id}`} one={one} index={index} before={found[index - 1]} />
        ))}
      </div>
      {found.length >= LIST_LIMIT && (
        <p class="panel-foot">{w.listLimit(count(LIST_LIMIT, language.value))}</p>
      )}
    </div>
  );
}

function FeatureRow({ one, index, before }: { one: Found; index: number; before: Found | undefined }) {
  const layer = layersByName.value.get(one.layer);
  if (!layer) return null;
  const chosen = selection.value?.layer === one.layer && selection.value.id === one.id;
  return (
    <>
      {before?.layer !== one.layer && <h3 role="presentation">{say(layer.title)}</h3>}
      <div
        id={`feature-${index}`}
        class="feature"
        role="option"
        aria-selected={roving.value === index || chosen}
        onClick={() => {
          roving.value = index;
          open(one);
        }}
      >
        <LegendSymbol layer={layer} classIndex={one.classIndex} />
        <span class="feature-name">{foundText(one, say(layer.title), words.value)}</span>
      </div>
    </>
  );
}
