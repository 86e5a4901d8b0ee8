"""Reading runs and their results under a scope, over the pool of the reads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely
from psycopg import sql

from layers.features.reading import RenderedTile
from layers.runs.errors import NoResult, NoRun
from layers.runs.kinds import Kind, kind_named
from layers.runs.out_of_date import LIVE_SECONDS, OUT_OF_DATE, left_behind
from layers.runs.record import State
from layers.runs.results import RESULTS, table_name
from layers.scope import Scope
from layers.scoped_reading import scoped_reading

PAGE = 20_000

_CARD = f"""
    r.id, r.kind, r.parameters::text, r.region, r.subject, r.classification, r.state, r.step, r.share,
    r.error::text, r.cancel_requested, r.requested_by, r.requested_at, r.started_at, r.finished_at,
    r.changed_at, r.attempt, r.inputs::text, r.note::text, r.summary::text, r.rows, r.has_results, r.live,
    EXISTS (SELECT FROM onemap.run_publication AS p WHERE p.run = r.id) AS published,
    {OUT_OF_DATE} AS out_of_date
"""
_ONE = f"SELECT {_CARD} FROM onemap.run AS r WHERE r.id = $1"  # noqa: S608 - constants
_MANY = f"""
    SELECT {_CARD} FROM onemap.run AS r
    WHERE NOT r.live AND ($1::text IS NULL OR r.kind = $1) AND ($2::text IS NULL OR r.region = $2)
      AND ($3::text IS NULL OR r.state = $3) AND ($4::bigint IS NULL OR r.id < $4)
      AND ($5::text IS NULL OR r.subject = $5)
    ORDER BY r.id DESC LIMIT $6
"""  # noqa: S608 - constants
_PUBLISHED = f"""
    SELECT {_CARD}, p.published_at, (
        SELECT jsonb_build_object('run', r.id, 'as_of', l.as_of, 'out_of_date', {left_behind(LIVE_SECONDS)})
        FROM onemap.live_result AS l JOIN onemap.run AS r ON r.id = l.run
        WHERE (l.kind, l.region, l.subject, l.base) = (p.kind, p.region, p.subject, p.run)
    )::text AS live_result
    FROM onemap.run_publication AS p JOIN onemap.run AS r ON r.id = p.run
    WHERE ($1::text IS NULL OR p.kind = $1) AND ($2::text IS NULL OR p.region = $2)
    ORDER BY p.kind, p.region, p.subject
"""  # noqa: S608 - constants
_RESULT = """
    SELECT id, kind, state, classification, has_results, live, summary::text, parameters::text
    FROM onemap.run WHERE id =
"""
# Who names no subject means the one that has none, or the newest.
_SHOWN = f"""{_RESULT} (
    SELECT coalesce(l.run, p.run) FROM onemap.run_publication AS p
    LEFT JOIN onemap.live_result AS l
        ON (l.kind, l.region, l.subject, l.base) = (p.kind, p.region, p.subject, p.run)
    WHERE p.kind = $1 AND p.region = $2 AND ($3::text IS NULL OR p.subject = $3)
    ORDER BY p.subject <> '', p.run DESC LIMIT 1
)"""  # noqa: S608 - constants
_PROGRESS = """
    SELECT id, state, step, share, cancel_requested, changed_at, error::text, summary->>'standing' AS standing
    FROM onemap.run WHERE id = $1
"""
_AREAS = """
    SELECT a.layer, a.code, a.name, a.measures::text FROM onemap.run_area AS a WHERE a.run = $1
    ORDER BY array_position(
        ARRAY['counties', 'towns', 'communities', 'governance_grids', 'extents'], a.layer
    ), a.code
"""
_AS_JSON = ("parameters", "error", "inputs", "note", "summary", "live_result", "standing")


@dataclass(frozen=True, slots=True)
class Result:
    """The cells of one run, readable by this reader.

    Attributes
    ----------
    levels : tuple of int
        H3 resolutions that the table holds, finest first; none of a result that is features.
    live : bool
        True where cells change.
    parameters : mapping
        What it was asked with.
    """

    run: int
    kind: Kind
    levels: tuple[int, ...]
    live: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)


async def read_run(connection: Any, scope: Scope, run: int) -> dict[str, Any]:
    """Return the record of a run with its regions and extents (``areas``).

    Parameters
    ----------
    connection : asyncpg.Connection
        Of `layers.database.open_reading_pool`.

    Raises
    ------
    NoRun
        Where there is none, or none for this reader.
    """
    async with scoped_reading(connection, scope):
        row = await connection.fetchrow(_ONE, run)
        if row is None:
            raise NoRun(f"there is no run {run}", run=run)
        areas = await connection.fetch(_AREAS, run)
    found = _card(row)
    found["areas"] = [
        {"layer": area["layer"], "code": area["code"], "name": area["name"], **orjson.loads(area["measures"])}
        for area in areas
    ]
    return found


async def list_runs(
    connection: Any,
    scope: Scope,
    *,
    kind: str | None = None,
    region: str | None = None,
    subject: str | None = None,
    state: State | None = None,
    before: int | None = None,
    limit: int = 50,
) -> tuple[list[dict[str, Any]], int | None]:
    """Return runs, newest first, and the id before which the next page begins."""
    async with scoped_reading(connection, scope):
        rows = await connection.fetch(_MANY, kind, region, state, before, subject, limit + 1)
    kept = [_card(row) for row in rows[:limit]]
    return kept, kept[-1]["id"] if len(rows) > limit else None


async def published_runs(
    connection: Any, scope: Scope, *, kind: str | None = None, region: str | None = None
) -> list[dict[str, Any]]:
    """Return the published runs by kind, region and subject, each with the live result shown in its place.

    ``live_result`` is None, or its ``run`` (under which its cells are found), ``as_of`` (when its cells last
    changed) and ``out_of_date``: whether a change of its inputs has not come into it for `LIVE_SECONDS`.
    """
    async with scoped_reading(connection, scope):
        rows = await connection.fetch(_PUBLISHED, kind, region)
    return [_card(row) for row in rows]


async def read_progress(connection: Any, scope: Scope, run: int) -> dict[str, Any]:
    """Return where a run stands: state, step, share, its best answer so far, the error of one that failed."""
    async with scoped_reading(connection, scope):
        row = await connection.fetchrow(_PROGRESS, run)
    if row is None:
        raise NoRun(f"there is no run {run}", run=run)
    return _card(row)


async def find_result(connection: Any, scope: Scope, run: int) -> Result:
    """Return where a run's cells are.

    Raises
    ------
    NoRun
        Where there is no such run for this reader.
    NoResult
        Where it has no cells: it has not succeeded, or retention has dropped them.
    """
    async with scoped_reading(connection, scope):
        row = await connection.fetchrow(_RESULT + "$1", run)
    if row is None:
        raise NoRun(f"there is no run {run}", run=run)
    return _result(row)


def _result(row: Any) -> Result:
    run = row["id"]
    if not row["has_results"]:
        raise NoResult(f"run {run} has no cells ({row['state']})", run=run, state=row["state"])
    found = (level["resolution"] for level in orjson.loads(row["summary"])["levels"])
    levels = tuple(one for one in found if one is not None)
    return Result(run, kind_named(row["kind"]), levels, row["live"], orjson.loads(row["parameters"]))


async def find_published(
    connection: Any, scope: Scope, kind: str, region: str = "", subject: str | None = None
) -> Result:
    """Return where the cells are that are shown: the live ones, where there are any.

    Parameters
    ----------
    subject : str, optional
        As `layers.runs.subjects.subject_of` makes it; where left out, the result without a subject, or else
        the newest of the kind.

    Raises
    ------
    NoResult
        Where nothing of that kind, region and subject is published for this reader.
    """
    async with scoped_reading(connection, scope):
        row = await connection.fetchrow(_SHOWN, kind, region, subject)
    if row is None:
        raise NoResult(f"no result of {kind} is published", run=None, state="unpublished")
    return _result(row)


async def read_result_tile(
    connection: Any, scope: Scope, result: Result, address: tuple[int, int, int]
) -> RenderedTile:
    """Draw one tile of a result; coarser cells at lower zooms.

    Parameters
    ----------
    address : (z, x, y)
        Inside the tile matrix of WebMercatorQuad.
    """
    function = sql.Identifier(RESULTS, f"{table_name(result.kind.name, result.run)}_tile")
    statement = sql.SQL("SELECT mvt, snapshot FROM {}($1, $2, $3, $4, $5)").format(function).as_string()
    row = await connection.fetchrow(statement, *address, *reach_of(scope))
    return RenderedTile(row["mvt"], row["snapshot"])


async def read_cells(
    connection: Any, scope: Scope, result: Result, resolution: int, *, after: int = 0, limit: int = PAGE
) -> pd.DataFrame:
    """Return a page of cells of one resolution, ascending.

    Returns
    -------
    DataFrame
        Index ``cell`` (uint64); the kind's columns, missing as NaN.
    """
    function = sql.Identifier(RESULTS, f"{table_name(result.kind.name, result.run)}_cells")
    statement = sql.SQL("SELECT * FROM {}($1, $2, $3, $4, $5)").format(function).as_string()
    rows = await connection.fetch(statement, resolution, after, limit, *reach_of(scope))
    names = result.kind.column_names
    # A column that came to the kind after this run is missing in its table.
    own = list(rows[0].keys())[1:] if rows else names
    values = np.array([tuple(row)[1:] for row in rows], dtype=np.float64).reshape(len(rows), len(own))
    cells = np.array([row[0] for row in rows], dtype=np.uint64)
    found = pd.DataFrame(values, columns=own, index=pd.Index(cells, name="cell"))
    return found if own == names else found.reindex(columns=names)


async def read_features(
    connection: Any, scope: Scope, result: Result, *, after: str = "", limit: int = PAGE
) -> gpd.GeoDataFrame:
    """Return a page of features of a result that holds such, by id.

    Returns
    -------
    GeoDataFrame
        Index ``id`` (text); the kind's columns, ``geometry`` in degrees.
    """
    function = sql.Identifier(RESULTS, f"{table_name(result.kind.name, result.run)}_features")
    statement = sql.SQL("SELECT * FROM {}($1, $2, $3, $4)").format(function).as_string()
    rows = await connection.fetch(statement, after, limit, *reach_of(scope))
    names = ["id", "shape", *result.kind.column_names]
    # A column that came to the kind after this run is missing in its table.
    own = list(rows[0].keys()) if rows else names
    found = pd.DataFrame([tuple(row) for row in rows], columns=own).reindex(columns=names)
    for column in result.kind.columns:
        if column.type == "number":
            found[column.name] = found[column.name].astype(float)
    shapes = shapely.from_wkb(found.pop("shape").to_numpy())
    return gpd.GeoDataFrame(found.set_index("id"), geometry=shapes, crs=4326)


async def every_feature(database: Any, scope: Scope, result: Result) -> AsyncIterator[gpd.GeoDataFrame]:
    """Yield all features, page by page, as `every_page` does cells."""
    after = ""
    while True:
        async with database.connection() as connection:
            page = await read_features(connection, scope, result, after=after)
        if len(page):
            yield page
        if len(page) < PAGE:
            return
        after = str(page.index[-1])


async def every_page(
    database: Any, scope: Scope, result: Result, resolution: int
) -> AsyncIterator[pd.DataFrame]:
    """Yield all cells of one resolution, page by page; no connection is held between two pages.

    Parameters
    ----------
    database : object
        Its ``connection()`` lends a connection of the reading pool.
    """
    after = 0
    while True:
        async with database.connection() as connection:
            page = await read_cells(connection, scope, result, resolution, after=after)
        if len(page):
            yield page
        if len(page) < PAGE:
            return
        after = int(page.index[-1])


def reach_of(scope: Scope) -> tuple[bool, list[str]]:
    """Return what the readers of results take of a scope: whole city, and prefixes of region codes."""
    return scope.region_prefixes is None, sorted(scope.region_prefixes or ())


def _card(row: Any) -> dict[str, Any]:
    """Return a row with its JSON read."""
    found: dict[str, Any] = dict(row)
    for name in _AS_JSON:
        if found.get(name) is not None:
            found[name] = orjson.loads(found[name])
    for name, value in found.items():
        if isinstance(value, datetime):
            found[name] = value.isoformat()
    return found
