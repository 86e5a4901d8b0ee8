/** What stands in the right column of the wall. */
import { signal } from "@preact/signals";

export type WallFront = "numbers" | "region" | "report";

export const front = signal<WallFront>("numbers");
