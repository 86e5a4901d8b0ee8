"""Reading features under a scope: tiles, pages of GeoJSON features, one feature, a layer's extent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import asyncpg
from psycopg import sql

from geo.errors import NotFound, Unavailable
from layers.database import region_setting
from layers.definitions import GeometryFamily, LayerDefinition
from layers.features.filters import Equality, equalities
from layers.features.moments import Moment
from layers.features.statements import items_statement, items_then_statement, policy_statement
from layers.schema.names import read_function
from layers.scope import Classification, LayerScope

#: Regions and classifications of the rest of the transaction, for reads under the policies.
SET_SCOPE = """
    SELECT set_config('onemap.regions', $1, true), set_config('onemap.classifications', $2, true)
"""
_IS_WIDE = "SELECT onemap.is_wide($1, $2)"
_EXTENT = "SELECT extent FROM onemap.layer_statistics WHERE layer = $1"
_SCOPE_EXTENT = """
    SELECT ARRAY[ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)]
    FROM (
        SELECT ST_Extent(r.geom) AS box FROM onemap.region_shape AS r WHERE r.prefix ^@ ANY ($1::text[])
    ) AS own
"""


@dataclass(frozen=True, slots=True)
class RenderedTile:
    """One vector tile with the snapshot that it was seen in.

    Attributes
    ----------
    data : bytes
        Mapbox vector tile, not compressed; empty where nothing lies there.
    snapshot : str
        ``pg_current_snapshot()``: a change whose transaction is not visible in it makes the tile stale.
    """

    data: bytes
    snapshot: str


@dataclass(frozen=True, slots=True)
class Query:
    """Which features to read, and in which coordinates.

    Attributes
    ----------
    box : (west, south, east, north), optional
        Degrees; a feature counts where it intersects the box.
    time : (from, to), optional
        Inclusive; None leaves a side open.
    moment : Moment, optional
        Features as they were then, with those that are gone since; None for those that are there now.
    equals : mapping of str to str
        Field name to value as text.
    limit : int
        Greatest number of features.
    after : int, optional
        Only features with a greater id: the cursor.
    epsg : int
        4326, 4490, 3857, 4526, 4527, 4547 or 4548.
    latitude_first : bool
        True gives coordinates as (north, east).
    """

    box: tuple[float, float, float, float] | None = None
    time: tuple[datetime | None, datetime | None] | None = None
    moment: Moment | None = None
    equals: Mapping[str, str] = field(default_factory=dict)
    limit: int = 100
    after: int | None = None
    epsg: int = 4326
    latitude_first: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Some features, each as the bytes of a GeoJSON Feature, and where the next page begins."""

    features: list[bytes]
    next_after: int | None


async def read_tile(  # noqa: PLR0917 - z, x, y are one address
    connection: asyncpg.Connection,
    definition: LayerDefinition,
    scope: LayerScope,
    z: int,
    x: int,
    y: int,
    moment: Moment | None = None,
) -> RenderedTile:
    """Draw one tile of one layer.

    Parameters
    ----------
    connection : asyncpg.Connection
        Of `layers.database.open_reading_pool`.
    z, x, y : int
        Inside the tile matrix of WebMercatorQuad.
    moment : Moment, optional
        As of when; None for now.

    Raises
    ------
    Unavailable
        Where the database takes longer than a read may.
    """
    async with in_time(definition):
        row = await connection.fetchrow(
            _tile_statement(definition.name, moment is not None),
            *(z, x, y, scope.whole_city, list(scope.region_prefixes), *_arguments(moment)),
        )
    return RenderedTile(row["mvt"], row["snapshot"])


async def read_thinned_tile(  # noqa: PLR0917 - z, x, y are one address
    connection: asyncpg.Connection,
    definition: LayerDefinition,
    scope: LayerScope,
    z: int,
    x: int,
    y: int,
    cells: int,
    moment: Moment | None = None,
) -> RenderedTile:
    """Draw one tile of one layer with less in it, where there is too much to see.

    Points share the cells of a grid: the first one stands for all, with their number as ``point_count``. Of
    lines and areas the largest are drawn. Where there are few features the tile is that of `read_tile`.

    Parameters
    ----------
    cells : int
        Cells along a side of the tile; about that number squared is drawn at most.
    moment : Moment, optional
        As of when; None for now.

    Raises
    ------
    Unavailable
        Where the database takes longer than a read may.
    """
    async with in_time(definition):
        row = await connection.fetchrow(
            _thin_statement(definition.name, moment is not None),
            *(z, x, y, scope.whole_city, list(scope.region_prefixes), cells, *_arguments(moment)),
        )
    return RenderedTile(row["mvt"], row["snapshot"])


async def read_items(
    connection: asyncpg.Connection, definition: LayerDefinition, scope: LayerScope, query: Query
) -> Page:
    """Read one page of features, in the order of their ids.

    Raises
    ------
    BadInput
        Where a filter does not fit the definition; names the field.
    Unavailable
        Where the database takes longer than a read may.
    """
    tests = equalities(definition, query.equals)
    async with in_time(definition):
        if query.moment is not None:
            rows = await _as_of(connection, definition, scope, query, query.moment, tests)
        elif tests and await _policies_are_better(connection, definition, scope, query):
            rows = await _under_policies(connection, definition, scope, query, tests)
        else:
            statement = items_statement(definition, tests, query.epsg, query.latitude_first)
            since, until = _aware(query.time)
            most = query.limit + 1
            rows = await connection.fetch(
                statement,
                *(_box(definition, query), since, until, query.after),
                # With a test the limit applies after it.
                *(None if tests else most, scope.whole_city, list(scope.region_prefixes), most),
                *(test.value for test in tests),
            )
    more = len(rows) > query.limit
    kept = rows[: query.limit]
    return Page([row["feature"] for row in kept], kept[-1]["id"] if more and kept else None)


async def read_item(
    connection: asyncpg.Connection,
    definition: LayerDefinition,
    scope: LayerScope,
    feature_id: int,
    *,
    epsg: int = 4326,
    latitude_first: bool = False,
    moment: Moment | None = None,
) -> bytes:
    """Read one feature as the bytes of a GeoJSON Feature.

    Parameters
    ----------
    moment : Moment, optional
        As of when; None for now.

    Raises
    ------
    NotFound
        Where there is no such feature, or not for this reader.
    """
    async with in_time(definition):
        if moment is None:
            statement = items_statement(definition, (), epsg, latitude_first, one=True)
            row = await connection.fetchrow(
                statement, feature_id, scope.whole_city, list(scope.region_prefixes)
            )
        else:
            asked = Query(after=feature_id - 1, limit=1, epsg=epsg, latitude_first=latitude_first)
            row = next(iter(await _as_of(connection, definition, scope, asked, moment, [])), None)
    if row is None or row["id"] != feature_id:
        raise NotFound(
            f"layer {definition.name!r} has no feature {feature_id}", layer=definition.name, id=feature_id
        )
    return bytes(row["feature"])


async def extent_of(
    connection: asyncpg.Connection, definition: LayerDefinition, scope: LayerScope
) -> tuple[float, float, float, float] | None:
    """Return (west, south, east, north) of a layer in degrees, or None where it is empty.

    It is kept with every write, so it costs no scan. It can be too large, after deletes and for layers that
    are a part of another one; a scope of regions cuts it to them.
    """
    box = await connection.fetchval(_EXTENT, definition.table)
    if box is None or scope.whole_city:
        return None if box is None else tuple(box)
    own = await connection.fetchval(_SCOPE_EXTENT, list(scope.region_prefixes))
    if own is None or own[0] is None:
        return None
    west, south, east, north = (
        max(box[0], own[0]), max(box[1], own[1]), min(box[2], own[2]), min(box[3], own[3])
    )  # fmt: skip
    return (west, south, east, north) if west <= east and south <= north else None


@lru_cache(maxsize=1024)
def _tile_statement(layer: str, then: bool) -> str:
    function = read_function(layer, "tile", then=then)
    more = sql.SQL(", $6, $7, $8" if then else "")
    return sql.SQL("SELECT mvt, snapshot FROM {}($1, $2, $3, $4, $5{})").format(function, more).as_string()


@lru_cache(maxsize=1024)
def _thin_statement(layer: str, then: bool) -> str:
    function = read_function(layer, "thin", then=then)
    more = sql.SQL(", $7, $8, $9" if then else "")
    query = sql.SQL("SELECT mvt, snapshot FROM {}($1, $2, $3, $4, $5, $6{})")
    return query.format(function, more).as_string()


def _arguments(moment: Moment | None) -> tuple[datetime | date | None, ...]:
    return () if moment is None else moment.arguments


async def _as_of(  # noqa: PLR0917 - a query and the two that were taken out of it
    connection: asyncpg.Connection,
    definition: LayerDefinition,
    scope: LayerScope,
    query: Query,
    moment: Moment,
    tests: list[Equality],
) -> list[Any]:
    """Read features as they were at a moment, and one more than the query asks for."""
    statement = items_then_statement(definition, tests, query.epsg, query.latitude_first)
    most = query.limit + 1
    rows: list[Any] = await connection.fetch(
        statement,
        *(_box(definition, query), query.after),
        # With a test the limit applies after it.
        *(None if tests else most, scope.whole_city, list(scope.region_prefixes)),
        *(*moment.arguments, most),
        *(test.value for test in tests),
    )
    return rows


async def _policies_are_better(
    connection: asyncpg.Connection, definition: LayerDefinition, scope: LayerScope, query: Query
) -> bool:
    """Tell whether a filtered read goes under the policies instead of through the definer function.

    There a test on a field can use its index, and rows are not gathered before they are tested. But the
    spatial index is lost, and features that cross are not clipped.
    """
    if not scope.whole_city and definition.geometry not in (GeometryFamily.POINT, GeometryFamily.NONE):
        return False
    if query.box is None or definition.geometry is GeometryFamily.NONE:
        return True
    return bool(await connection.fetchval(_IS_WIDE, definition.table, list(query.box)))


async def _under_policies(
    connection: asyncpg.Connection,
    definition: LayerDefinition,
    scope: LayerScope,
    query: Query,
    tests: list[Equality],
) -> list[Any]:
    box = _box(definition, query)
    timed = query.time is not None
    statement = policy_statement(
        definition, tests, query.epsg, query.latitude_first, boxed=box is not None, timed=timed
    )
    since, until = _aware(query.time)
    async with connection.transaction(readonly=True):
        # The layer's classification was tested when its scope was made; here only the regions count.
        await connection.fetchrow(SET_SCOPE, region_setting(scope), ",".join(Classification))
        rows: list[Any] = await connection.fetch(
            statement, box, since, until, query.after or 0, query.limit + 1, *(test.value for test in tests)
        )
    return rows


def _box(definition: LayerDefinition, query: Query) -> list[float] | None:
    if query.box is None or definition.geometry is GeometryFamily.NONE:
        return None
    return list(query.box)


def _aware(time: tuple[datetime | None, datetime | None] | None) -> tuple[datetime | None, datetime | None]:
    def zoned(moment: datetime | None) -> datetime | None:
        return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment

    return (None, None) if time is None else (zoned(time[0]), zoned(time[1]))


@asynccontextmanager
async def in_time(definition: LayerDefinition) -> AsyncIterator[None]:
    """Turn a read that took too long into an error of its own."""
    try:
        yield
    except asyncpg.QueryCanceledError as error:
        raise Unavailable(
            f"reading layer {definition.name!r} took too long; ask for a smaller box or fewer features",
            layer=definition.name,
        ) from error
