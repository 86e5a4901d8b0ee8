/** Layers, what is in view, and analyses: tabs of one panel. */
import { inView, language, layersByName, panel } from "../state/store";
import { LIST_LIMIT } from "../map/inView";
import { count } from "../words/format";
import { words } from "../words";
import { AnalysisPanel } from "./AnalysisPanel";
import { FeatureList } from "./FeatureList";
import { LayerPanel } from "./LayerPanel";
import { SightPanel } from "./SightPanel";

export function SidePanel() {
  const w = words.value;
  const list = panel.value === "list";
  const analysis = panel.value === "analysis";
  const sight = panel.value === "sight";
  return (
    <aside class="panel left">
      <div class="tabs" role="tablist">
        <button
          type="button"
          role="tab"
          aria-selected={!list && !analysis && !sight}
          onClick={() => (panel.value = "layers")}
        >
          {w.layers}
        </button>
        <button type="button" role="tab" aria-selected={list} onClick={() => (panel.value = "list")}>
          {w.inView}{" "}
          <span class="count">
            {count(inView.value.length, language.value)}
            {inView.value.length >= LIST_LIMIT ? "+" : ""}
          </span>
        </button>
        <button type="button" role="tab" aria-selected={analysis} onClick={() => (panel.value = "analysis")}>
          {w.analysis}
        </button>
        {layersByName.value.has("cameras") && (
          <button type="button" role="tab" aria-selected={sight} onClick={() => (panel.value = "sight")}>
            {w.sight}
          </button>
        )}
      </div>
      {list ? <FeatureList /> : analysis ? <AnalysisPanel /> : sight ? <SightPanel /> : <LayerPanel />}
    </aside>
  );
}
