/** The sign of a category in its hexagon: categories differ by fill and by sign. */
import { signOf } from "../map/signs";

export function Glyph({ category, colour }: { category: string; colour: string }) {
  const sign = signOf(category);
  return (
    <svg class="hexagon glyph" viewBox="0 0 22 20" aria-hidden="true">
      <path d="M6 1.500h10L21 10l-5 8.500H6L1 10z" fill={colour} />
      {sign && <path d={sign} fill="var(--surface)" fill-rule="evenodd" />}
    </svg>
  );
}
