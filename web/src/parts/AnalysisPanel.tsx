/** Ask for an analysis, and see how the recent ones stand. */
import { signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { Problem } from "../data/client";
import type { FormField, Kind } from "../data/results";
import {
  type Draft,
  changed,
  emptyDraft,
  fieldChoices,
  flawOf,
  layerChoices,
  parametersOf,
} from "../state/form";
import { kindNamed, kinds, loadRuns, startRun } from "../state/results";
import { catalogue, language, layersByName } from "../state/store";
import { number } from "../words/format";
import { unitText } from "../words/results";
import { say, words } from "../words";
import { groups } from "./LayerPanel";
import { RegionOptions } from "./RegionOptions";
import { RunList } from "./RunList";

/** The form keeps what was entered while other panels are open. */
const chosenKind = signal("");
const drafts = signal<Readonly<Record<string, Draft>>>({});
const region = signal("");

export function AnalysisPanel() {
  const w = words.value;
  useEffect(() => void loadRuns(), []);
  const kind = kindNamed(chosenKind.value) ?? kinds.value[0];
  return (
    <div class="panel" role="region" aria-label={w.analysis}>
      <div class="panel-scroll">
        {kind && <RunForm key={kind.name} kind={kind} />}
        <RunList />
      </div>
    </div>
  );
}

function RunForm({ kind }: { kind: Kind }) {
  const w = words.value;
  const sending = useSignal(false);
  const tried = useSignal(false);
  const problem = useSignal<Problem | null>(null);
  const draft = drafts.value[kind.name] ?? emptyDraft(kind.form);
  const set = (name: string, value: string | readonly string[]) => {
    drafts.value = { ...drafts.value, [kind.name]: changed(kind.form, draft, name, value) };
  };
  const send = async (event: Event) => {
    event.preventDefault();
    tried.value = true;
    const wrong = kind.form.find((field) => flawOf(field, draft));
    if (wrong) {
      document.getElementById(`ask-${wrong.name}`)?.focus();
      return;
    }
    sending.value = true;
    problem.value = null;
    try {
      await startRun(kind.name, parametersOf(kind.form, draft), region.value || null);
      tried.value = false;
    } catch (reason) {
      if (!(reason instanceof Problem)) throw reason;
      problem.value = reason;
    }
    sending.value = false;
  };
  return (
    <form class="ask" data-kind={kind.name} noValidate onSubmit={(event) => void send(event)}>
      <label class="ask-field">
        <span>{w.analysisKind}</span>
        <select
          name="kind"
          value={kind.name}
          onChange={(event) => (chosenKind.value = event.currentTarget.value)}
        >
          {kinds.value.map((one) => (
            <option key={one.name} value={one.name}>
              {say(one.title)}
            </option>
          ))}
        </select>
      </label>
      <p class="ask-note">{say(kind.description)}</p>
      {kind.form.map((field) => (
        <Question key={field.name} field={field} draft={draft} set={set} tried={tried.value} />
      ))}
      <RegionChoice />
      {problem.value && (
        <p class="ask-problem" role="alert">
          {problem.value.unreachable ? w.unreachable : problem.value.detail || problem.value.title}
        </p>
      )}
      <button type="submit" class="button main" disabled={sending.value}>
        {sending.value ? w.analysisStarting : w.analysisStart}
      </button>
    </form>
  );
}

interface Asking {
  readonly field: FormField;
  readonly draft: Draft;
  readonly set: (name: string, value: string | readonly string[]) => void;
  readonly tried: boolean;
}

function Question({ field, draft, set, tried }: Asking) {
  const flaw = tried ? flawOf(field, draft) : null;
  const unit = unitText(field.unit, language.value);
  const note = field.note ? say(field.note) : null;
  const id = `ask-${field.name}`;
  const told = [note && `${id}-note`, flaw && `${id}-flaw`].filter(Boolean).join(" ") || undefined;
  return (
    <div class="ask-field">
      <label for={id}>
        {say(field.title)}
        {unit && <span class="muted"> {unit}</span>}
      </label>
      <Control field={field} draft={draft} set={set} id={id} told={told} wrong={flaw !== null} />
      {note && (
        <span class="ask-note" id={`${id}-note`}>
          {note}
        </span>
      )}
      {flaw && (
        <span class="ask-problem" id={`${id}-flaw`} role="alert">
          {flaw.kind === "needed"
            ? words.value.fieldNeeded(say(field.title))
            : rangeText(flaw.low, flaw.high)}
        </span>
      )}
    </div>
  );
}

function rangeText(low: number | null, high: number | null): string {
  const w = words.value;
  const text = (value: number) => number(value, language.value);
  if (low !== null && high !== null) return w.fieldRange(text(low), text(high));
  if (low !== null) return w.fieldFrom(text(low));
  return high !== null ? w.fieldUpTo(text(high)) : w.fieldNeeded("");
}

function Control(props: Omit<Asking, "tried"> & { id: string; told: string | undefined; wrong: boolean }) {
  const { field, draft, set, id, told, wrong } = props;
  const w = words.value;
  const value = draft[field.name] ?? "";
  const common = {
    id,
    name: field.name,
    "aria-describedby": told,
    "aria-invalid": wrong,
    "aria-required": field.required,
  };
  const enter = (event: { currentTarget: { value: string } }) => set(field.name, event.currentTarget.value);
  switch (field.type) {
    case "layer":
    case "field": {
      const of = layersByName.value.get(String(draft[field.of ?? ""] ?? ""));
      if (field.type === "layer")
        return (
          <select {...common} value={String(value)} onChange={enter}>
            <option value="">{field.required ? w.choose : w.notChosen}</option>
            <LayerOptions />
          </select>
        );
      const options = fieldChoices(of);
      return (
        <select {...common} value={String(value)} disabled={options.length === 0} onChange={enter}>
          <option value="">{field.required ? w.choose : w.notChosen}</option>
          {options.map((one) => (
            <option key={one.name} value={one.name}>
              {say(one.title)}
            </option>
          ))}
        </select>
      );
    }
    case "choice":
      return (
        <select {...common} value={String(value)} onChange={enter}>
          {(field.required || field.default === null) && (
            <option value="">{field.required ? w.choose : w.notChosen}</option>
          )}
          {field.options?.map((one) => (
            <option key={one.value} value={String(one.value)}>
              {say(one.title)}
            </option>
          ))}
        </select>
      );
    case "choices": {
      const chosen = new Set(Array.isArray(value) ? value : []);
      return (
        <div id={id} class="ask-choices" role="group" tabIndex={-1} aria-label={say(field.title)}>
          {field.options?.map((one) => (
            <label key={one.value}>
              <input
                type="checkbox"
                checked={chosen.has(String(one.value))}
                onChange={(event) => {
                  const next = new Set(chosen);
                  if (event.currentTarget.checked) next.add(String(one.value));
                  else next.delete(String(one.value));
                  set(field.name, [...next]);
                }}
              />
              {say(one.title)}
            </label>
          ))}
        </div>
      );
    }
    case "boolean":
      return (
        <input
          {...common}
          type="checkbox"
          checked={value === "true"}
          onChange={(event) => set(field.name, String(event.currentTarget.checked))}
        />
      );
    case "integer":
    case "number":
      return (
        <input
          {...common}
          type="number"
          value={String(value)}
          min={field.minimum ?? field.above}
          max={field.maximum ?? field.below}
          step={field.step ?? (field.type === "integer" ? 1 : "any")}
          onInput={enter}
        />
      );
    default:
      return <input {...common} type="text" autocomplete="off" value={String(value)} onInput={enter} />;
  }
}

/** Layers by the groups of the legend; those that it does not show come last. */
function LayerOptions() {
  const choices = layerChoices(catalogue.value?.layers ?? []);
  const grouped = groups();
  const drawn = new Set(grouped.flatMap((group) => group.layers));
  const rest = {
    code: "",
    title: words.value.otherGroup,
    layers: choices.filter((layer) => !drawn.has(layer)),
  };
  return (
    <>
      {[...grouped, rest]
        .filter((group) => group.layers.length > 0)
        .map((group) => (
          <optgroup key={group.code} label={group.title}>
            {group.layers.map((layer) => (
              <option key={layer.name} value={layer.name}>
                {say(layer.title)}
              </option>
            ))}
          </optgroup>
        ))}
    </>
  );
}

function RegionChoice() {
  return (
    <label class="ask-field">
      <span>{words.value.analysisRegion}</span>
      <select
        name="region"
        value={region.value}
        onChange={(event) => (region.value = event.currentTarget.value)}
      >
        <RegionOptions />
      </select>
    </label>
  );
}
