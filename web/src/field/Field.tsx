/** The phone: the map fills the screen, everything else comes up as a sheet, by buttons. */
import { useSignal } from "@preact/signals";

import { AnalysisPanel } from "../parts/AnalysisPanel";
import { CellCard } from "../parts/CellCard";
import { DetailCard } from "../parts/DetailCard";
import { FeatureList } from "../parts/FeatureList";
import { Icon, type IconName } from "../parts/icons";
import { GapSheet, hasGaps } from "./GapSheet";
import { GridSheet } from "./GridSheet";
import { hasHotspots, HotspotSheet } from "./HotspotSheet";
import { SignalSheet } from "./SignalSheet";
import { LayerPanel } from "../parts/LayerPanel";
import { MapBox } from "../parts/MapFurniture";
import { TimeBar } from "../parts/TimeBar";
import { TimePanel } from "../parts/TimePanel";
import { WhyCard } from "../parts/WhyCard";
import { RunTable } from "../parts/RunTable";
import { LanguageButton, ThemeButton } from "../parts/TopBar";
import { clock, closeClock } from "../state/clock";
import { cell, table } from "../state/results";
import { asked, closeWhy } from "../state/sight";
import { closeSignal, signalAt } from "../state/signal";
import { deselect } from "../state/select";
import { city, layersByName, online, type Panel, panel, path, searchOpen, selection } from "../state/store";
import { say, words } from "../words";

export function Field() {
  const w = words.value;
  const name = city.value ? say(city.value.name) : w.product;
  // The whole area is told by its name alone; within it the chip says the town or community, and of which county.
  const within = path.value.filter((one) => one.layer !== "counties").at(-1)?.name;
  const county = path.value.find((one) => one.layer === "counties")?.name;
  const notes = [!online.value && w.disconnected, within && county, city.value?.sample && w.sample];
  return (
    <div class="field">
      <MapBox />
      <div class="field-top">
        <div class="chip">
          <strong>{within ?? name}</strong>
          <small>{notes.filter(Boolean).join(" · ")}</small>
        </div>
        <a class="plain" href="/wall/overview" data-views>
          {w.wall.views}
        </a>
        <LanguageButton />
        <ThemeButton />
      </div>
      <Front />
      <nav aria-label={w.more}>
        <Tab to="layers" icon="layers" text={w.layers} />
        <Tab to="list" icon="list" text={w.inViewShort} name={w.inView} />
        {layersByName.value.has("cameras") && <Tab to="sight" icon="eye" text={w.myGrid} />}
        {hasHotspots() && <Tab to="hotspots" icon="flame" text={w.hotspots.tab} />}
        {hasGaps() && <Tab to="gaps" icon="signal" text={w.radioFindings.gapTab} />}
        <Tab to="analysis" icon="hexagon" text={w.analysis} />
        <button type="button" data-search onClick={() => (searchOpen.value = true)}>
          <Icon name="search" />
          {w.search}
        </button>
      </nav>
    </div>
  );
}

/** One sheet at a time: a card, else a table, else the panel of the chosen tab. */
function Front() {
  const body = asked.value ? (
    <WhyCard />
  ) : cell.value ? (
    <CellCard />
  ) : selection.value ? (
    <DetailCard />
  ) : signalAt.value ? (
    <SignalSheet />
  ) : table.value !== null ? (
    <RunTable />
  ) : clock.value ? (
    <>
      <TimeBar />
      <TimePanel />
    </>
  ) : panel.value === "list" ? (
    <FeatureList />
  ) : panel.value === "analysis" ? (
    <AnalysisPanel />
  ) : panel.value === "sight" ? (
    <GridSheet />
  ) : panel.value === "hotspots" ? (
    <HotspotSheet />
  ) : panel.value === "gaps" ? (
    <GapSheet />
  ) : panel.value === "layers" ? (
    <LayerPanel />
  ) : null;
  if (!body) return null;
  const figures = body.type === RunTable;
  return (
    <Sheet key={String(figures)} begin={figures}>
      {body}
    </Sheet>
  );
}

/** `name`: what it is called in full where the text is short. */
function Tab({ to, icon, text, name }: { to: Panel; icon: IconName; text: string; name?: string }) {
  const pressed =
    panel.value === to &&
    !selection.value &&
    !cell.value &&
    !asked.value &&
    !signalAt.value &&
    table.value === null &&
    !clock.value;
  const press = () => {
    deselect();
    closeWhy();
    closeSignal();
    closeClock();
    table.value = null;
    panel.value = pressed ? "none" : to;
  };
  return (
    <button type="button" aria-pressed={pressed} aria-label={name} onClick={press}>
      <Icon name={icon} />
      {text}
    </button>
  );
}

/** `begin`: whether it opens tall. */
function Sheet({ children, begin }: { children: preact.ComponentChildren; begin: boolean }) {
  const tall = useSignal(begin);
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
