/** The frame of a card at the right: what it is about, the answer in one line, a way to close it. */
import type { ComponentChildren } from "preact";

import { Icon } from "../parts/icons";
import { words } from "../words";

interface Props {
  /** Class of this sort of card. */
  readonly sort: string;
  readonly label: string;
  /** Over the answer: what this is. */
  readonly kind: ComponentChildren;
  readonly answer: ComponentChildren;
  /** Under the answer, in the head. */
  readonly head?: ComponentChildren;
  /** Where left out the card stays. */
  readonly close?: (() => void) | undefined;
  /** Attributes by which tests and styles find it. */
  readonly data?: Readonly<Record<`data-${string}`, string | number>>;
  /** What scrolls. */
  readonly children?: ComponentChildren;
}

export function SideCard({ sort, label, kind, answer, head, close, data, children }: Props) {
  return (
    <aside
      class={`panel right ${sort}`}
      aria-label={label}
      {...data}
      onKeyDown={(event) => event.key === "Escape" && close?.()}
    >
      <header class="card-head">
        <div class="card-kind">
          <span>{kind}</span>
          {close && (
            <button type="button" class="plain" aria-label={words.value.close} onClick={close}>
              <Icon name="close" />
            </button>
          )}
        </div>
        <h2 class="card-title">{answer}</h2>
        {head}
      </header>
      {children && <div class="panel-scroll">{children}</div>}
    </aside>
  );
}

/** What a card shows while its answer is on the way. */
export function CardLoading() {
  return (
    <div class="message">
      <span class="muted">{words.value.loadingItem}</span>
      <div class="progress" />
    </div>
  );
}
