/** The top of the wall: where we are, which view, the other views, and how old the numbers are. */
import { LanguageButton } from "../parts/TopBar";
import { city, language } from "../state/store";
import { drill, goTo, told, viewRef, views } from "../state/views";
import { say, words } from "../words";

export function WallBar() {
  const w = words.value;
  const document = told.value;
  const region = viewRef.value?.region ?? null;
  return (
    <header class="wall-bar">
      <nav class="wall-path" aria-label={w.breadcrumb}>
        {document?.parents.map((place) => (
          <button key={place.code} type="button" onClick={() => drill(place)}>
            {place.name}
          </button>
        ))}
        {document && <strong>{document.region.name}</strong>}
      </nav>
      <nav class="wall-views" aria-label={w.wall.views}>
        {views.value.map((view) => (
          <button
            key={view.name}
            type="button"
            aria-current={view.name === viewRef.value?.name ? "page" : undefined}
            onClick={() => goTo({ name: view.name, region })}
          >
            {say(view.short_title)}
          </button>
        ))}
      </nav>
      {city.value?.sample && (
        <span class="badge" title={w.sampleNote}>
          {w.wall.synthetic}
        </span>
      )}
      {document && <time class="wall-day">{w.asOf(document.as_of)}</time>}
      {document && (
        <a
          class="plain"
          href={`/views/${document.view.name}/${document.region.code}/report.html?lang=${language.value}`}
          target="_blank"
          rel="noopener"
          data-report
        >
          {w.wall.report}
        </a>
      )}
      <LanguageButton />
      <a class="plain" href="/desk">
        {w.wall.toDesk}
      </a>
    </header>
  );
}
