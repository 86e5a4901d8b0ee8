/** A form for any kind of analysis: what its fields hold, and what is still wrong with them. */
import type { FormField, Parameters } from "../data/results";
import type { Layer } from "../data/types";

/** Texts as they stand in the fields; lists of choices as lists. */
export type Draft = Readonly<Record<string, string | readonly string[]>>;

export type Flaw =
  | { readonly kind: "needed" }
  | { readonly kind: "range"; readonly low: number | null; readonly high: number | null };

/** What stands in the fields before anything is chosen. */
export function emptyDraft(form: readonly FormField[]): Draft {
  return Object.fromEntries(
    form.map((field) => [
      field.name,
      field.type === "choices"
        ? ((field.default as string[] | null) ?? [])
        : field.default === null || field.default === undefined
          ? ""
          : String(field.default),
    ]),
  );
}

const isNumeric = (field: FormField) => field.type === "integer" || field.type === "number";

/** Say what is wrong with one field; null where nothing is. The service has the last word. */
export function flawOf(field: FormField, draft: Draft): Flaw | null {
  const text = draft[field.name];
  if (text === undefined || text.length === 0) return field.required ? { kind: "needed" } : null;
  if (!isNumeric(field) || typeof text !== "string") return null;
  const value = Number(text);
  const [low, high] = [field.minimum ?? field.above ?? null, field.maximum ?? field.below ?? null];
  const fits =
    Number.isFinite(value) &&
    (field.type !== "integer" || Number.isInteger(value)) &&
    (field.minimum === undefined || value >= field.minimum) &&
    (field.maximum === undefined || value <= field.maximum) &&
    (field.above === undefined || value > field.above) &&
    (field.below === undefined || value < field.below);
  return fits ? null : { kind: "range", low, high };
}

/** Parameters as the service takes them; empty fields are left to their defaults. */
export function parametersOf(form: readonly FormField[], draft: Draft): Parameters {
  const found: Record<string, unknown> = {};
  for (const field of form) {
    const text = draft[field.name];
    if (text === undefined || text.length === 0) continue;
    if (isNumeric(field)) found[field.name] = Number(text);
    else if (field.type === "boolean") found[field.name] = text === "true";
    else if (field.type === "choice")
      found[field.name] = field.options?.find((one) => String(one.value) === text)?.value ?? text;
    else found[field.name] = text;
  }
  return found;
}

/** Layers that a parameter may name: what has a geometry and is no mere view of another. */
export const layerChoices = (layers: readonly Layer[]) => layers.filter((layer) => layer.geometry !== "none");

/** Fields that can be added up. */
export const fieldChoices = (layer: Layer | undefined) =>
  (layer?.fields ?? []).filter((field) => field.type === "integer" || field.type === "number");

/** Change one field; a field that named something of another field's layer is emptied with it. */
export function changed(
  form: readonly FormField[],
  draft: Draft,
  name: string,
  value: string | readonly string[],
): Draft {
  const dependent = form.filter((field) => field.of === name).map((field) => [field.name, ""]);
  return { ...draft, [name]: value, ...(Object.fromEntries(dependent) as Draft) };
}
