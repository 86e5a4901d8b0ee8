/** Reports of the view: which one is being made, and why one could not be. */
import { batch, signal } from "@preact/signals";

import { answer, Problem } from "../data/client";
import { clock } from "./clock";
import { shownDay } from "./playback";
import * as store from "./store";
import { told } from "./views";
import { front } from "./wallFront";

/** Forms of a report: name, ending, and what the address asks for. */
export const FORMS = [
  { name: "pdf_a4", ending: "pdf", query: "paper=a4" },
  { name: "pdf_a3", ending: "pdf", query: "paper=a3" },
  { name: "html", ending: "html", query: "" },
  { name: "png", ending: "png", query: "" },
] as const;
export type ReportForm = (typeof FORMS)[number];

export const making = signal<ReportForm["name"] | null>(null);
/** The form that was made last. */
export const made = signal<ReportForm["name"] | null>(null);
export const reportProblem = signal<Problem | null>(null);

/** Address of a report of what the wall shows now: its view, region and day. */
export function reportAddress(form: ReportForm): string {
  const document = told.peek();
  if (!document) return "";
  const query = new URLSearchParams(form.query);
  query.set("lang", store.language.peek());
  const day = clock.peek() && shownDay.peek();
  if (day && day !== document.as_of) query.set("at", day);
  return `/views/${document.view.name}/${document.region.code}/report.${form.ending}?${query}`;
}

/** Fetch a report and hand it to the reader as a file; a failure is told in the card. */
export async function takeReport(form: ReportForm): Promise<void> {
  const [address, document] = [reportAddress(form), told.peek()];
  if (!address || !document || making.peek()) return;
  batch(() => {
    making.value = form.name;
    made.value = null;
    reportProblem.value = null;
  });
  try {
    const page = await answer(address, store.language.peek(), {});
    const file = URL.createObjectURL(await page.blob());
    const link = window.document.createElement("a");
    link.href = file;
    link.download = `${document.view.name}-${document.region.code}.${form.ending}`;
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(file), 60_000);
    made.value = form.name;
  } catch (reason) {
    if (!(reason instanceof Problem)) throw reason;
    reportProblem.value = reason;
  } finally {
    making.value = null;
  }
}

/** Key P: the report stands in the right column, and its print is made at once; P again puts it away. */
export function pressReport(): void {
  if (front.peek() === "report") front.value = "numbers";
  else {
    front.value = "report";
    void takeReport(FORMS[0]);
  }
}
