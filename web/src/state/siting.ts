/** The sites of the plan that is told, and the scenarios drafted from plans. */
import { computed, signal } from "@preact/signals";

import { client, type Problem } from "../data/client";
import type { PlannedSite, Scenario, SiteExplained } from "../data/siting";
import { followOne } from "./following";
import { told } from "./results";
import * as store from "./store";

/** So many the service gives at once. */
export const MOST_SITES = 500;

export const plannedSites = signal<{ readonly run: number; readonly sites: readonly PlannedSite[] } | null>(
  null,
);
export const plannedProblem = signal<Problem | null>(null);

/** What was drafted from each run since the page was opened. */
export const drafted = signal<ReadonlyMap<number, Scenario>>(new Map());

export async function draftScenario(name: string, run: number): Promise<void> {
  const scenario = await client.draftScenario(name, run, store.language.peek());
  drafted.value = new Map(drafted.peek()).set(run, scenario);
}

/** The site whose card is open, explained; null until it is there, or where the service has nothing to tell. */
export const explained = signal<SiteExplained | null>(null);
export const explainProblem = signal<Problem | null>(null);

/** Keep the explanation in step with the site that is held. */
export function followExplained(held: { readonly value: number | null }): void {
  const asked = computed(() => {
    const site = plannedSites.value?.sites.find(({ rank }) => rank === held.value);
    return site && plannedSites.value ? { run: plannedSites.value.run, id: site.id } : null;
  });
  followOne(
    asked,
    explained,
    explainProblem,
    ({ run, id }, language, signal) => client.explainSite(run, id, language, signal),
    { forget: true },
  );
}

/** Keep the list in step with the plan on the map. */
export function followSiting(): void {
  const plan = computed(() => (told.value?.name === "site_plan" ? told.value.run : null));
  const asked = computed(() => (plan.value === null ? null : { run: plan.value }));
  followOne(
    asked,
    plannedSites,
    plannedProblem,
    async ({ run }, language, signal) => ({
      run,
      sites: (await client.plannedSites(run, MOST_SITES, language, signal)).features,
    }),
    { forget: true },
  );
}
