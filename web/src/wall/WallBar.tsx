/** The top of the wall: where we are, which view, the fields of city operations, and how old the numbers are. */
import { LanguageButton } from "../parts/TopBar";
import { toldNow } from "../state/playback";
import { pressReport } from "../state/report";
import { city } from "../state/store";
import { drill, goTo, groupNow, groups, viewRef } from "../state/views";
import { say, words } from "../words";

export function WallBar() {
  const w = words.value;
  const document = toldNow.value;
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
      <h1>{document && say(document.view.title)}</h1>
      <nav class="wall-groups" aria-label={w.wall.groups}>
        {groups.value.map((group) => (
          <button
            key={group.name}
            type="button"
            data-group={group.name}
            aria-current={group.name === groupNow.value?.name ? "true" : undefined}
            onClick={() => group.views[0] && goTo({ name: group.views[0].name, region })}
          >
            {w.wall.groupNames[group.name as keyof typeof w.wall.groupNames] ?? group.name}
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
        <button type="button" class="plain" title={w.wall.reportKey} data-report-button onClick={pressReport}>
          {w.wall.report} <kbd>P</kbd>
        </button>
      )}
      <LanguageButton />
      <a class="plain" href="/desk">
        {w.wall.toDesk}
      </a>
    </header>
  );
}

/** The views of one field, over the map. */
export function ViewStrip() {
  const w = words.value;
  const group = groupNow.value;
  const region = viewRef.value?.region ?? null;
  if (!group || group.views.length < 2) return null;
  return (
    <nav class="wall-views" aria-label={w.wall.views}>
      {group.views.map((view) => (
        <button
          key={view.name}
          type="button"
          data-view-name={view.name}
          aria-current={view.name === viewRef.value?.name ? "page" : undefined}
          onClick={() => goTo({ name: view.name, region })}
        >
          {say(view.short_title)}
        </button>
      ))}
    </nav>
  );
}
