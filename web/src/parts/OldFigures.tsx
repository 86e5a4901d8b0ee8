/** Figures that are the last ones say so: since when they may be out of date, and why. */
import type { Ageing } from "../data/views";
import { city } from "../state/store";
import { words } from "../words";
import { clockText } from "../words/format";

export function OldFigures({ of }: { of: Ageing | null }) {
  const w = words.value.oldFigures;
  if (!of?.stale_since) return null;
  const at = clockText(of.stale_since, city.value?.timezone ?? "Asia/Shanghai", new Date());
  const say =
    of.stale_reason === "adding-up-takes-long"
      ? w.updating
      : of.stale_reason === "database-unavailable"
        ? w.databaseAway
        : w.notAnswered;
  return (
    <p class="notice old-figures" role="status" data-stale-since={of.stale_since}>
      {say(at)}
    </p>
  );
}
