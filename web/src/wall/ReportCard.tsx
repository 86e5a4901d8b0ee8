/** The report of what the wall shows: its forms, which one is being made, and why one could not be. */
import { ProblemNote } from "../parts/States";
import { FORMS, made, making, reportProblem, takeReport } from "../state/report";
import { toldNow } from "../state/playback";
import { say, words } from "../words";

export function ReportCard() {
  const w = words.value;
  const document = toldNow.value;
  if (!document) return null;
  return (
    <section class="card report" aria-label={w.wall.report} data-report={making.value ?? made.value ?? ""}>
      <header>
        <h2>{w.wall.report}</h2>
        <small>{w.asOf(document.as_of)}</small>
      </header>
      <p class="answer">
        {say(document.view.title)} · {document.region.name}
      </p>
      <p class="muted">{w.wall.reportNote}</p>
      <ul>
        {FORMS.map((form) => (
          <li key={form.name}>
            <button
              type="button"
              class="button"
              data-form={form.name}
              disabled={making.value !== null}
              onClick={() => void takeReport(form)}
            >
              {w.wall.forms[form.name]}
            </button>
            <small role="status">
              {making.value === form.name ? w.wall.making : made.value === form.name ? w.wall.made : ""}
            </small>
          </li>
        ))}
      </ul>
      {reportProblem.value && <ProblemNote title={w.wall.reportFailed} problem={reportProblem.value} />}
    </section>
  );
}
