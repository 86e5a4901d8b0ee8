"""Scenarios side by side, and beside what stands: figures, towns, cost against reach, difference by cell.

What is compared are runs of one kind and region whose parameters are the same but for the scenario.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from geo.errors import BadInput
from layers.definitions.words import Words
from layers.runs.reading import Result, every_page
from layers.scenarios.changes import Op
from layers.scenarios.naming import Reference
from layers.scenarios.record import Scenario, read
from layers.scope import Scope

Connection = psycopg.Connection[Any]

FEWEST, MOST = 2, 4


@dataclass(frozen=True, slots=True)
class Figure:
    """A share that is compared: its parts are columns of the figures by region."""

    name: str
    title: Words
    part: str
    whole: str


#: What is compared of each kind; the first figure is that of towns and of cost against reach.
FIGURES: dict[str, tuple[Figure, ...]] = {
    "camera_coverage": (
        Figure("ground", Words(zh="可见室外面积", en="Outdoor ground seen"), "seen_m2", "considered_m2"),
        Figure("streets", Words(zh="可见道路", en="Streets seen"), "street_seen_m", "street_m"),
        Figure("key_places", Words(zh="已覆盖重点部位", en="Key places covered"), "key_places_covered",
               "key_places"),
    ),
    "radio_coverage": (
        Figure("people", Words(zh="覆盖居民", en="Residents covered"), "people_covered", "people"),
        Figure("people_indoor", Words(zh="室内覆盖居民", en="Residents covered indoors"), "people_indoor",
               "people"),
        Figure("area", Words(zh="覆盖面积", en="Area covered"), "area_covered_km2", "area_km2"),
        Figure("roads", Words(zh="覆盖道路", en="Roads covered"), "roads_covered_km", "roads_km"),
    ),
}  # fmt: skip
#: The value of cells whose difference is drawn.
CELL_COLUMN = {"camera_coverage": "seen_1", "radio_coverage": "people_covered"}


@dataclass(frozen=True, slots=True)
class Side:
    """One of those that are compared.

    Attributes
    ----------
    scenario : Scenario, optional
        None for what stands.
    run : int, optional
        The newest run that can be compared; None where there is none yet.
    areas : list of dict
        ``layer``, ``code``, ``name``, ``measures`` of that run.
    """

    scenario: Scenario | None
    run: int | None
    areas: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was found.

    Attributes
    ----------
    sides : list of Side
        In the order that was asked for.
    parameters : mapping
        Those that all runs share; empty where none of them has a run.
    """

    kind: str
    region: str
    sides: list[Side]
    parameters: Mapping[str, Any]


_NEWEST = """
SELECT id, parameters - 'scenario' AS shared FROM onemap.run
WHERE kind = %(kind)s AND region = %(region)s AND state = 'succeeded' AND has_results AND NOT live
    AND parameters->>'scenario' IS NOT DISTINCT FROM %(scenario)s
    AND (%(shared)s::jsonb IS NULL OR parameters - 'scenario' = %(shared)s::jsonb)
ORDER BY id DESC LIMIT 1
"""
_AREAS = "SELECT layer, code, name, measures FROM onemap.run_area WHERE run = %s ORDER BY layer, code"


def compare(
    connection: Connection, kind: str, region: str, references: Sequence[Reference | None]
) -> Comparison:
    """Find scenarios and the newest runs over them; the first that has a run says by which parameters.

    Parameters
    ----------
    connection : psycopg.Connection
        Inside `layers.database.scoped`.
    kind : str
        One of `FIGURES`.
    references : sequence of Reference or None
        Two to four; None is what stands.

    Raises
    ------
    NoScenario
        For one that is not there, or not for this reader.
    BadInput
        For fewer or more than can be compared.
    """
    if not FEWEST <= len(references) <= MOST:
        raise BadInput(f"compare {FEWEST} to {MOST}", given=len(references))
    scenarios = [None if one is None else read(connection, one) for one in references]
    shared: dict[str, Any] | None = None
    runs: list[int | None] = []
    for one in scenarios:
        row = _newest(connection, kind, region, one, shared)
        shared = shared if row is None else row["shared"]
        runs.append(None if row is None else int(row["id"]))
    # Those before the first that has a run were asked for with any parameters: none has one.
    sides = []
    for scenario, run in zip(scenarios, runs, strict=True):
        with connection.cursor(row_factory=dict_row) as cursor:
            areas = [] if run is None else cursor.execute(_AREAS, [run]).fetchall()
        sides.append(Side(scenario, run, areas))
    return Comparison(kind, region, sides, shared or {})


def figures(comparison: Comparison) -> list[dict[str, Any]]:
    """Return each figure with part, whole and share of every side, and which of them is best.

    Returns
    -------
    list of dict
        ``name``, ``title``, ``values`` (one a side: ``part``, ``whole``, ``share``, or None without a run)
        and ``best``, the places from 0 of the greatest share.
    """
    found = []
    for figure in FIGURES[comparison.kind]:
        values = [_value(figure, _rows_of(side, comparison.region)) for side in comparison.sides]
        shares = [value["share"] for value in values if value is not None and value["share"] is not None]
        best = [
            place for place, value in enumerate(values)
            if value is not None and shares and value["share"] == max(shares)
        ]  # fmt: skip
        found.append(
            {"name": figure.name, "title": figure.title.model_dump(), "values": values, "best": best}
        )
    return found


def towns(comparison: Comparison) -> list[dict[str, Any]]:
    """Return the first figure by town and, of each side, which town is lowest and how far apart they are."""
    figure = FIGURES[comparison.kind][0]
    found: list[dict[str, Any]] = []
    for side in comparison.sides:
        rows = [
            {"code": one["code"], "name": one["name"], **value}
            for one in side.areas
            if one["layer"] == "towns" and (value := _value(figure, [one])) and value["share"] is not None
        ]
        shares = [row["share"] for row in rows]
        found.append(
            {
                "towns": rows,
                "lowest": min(rows, key=lambda row: row["share"])["code"] if rows else None,
                "spread": max(shares) - min(shares) if shares else None,
            }
        )
    return found


@dataclass(frozen=True, slots=True)
class Sites:
    """What a side does by layer and operation, what that costs, and of how many changes nobody knows that."""

    changes: dict[str, dict[str, int]]
    cost: float
    without_cost: int


def sites(side: Side) -> Sites:
    """Return what a side adds, moves, edits and removes, and what that costs where it is known."""
    counted: dict[str, dict[str, int]] = {}
    costs: list[float | None] = []
    for one in side.scenario.changes if side.scenario else ():
        by_op = counted.setdefault(one.layer, {str(op): 0 for op in Op})
        by_op[str(one.op)] += 1
        costs.append(one.cost)
    known = [cost for cost in costs if cost is not None]
    return Sites(counted, float(sum(known)), len(costs) - len(known))


def pareto(comparison: Comparison) -> list[dict[str, Any]]:
    """Return cost against the part of the first figure, and whether another side reaches as much for less."""
    figure = FIGURES[comparison.kind][0]
    points: list[tuple[float, float] | None] = []
    for side in comparison.sides:
        value = _value(figure, _rows_of(side, comparison.region))
        points.append(None if value is None else (sites(side).cost, float(value["part"])))
    return [
        {
            "cost": None if point is None else point[0],
            "reached": None if point is None else point[1],
            "dominated": point is not None and any(_beats(other, point) for other in points),
        }
        for point in points
    ]


async def cells_between(
    database: Any, scope: Scope, before: Result, after: Result, *, resolution: int, column: str
) -> pd.DataFrame:
    """Return the cells in which two results differ, with ``before``, ``after`` and ``difference``.

    Parameters
    ----------
    database : object
        Its ``connection()`` lends a connection of the reading pool.
    column : str
        A value of cells. A cell that is in one result only, or has no value, counts as 0 there.
    """
    sides = []
    for result in (before, after):
        pages = [page[column] async for page in every_page(database, scope, result, resolution)]
        sides.append(pd.concat(pages) if pages else pd.Series(dtype=float))
    found = pd.concat(sides, axis=1, keys=["before", "after"]).fillna(0.0).sort_index()
    found["difference"] = found["after"] - found["before"]
    return found[found["difference"].abs() > 1e-9]


def _newest(
    connection: Connection, kind: str, region: str, scenario: Scenario | None, shared: Any
) -> dict[str, Any] | None:
    values = {
        "kind": kind, "region": region, "scenario": None if scenario is None else str(scenario.reference),
        "shared": None if shared is None else Jsonb(shared),
    }  # fmt: skip
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_NEWEST, values).fetchone()


def _rows_of(side: Side, region: str) -> list[dict[str, Any]]:
    """Return the rows that add up to the region, or to the city."""
    if region:
        return [one for one in side.areas if one["code"] == region][:1]
    return [one for one in side.areas if one["layer"] == "counties"]


def _value(figure: Figure, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    if not rows:
        return None
    part = sum(float(one["measures"].get(figure.part) or 0.0) for one in rows)
    whole = sum(float(one["measures"].get(figure.whole) or 0.0) for one in rows)
    return {"part": part, "whole": whole, "share": part / whole if whole > 0 else None}


def _beats(other: tuple[float, float] | None, point: tuple[float, float]) -> bool:
    return other is not None and other[0] <= point[0] and other[1] >= point[1] and other != point
