/** What the map shows of a result: its usual picture or another one. */
import type { ResultLayer } from "../data/results";
import { choosePicture, otherPicture } from "../state/pictures";
import { say, words } from "../words";

/** `layer` as it is drawn. */
export function PictureSwitch({ layer }: { layer: ResultLayer }) {
  const w = words.value.hotspots;
  const pictures = layer.pictures ?? [];
  if (pictures.length < 2) return null;
  const other = otherPicture(layer);
  return (
    <>
      <div class="segments hotspot-levels" role="group" aria-label={w.picture}>
        {pictures.map(({ title, style }) => (
          <button
            key={style.by}
            type="button"
            aria-pressed={style.by === layer.style.by}
            data-picture={style.by}
            onClick={() => choosePicture(layer, style.by)}
          >
            {say(title)}
          </button>
        ))}
      </div>
      {other && <p class="legend-facts">{w.pictureBeside(say(other.title))}</p>}
    </>
  );
}
