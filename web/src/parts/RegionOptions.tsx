/** Regions of the city as options of a choice: the whole city, its towns, their communities. */
import { batch, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { client, Problem } from "../data/client";
import type { Region } from "../data/types";
import { city, language, regionNames } from "../state/store";
import { words } from "../words";

/** Towns of the city with what lies right below each. */
const offered = signal<readonly Region[]>([]);

export function RegionOptions() {
  const home = city.value?.region ?? null;
  useEffect(() => {
    if (home !== null) void offer(home);
  }, [home]);
  return (
    <>
      <option value="">{words.value.wholeRegion}</option>
      {offered.value.map(({ code, name, children = [] }) => (
        <optgroup key={code} label={name}>
          {[{ code, name }, ...children].map((one) => (
            <option key={one.code} value={one.code}>
              {one.name}
            </option>
          ))}
        </optgroup>
      ))}
    </>
  );
}

/** Offer the towns of the city, each with its communities. */
async function offer(home: string): Promise<void> {
  const named = language.peek();
  try {
    const { children = [] } = await client.region(home, named);
    const towns = await Promise.all(children.map(({ code }) => client.region(code, named)));
    batch(() => {
      offered.value = towns;
      regionNames.value = new Map([
        ...regionNames.peek(),
        ...towns
          .flatMap((town) => [town, ...(town.children ?? [])])
          .map(({ code, name }) => [code, name] as const),
      ]);
    });
  } catch (reason) {
    if (!(reason instanceof Problem)) throw reason;
    offered.value = [];
  }
}
