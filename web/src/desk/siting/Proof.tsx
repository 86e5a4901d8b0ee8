/** How good a plan certainly is: method, bound, gap, seconds; and how much of it would stay otherwise. */
import type { SiteProof, SiteSensitivity, SiteYear } from "../../data/siting";
import { language } from "../../state/store";
import { number } from "../../words/format";
import { boundedGain, proofText } from "../../words/siting";
import { words } from "../../words";
import { bare, gained } from "./planned";

interface Props {
  readonly proof: SiteProof;
  readonly years: readonly SiteYear[];
  readonly sensitivity?: SiteSensitivity | undefined;
}

export function Proof({ proof, years, sensitivity }: Props) {
  const w = words.value.siting;
  const least = proof.objective === "least_cost";
  const amount = (value: number) => `${number(Number(value.toFixed(1)), language.value)}`;
  const facts = [
    [w.method, w.methods[proof.method as keyof typeof w.methods] ?? proof.method],
    [
      years.length > 1 && !least ? w.gainedOverYears : w.gained,
      least
        ? `${amount(proof.cost ?? 0)} / ${amount(proof.bound)}`
        : `${bare(boundedGain(proof, years), proof.unit)} / ${gained(proof.bound, proof.unit)}`,
    ],
    [w.gap, `${(proof.gap * 100).toFixed(2)}%`],
    [w.seconds, w.second(proof.seconds.toFixed(2))],
  ] as const;
  return (
    <section data-proof={proof.method} data-gap={proof.gap} data-covered={proof.covered}>
      <h3 class="section">{w.proof}</h3>
      <dl class="site-proof">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p class="site-note">{proofText(proof, words.value)}</p>
      {sensitivity && <Sensitivity found={sensitivity} />}
    </section>
  );
}

function Sensitivity({ found }: { found: SiteSensitivity }) {
  const w = words.value.siteDesk;
  const text = (value: number) => number(Number(value.toFixed(1)), language.value);
  return (
    <p class="site-note" data-sensitivity={found.sites}>
      {w.sensitivityTitle}{" "}
      {found.rows
        .map(({ change, percent, stay }) => {
          const signed = change === "range" && percent > 0 ? `+${percent}%` : `${percent}%`.replace("-", "−");
          return w.sensitivityRow[change](signed, text(stay), text(found.sites));
        })
        .join(" · ")}
    </p>
  );
}
