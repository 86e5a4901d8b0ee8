/** A row of the panel of layers as a switch: a tick, a symbol, a name. */
import type { ComponentChildren } from "preact";

import { Icon } from "./icons";

interface Props {
  readonly on: boolean;
  readonly toggle: () => void;
  readonly title?: string | undefined;
  readonly kind?: string;
  /** What tests and styles know the row by. */
  readonly data: Readonly<Record<`data-${string}`, string>>;
  readonly children: ComponentChildren;
}

export function LayerSwitch({ on, toggle, title, kind = "", data, children }: Props) {
  return (
    <button
      type="button"
      class={`layer-switch ${kind}`.trim()}
      role="switch"
      aria-checked={on}
      title={title}
      onClick={toggle}
      {...data}
    >
      <span class="tick">{on && <Icon name="check" />}</span>
      {children}
    </button>
  );
}
