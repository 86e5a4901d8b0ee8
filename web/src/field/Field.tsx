/** The phone: the map fills the screen, everything else comes up as a sheet, by buttons. */
import { useSignal } from "@preact/signals";

import { DetailCard } from "../parts/DetailCard";
import { FeatureList } from "../parts/FeatureList";
import { Icon, type IconName } from "../parts/icons";
import { LayerPanel } from "../parts/LayerPanel";
import { MapBox } from "../parts/MapFurniture";
import { LanguageButton, ThemeButton } from "../parts/TopBar";
import { deselect } from "../state/select";
import { city, online, type Panel, panel, path, searchOpen, selection } from "../state/store";
import { say, words } from "../words";

export function Field() {
  const w = words.value;
  const name = city.value ? say(city.value.name) : w.product;
  const here = path.value.at(-1)?.name;
  const notes = [here && name, city.value?.sample && w.sample, !online.value && w.disconnected];
  return (
    <div class="field">
      <MapBox />
      <div class="field-top">
        <div class="chip">
          <strong>{here ?? name}</strong>
          <small>{notes.filter(Boolean).join(" · ")}</small>
        </div>
        <LanguageButton />
        <ThemeButton />
      </div>
      {selection.value ? (
        <Sheet>
          <DetailCard />
        </Sheet>
      ) : panel.value !== "none" ? (
        <Sheet>{panel.value === "list" ? <FeatureList /> : <LayerPanel />}</Sheet>
      ) : null}
      <nav aria-label={w.more}>
        <Tab to="layers" icon="layers" text={w.layers} />
        <Tab to="list" icon="list" text={w.inView} />
        <button type="button" onClick={() => (searchOpen.value = true)}>
          <Icon name="search" />
          {w.search}
        </button>
      </nav>
    </div>
  );
}

function Tab({ to, icon, text }: { to: Panel; icon: IconName; text: string }) {
  const pressed = panel.value === to && !selection.value;
  const press = () => {
    deselect();
    panel.value = pressed ? "none" : to;
  };
  return (
    <button type="button" aria-pressed={pressed} onClick={press}>
      <Icon name={icon} />
      {text}
    </button>
  );
}

function Sheet({ children }: { children: preact.ComponentChildren }) {
  const tall = useSignal(false);
  return (
    <div class={tall.value ? "sheet tall" : "sheet"}>
      <button
        type="button"
        class="sheet-grip"
        aria-expanded={tall.value}
        aria-label={words.value.more}
        onClick={() => (tall.value = !tall.value)}
      />
      {children}
    </div>
  );
}
