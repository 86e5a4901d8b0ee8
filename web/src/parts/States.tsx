/** Loading, failed and empty: designed, not left blank. */
import type { Problem } from "../data/client";
import { words } from "../words";

/** What went wrong, in the service's own words. */
export function ProblemNote({
  title,
  problem,
  retry,
}: {
  title: string;
  problem: Problem;
  retry?: () => void;
}) {
  const w = words.value;
  return (
    <div class="message" role="alert">
      <h2>{problem.title || title}</h2>
      <p>{problem.unreachable ? w.unreachable : problem.detail || title}</p>
      {problem.requestId && (
        <p class="muted">
          {w.requestId} {problem.requestId}
        </p>
      )}
      {retry && (
        <button type="button" class="button main" onClick={retry}>
          {w.retry}
        </button>
      )}
    </div>
  );
}

export function Opening() {
  return (
    <div class="whole" role="status">
      <div class="message">
        <h2>{words.value.product}</h2>
        <p>{words.value.loading}</p>
        <div class="progress" />
      </div>
    </div>
  );
}
