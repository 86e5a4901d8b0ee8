/** What the map shows of a result: its usual picture or another one. */
import type { ResultLayer } from "../data/results";
import { choosePicture, otherPicture } from "../state/pictures";
import { say, words } from "../words";

/** The pictures between which a result can be switched; `layer` as it is drawn. */
export function Pictures({ layer }: { layer: ResultLayer }) {
  const pictures = layer.pictures ?? [];
  if (pictures.length < 2) return null;
  return (
    <div class="segments hotspot-levels" role="group" aria-label={words.value.hotspots.picture}>
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
  );
}

/** The same above a list that keeps to the usual picture, and says so. */
export function PictureSwitch({ layer }: { layer: ResultLayer }) {
  const other = otherPicture(layer);
  return (
    <>
      <Pictures layer={layer} />
      {other && <p class="legend-facts">{words.value.hotspots.pictureBeside(say(other.title))}</p>}
    </>
  );
}
