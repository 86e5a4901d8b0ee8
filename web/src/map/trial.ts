/** Draws a trial: the view as it is in dashes, the view that would be filled, cells that gain and lose. */
import type { TrialAnswer } from "../data/trial";
import type { Palette } from "./palette";
import { type Project, traceAreas } from "./sight";

export function paintTrial(
  pen: CanvasRenderingContext2D,
  { cells, before, after }: TrialAnswer,
  palette: Palette,
  project: Project,
): void {
  for (const cell of cells) {
    traceAreas(pen, cell.geometry, project);
    pen.globalAlpha = 0.12 + 0.4 * Math.min(1, Math.abs(cell.after - cell.before));
    pen.fillStyle = cell.after > cell.before ? palette.accent : palette.danger;
    pen.fill();
  }
  pen.globalAlpha = 1;
  for (const [views, colour, dash] of [
    [before, palette.text2, [5, 4]],
    [after, palette.accent, []],
  ] as const) {
    for (const view of views) {
      traceAreas(pen, view, project);
      pen.setLineDash([...dash]);
      pen.strokeStyle = colour;
      pen.lineWidth = 2;
      pen.stroke();
    }
  }
  pen.setLineDash([]);
}
