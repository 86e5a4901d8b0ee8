/** A day as it is written everywhere here, 2020-12-31: a browser's own field follows the browser's language. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";

import { words } from "../words";
import { dayRead } from "../words/time";
import { Icon } from "./icons";

interface Props {
  readonly label: string;
  readonly value: string;
  readonly min?: string;
  readonly max?: string;
  readonly choose: (day: string) => void;
}

export function DayField({ label, value, min = "1949-10-01", max = "2199-12-31", choose }: Props) {
  const w = words.value.time;
  const picker = useRef<HTMLInputElement>(null);
  const wrong = useSignal(false);
  const take = (text: string) => {
    const day = dayRead(text);
    wrong.value = day === null || day < min || day > max;
    if (day !== null && !wrong.value) choose(day);
    return day;
  };
  return (
    <span class="day-field">
      <input
        type="text"
        inputMode="numeric"
        autocomplete="off"
        aria-label={label}
        aria-invalid={wrong.value}
        title={wrong.value ? w.dayBetween(min, max) : w.dayForm}
        placeholder={w.dayForm}
        maxLength={16}
        value={value}
        onChange={(event) => {
          const day = take(event.currentTarget.value);
          if (day !== null) event.currentTarget.value = day;
        }}
      />
      <button
        type="button"
        class="plain"
        aria-label={w.calendar(label)}
        title={w.calendar(label)}
        onClick={() => picker.current?.showPicker()}
      >
        <Icon name="calendar" />
      </button>
      {/* Only its calendar is used. */}
      <input
        ref={picker}
        type="date"
        tabIndex={-1}
        aria-hidden="true"
        value={value}
        min={min}
        max={max}
        onChange={(event) => void take(event.currentTarget.value)}
      />
      {wrong.value && (
        <small class="day-wrong" role="alert">
          {w.dayBetween(min, max)}
        </small>
      )}
    </span>
  );
}
