/** Names of analyses. */
import { published } from "../state/results";
import { say } from "../words";

/** Title of an analysis; its name where nothing of it is published. */
export function resultTitleOf(kind: string): string {
  const layer = published.value.find((one) => one.name === kind);
  return layer ? say(layer.title) : kind;
}
