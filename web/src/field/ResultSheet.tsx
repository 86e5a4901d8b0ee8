/** A sheet that lists what a result found: it shows that result on the map, and says where there is none. */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

import type { ResultLayer, Run } from "../data/results";
import { recordOf, refOf, showResult, told } from "../state/results";

interface Props {
  readonly kind: string;
  /** The result that is shown first, where the map shows none of the kind. */
  readonly first: ResultLayer | undefined;
  readonly label: string;
  readonly none: string;
  readonly look?: string;
  /** Name of the attribute that holds the run. */
  readonly data: `data-${string}`;
  readonly children: (shown: ResultLayer, run: Run) => ComponentChildren;
}

export function ResultSheet({ kind, first, label, none, look = "", data, children }: Props) {
  const shown = told.value?.name === kind ? told.value : null;
  useEffect(() => {
    if (!shown && first) showResult(refOf(first));
  }, [shown === null, first?.run]);
  const run = shown && recordOf(shown.run);
  return (
    <div
      class={`panel grid-sheet ${look}`.trim()}
      role="region"
      aria-label={label}
      {...{ [data]: shown?.run }}
    >
      <div class="panel-scroll">
        {!first && !shown ? (
          <p class="palette-note">{none}</p>
        ) : shown && run ? (
          children(shown, run)
        ) : (
          <div class="progress" />
        )}
      </div>
    </div>
  );
}
