"""Figures by region of the newest good runs: what analyses found, as amounts of indicators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from layers.runs.kinds import kind_named
from layers.runs.reading import published_runs, read_run
from layers.runs.subjects import subject_of
from layers.scope import Scope

#: Layers of the table by region that are regions; extents have codes of their own.
_REGIONS = frozenset({"counties", "towns", "communities", "governance_grids"})


@dataclass(frozen=True, slots=True)
class RunFigures:
    """The table by region of one run.

    Attributes
    ----------
    run : int
        The run whose cells are shown: the live result's, where there is one.
    subject : str
        What of its kind it shows, as `layers.runs.subjects` has it.
    by_region : mapping
        Columns by region code.
    """

    kind: str
    subject: str
    run: int
    parameters: Mapping[str, Any]
    finished_at: str | None
    out_of_date: bool
    classification: str
    by_region: Mapping[str, Mapping[str, Any]]

    def fits(self, kind: str, parameters: Mapping[str, Any]) -> bool:
        """Tell whether the run is of a kind and shows what these parameters say, and no part of it.

        A coverage by cameras of one class, or of one operator's network, does not stand for the whole.
        """
        return (
            self.kind == kind
            and self.subject == subject_of(kind_named(kind), parameters)
            and all(self.parameters.get(key) == one for key, one in parameters.items())
        )


#: Tables by region of runs that were read, by run and the moment of its last change.
Tables = dict[tuple[int, str | None], Mapping[str, Mapping[str, Any]]]
_MOST_TABLES = 64


async def read_run_figures(
    connection: Any, scope: Scope, kinds: Iterable[str], city: str | None, tables: Tables
) -> list[RunFigures]:
    """Return the newest good runs of some kinds, newest first, of the whole city or the city's own region.

    Parameters
    ----------
    connection : asyncpg.Connection
        Of the reading pool.
    city : str, optional
        Code of the city's own region.
    tables : dict
        Tables that were read before: those of a run never change, those of a live result with its moment.
    """
    wanted = frozenset(kinds)
    if not wanted:
        return []
    published = await published_runs(connection, scope)
    found = []
    for record in published:
        if record["kind"] not in wanted or record["region"] not in ("", city):
            continue
        live = record["live_result"] or {}
        run = live.get("run", record["id"])
        key = (run, live.get("as_of"))
        if key not in tables:
            areas = (await read_run(connection, scope, run))["areas"]
            while len(tables) >= _MOST_TABLES:
                del tables[next(iter(tables))]
            tables[key] = {area["code"]: area for area in areas if area["layer"] in _REGIONS}
        found.append(
            RunFigures(
                record["kind"], record["subject"], run, record["parameters"], record["finished_at"],
                bool(live.get("out_of_date", record["out_of_date"])),
                record["classification"],
                tables[key],
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: -one.run)
