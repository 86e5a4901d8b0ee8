/** How a result was made and what it does not say. */
import type { MethodNote as Note } from "../data/results";
import { language } from "../state/store";
import { number } from "../words/format";
import { words } from "../words";

export function MethodNote({ note }: { note: Note }) {
  const w = words.value;
  const told = note.words[language.value];
  const facts = Object.entries(note.facts).filter(([, value]) => value !== null);
  return (
    <div class="method">
      <p>{told.method}</p>
      {told.source && (
        <p>
          <b>{w.methodSource}</b> {told.source}
        </p>
      )}
      {facts.length > 0 && (
        <>
          <b>{w.methodFacts}</b>
          <ul class="method-facts">
            {facts.map(([name, value]) => (
              <li key={name}>
                <span>{note.words.facts[name]?.[language.value] ?? name}</span>
                <span>{factText(value)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {told.limits.length > 0 && (
        <>
          <b>{w.methodLimits}</b>
          <ul class="method-limits">
            {told.limits.map((limit) => (
              <li key={limit}>{limit}</li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

/** A fact as text: numbers in the reader's way, those that come by name beside each other. */
function factText(value: unknown): string {
  if (typeof value === "number") return number(value, language.value);
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([name, one]) => `${name} ${factText(one)}`)
    .join("; ");
}
