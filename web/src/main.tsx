import "leaflet/dist/leaflet.css";
import "./look/tokens.css";
import "./look/base.css";
import "./look/map.css";
import "./look/panels.css";
import "./look/card.css";
import "./look/results.css";
import "./look/legends.css";
import "./look/runs.css";
import "./look/segments.css";
import "./look/figures.css";
import "./look/findings.css";
import "./look/siting.css";
import "./look/steps.css";
import "./look/sites.css";
import "./look/siteDesk.css";
import "./look/trial.css";
import "./look/hotspots.css";
import "./look/sight.css";
import "./look/time.css";
import "./look/around.css";
import "./look/desk.css";
import "./look/field.css";
import "./look/region-card.css";
import "./look/wall.css";
import "./look/wall-tiles.css";
import "./look/wall-cards.css";
import "./look/wall-time.css";

import { effect } from "@preact/signals";
import { render } from "preact";

import { App } from "./App";
import { controller } from "./map/current";
import { installHook } from "./map/hook";
import { followAge } from "./state/ageing";
import { followDay } from "./state/asOf";
import { followClock } from "./state/clock";
import { followChanges } from "./state/live";
import { followFindings } from "./state/findings";
import { followResults } from "./state/results";
import { followSight } from "./state/sight";
import { followComparing } from "./state/comparing";
import { followScenario } from "./state/scenario";
import { followMoves, heldSite } from "./state/siteMoves";
import { followExplained, followSiting } from "./state/siting";
import { followSitingPage, readSitingPath } from "./state/sitingPage";
import { followTrial } from "./state/trial";
import { followAround } from "./state/around";
import { followSignal } from "./state/signal";
import { applyUrl, followAddress, followRegions, followSelection, open, surfaceOf } from "./state/start";
import { language, online, panel, searchOpen, surface, systemDark, theme, viewChosen } from "./state/store";
import { followPlayback } from "./state/playback";
import { followRegionCard } from "./state/regionCard";
import { followViews, readPath, viewRef } from "./state/views";
import { followWallKeys } from "./wall/keys";
import { say, words } from "./words";
import { city } from "./state/store";

function followWindow(): void {
  const measure = () => {
    const own = surfaceOf(innerWidth, innerHeight, devicePixelRatio);
    // A view is laid out for a wall; on a smaller screen it is the same, smaller.
    const laidOut = readPath(location.pathname) ?? readSitingPath(location.pathname);
    surface.value = own === "field" && laidOut ? "desk" : own;
  };
  measure();
  if (surface.value === "field") panel.value = "none";
  window.addEventListener("resize", measure);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  systemDark.value = dark.matches;
  dark.addEventListener("change", () => (systemDark.value = dark.matches));
  online.value = navigator.onLine;
  window.addEventListener("online", () => (online.value = true));
  window.addEventListener("offline", () => (online.value = false));
}

function followLook(): void {
  effect(() => {
    const root = document.documentElement;
    root.dataset["theme"] = theme.value;
    root.dataset["surface"] = surface.value;
    root.dataset["shell"] = viewRef.value ? "view" : "tools";
    root.lang = language.value === "en" ? "en" : "zh-CN";
    document.title = city.value ? `${say(city.value.name)} · ${words.value.product}` : words.value.product;
  });
}

function followKeys(): void {
  window.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      searchOpen.value = true;
    }
  });
}

followWindow();
applyUrl(location.search);
followLook();
followKeys();
followSelection();
followResults();
followFindings();
followSignal();
followAround();
followClock();
followSight();
followSiting();
followMoves();
followExplained(heldSite);
followSitingPage();
followComparing();
followScenario();
followTrial();
followRegions();
followViews();
followPlayback();
followDay();
followRegionCard();
followWallKeys();
followChanges();
followAge();
followAddress((state) => {
  const moved = viewChosen.peek();
  applyUrl(location.search);
  if (state.view) controller.value?.map.setView([state.view.lat, state.view.lng], state.view.zoom);
  else if (moved) controller.value?.home(false);
});
installHook();
render(<App />, document.getElementById("app")!);
void open();
