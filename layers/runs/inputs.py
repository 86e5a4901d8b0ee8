"""Layers to the frames that an analysis takes, all seen at one moment and under the requester's scope."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import shapely
from psycopg import sql
from shapely.geometry.base import BaseGeometry

from layers.city import TIMEZONE, read_card, read_setting
from layers.counts.incidents import KeptIncidents, read_incidents
from layers.database import set_scope
from layers.definitions import GeometryFamily, LayerDefinition
from layers.definitions.field import NUMERIC
from layers.definitions.loading import Catalog
from layers.runs.errors import NoSuchRegion
from layers.runs.kinds import Inputs, Wanted
from layers.scenarios.changes import Change
from layers.scenarios.naming import reference
from layers.scenarios.overlay import source
from layers.scenarios.record import read as read_scenario
from layers.scope import Classification, Scope, Verb, highest

Connection = psycopg.Connection[Any]

#: Digits of a community's code: kept counts know the regions of the official tree, down to it.
_COMMUNITY = 12

#: Longest that reading one layer may take.
READ_SECONDS = 600

_PRESENT = sql.SQL(
    "t.status = ANY({states}) AND coalesce(t.valid_from, '-infinity') <= {at}"
    " AND coalesce(t.valid_to, 'infinity') > {at}"
)
_BOX = sql.SQL(" AND t.geom && ST_MakeEnvelope({}, {}, {}, {}, 4326)")


@dataclass(frozen=True, slots=True)
class Read:
    """The frames and what they were read from.

    Attributes
    ----------
    inputs : Inputs
        For the computation.
    versions : dict
        By layer: its table, the rows read, and the last change that had been logged.
    snapshot : str
        ``pg_current_snapshot()`` of the one transaction that read them all.
    """

    inputs: Inputs
    versions: dict[str, dict[str, Any]] = field(default_factory=dict)
    snapshot: str = ""


def may_sort(layer: LayerDefinition, run: Classification) -> bool:
    """Tell whether a layer of regions may sort the results of a run without making it any stricter."""
    return highest([layer.classification, run]) is run


@contextmanager
def one_moment(connection: Connection, scope: Scope) -> Iterator[None]:
    """Open a transaction in which every read sees the same moment, under a scope."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        connection.execute(f"SET LOCAL statement_timeout = '{READ_SECONDS}s'".encode())
        set_scope(connection, scope)
        yield


def read_inputs(
    connection: Connection,
    scope: Scope,
    catalog: Catalog,
    wanted: Sequence[Wanted],
    *,
    region: str,
    progress: Callable[[float], None],
    documents: Sequence[str] = (),
    scenario: str | None = None,
) -> Read:
    """Read all layers of a run.

    Parameters
    ----------
    connection : psycopg.Connection
        Of the application's role: the row-level policies hold.
    scope : Scope
        The requester's.
    region : str
        Code of the run's region; empty for the whole city.
    documents : sequence of str
        Keys of the city's settings to read too.
    scenario : str, optional
        Name and version of one whose changes are laid over the layers.

    Raises
    ------
    NoSuchRegion
        Where the region is gone.
    NoScenario
        Where the reader may not open the scenario any more.
    """
    with one_moment(connection, scope):
        changes: Sequence[Change] = ()
        if scenario is not None:
            changes = read_scenario(connection, reference(scenario), also_deleted=True).changes
        return read_here(
            connection, catalog, wanted,
            region=region, progress=progress, documents=documents, changes=changes,
        )  # fmt: skip


def read_here(
    connection: Connection,
    catalog: Catalog,
    wanted: Sequence[Wanted],
    *,
    region: str,
    around: BaseGeometry | None = None,
    meeting: bool = False,
    progress: Callable[[float], None] = lambda share: None,
    documents: Sequence[str] = (),
    changes: Sequence[Change] = (),
) -> Read:
    """Read all layers of a run inside `one_moment`; or only what is counted, and only around a place.

    Parameters
    ----------
    around : shapely geometry, optional
        In degrees. Only features whose box meets its box are read, and no layers that only sort results;
        neither features that are left out nor versions are counted.
    meeting : bool
        True to read only features that meet the place itself, whatever margin they have.
    changes : sequence of Change
        Of a scenario, laid over the layers.
    """
    snapshot = _one(connection, "SELECT pg_current_snapshot()::text")
    at = _moment(connection)
    outline, prefix = (None, "") if not region else read_region(connection, region)
    city, city_prefix = _city(connection)
    chosen = [one for one in wanted if not one.optional]
    if around is None:
        strictest = highest([catalog.layer(one.layer).classification for one in chosen])
        chosen += [one for one in wanted if one.optional and may_sort(catalog.layer(one.layer), strictest)]
    card = read_card(connection)
    timezone = TIMEZONE if card is None else card.timezone
    frames: dict[str, gpd.GeoDataFrame] = {}
    kept: KeptIncidents | None = None
    left_out: dict[str, int] = {}
    versions: dict[str, dict[str, Any]] = {}
    for done, one in enumerate(chosen):
        definition = catalog.layer(one.layer)
        box = outline if around is None else around
        rows = source(definition, changes)
        if one.kept is not None and (prefix or city_prefix).isdigit() and len(prefix) <= _COMMUNITY:
            kept = read_incidents(connection, one.kept, timezone, prefix=prefix)
        if one.kept is not None and kept is not None:
            size = int(kept.frame["n"].sum())
        else:
            exact = around if meeting else None
            frames[one.role] = frame = _read_layer(connection, definition, one, at, box, rows, exact)
            size = len(frame)
        if around is None:
            left_out[one.role] = _count_left_out(connection, one, at, box, rows)
            if not one.optional:
                last = _one(
                    connection, "SELECT max(seq) FROM onemap.layer_change WHERE layer = %s", definition.table
                )
                versions[one.layer] = {"table": definition.table, "rows": size, "change": last}
        progress((done + 1) / len(chosen))
    inputs = Inputs(
        frames, outline, prefix, city, city_prefix, left_out, timezone=timezone, kept=kept,
        documents={key: value for key in documents if (value := read_setting(connection, key)) is not None},
    )  # fmt: skip
    return Read(inputs, versions, snapshot)


def read_region(connection: Connection, code: str) -> tuple[BaseGeometry, str]:
    """Return outline and code prefix of a region, or raise `NoSuchRegion`."""
    row = connection.execute(
        "SELECT ST_AsBinary(geom), prefix FROM onemap.region_shape WHERE code = %s"
        " ORDER BY depth, region_id LIMIT 1",
        [code],
    ).fetchone()
    if row is None:
        raise NoSuchRegion(f"there is no region {code[:48]!r}", region=code[:48])
    return shapely.make_valid(shapely.from_wkb(bytes(row[0]))), str(row[1])


def _city(connection: Connection) -> tuple[BaseGeometry | None, str]:
    """Return outline and code prefix of the city's own region, where there is one."""
    card = read_card(connection)
    if card is None or card.region is None:
        return None, ""
    try:
        return read_region(connection, card.region)
    except NoSuchRegion:
        return None, ""


def _moment(connection: Connection) -> datetime:
    """Return the end of the city's own day, or now for a live city."""
    card = read_card(connection)
    if card is None or card.as_of is None:
        return datetime.now(UTC)
    zone = ZoneInfo(card.timezone)
    return datetime.combine(card.as_of + timedelta(days=1), time.min, zone) - timedelta(microseconds=1)


def _read_layer(  # noqa: PLR0917
    connection: Connection,
    definition: LayerDefinition,
    wanted: Wanted,
    at: datetime,
    outline: BaseGeometry | None,
    rows: sql.Composed,
    meeting: BaseGeometry | None,
) -> gpd.GeoDataFrame:
    """Read the features that are present, in the order of their ids: sums are then always the same."""
    near = _box(outline, wanted.margin_m) if meeting is None else _meets(meeting)
    where = sql.SQL("FROM {} WHERE {}{}").format(rows, _present(wanted, at), near)
    numeric = all(definition.field(name).type in NUMERIC for name in wanted.fields)
    if definition.geometry is GeometryFamily.POINT and numeric and not _system_columns(wanted):
        return _read_points(connection, wanted.fields, where)
    return _read_shapes(connection, definition, wanted, where)


def _count_left_out(
    connection: Connection,
    wanted: Wanted,
    at: datetime,
    outline: BaseGeometry | None,
    rows: sql.Composed,
) -> int:
    counting = sql.SQL("SELECT count(*) FROM {} WHERE NOT ({}){}").format(
        rows, _present(wanted, at), _box(outline, wanted.margin_m)
    )
    row = connection.execute(counting).fetchone()
    return 0 if row is None else int(row[0])


def _present(wanted: Wanted, at: datetime) -> sql.Composed:
    return _PRESENT.format(at=sql.Literal(at), states=sql.Literal(list(wanted.states)))


def _box(outline: BaseGeometry | None, margin_m: float) -> sql.Composable:
    return sql.SQL("") if outline is None else _BOX.format(*_bounds(outline, margin_m))


def _meets(place: BaseGeometry) -> sql.Composed:
    shape = sql.SQL("ST_GeomFromWKB({}, 4326)").format(sql.Literal(shapely.to_wkb(place)))
    return sql.SQL(" AND ST_Intersects(t.geom, {})").format(shape)


def _bounds(outline: BaseGeometry, margin_m: float) -> list[sql.Literal]:
    """Return west, south, east and north of a shape in degrees, moved outwards by some metres."""
    west, south, east, north = outline.bounds
    up = margin_m / 110_000
    aside = up / max(math.cos(math.radians(max(abs(south), abs(north)))), 0.01)
    return [sql.Literal(one) for one in (west - aside, south - up, east + aside, north + up)]


def _read_points(connection: Connection, fields: Sequence[str], where: sql.Composed) -> gpd.GeoDataFrame:
    """Read points with numbers as a binary COPY of rows of one length: a million a second."""
    values = [sql.SQL("coalesce(t.{}::float8, 'NaN')").format(sql.Identifier(name)) for name in fields]
    columns = [sql.SQL("t.id"), sql.SQL("ST_X(t.geom)"), sql.SQL("ST_Y(t.geom)"), *values]
    query = sql.SQL("COPY (SELECT {} {}) TO STDOUT (FORMAT BINARY)").format(
        sql.SQL(", ").join(columns), where
    )
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        data = b"".join(copy)
    names = ["id", "x", "y", *fields]
    layout: list[tuple[str, str]] = [("count", ">i2")]
    for name in names:
        layout += [(f"size {name}", ">i4"), (name, ">i8" if name == "id" else ">f8")]
    # 19 bytes of header, 2 of trailer.
    rows = np.frombuffer(
        data, dtype=np.dtype(layout), offset=19, count=(len(data) - 21) // np.dtype(layout).itemsize
    )
    rows = rows[np.argsort(rows["id"], kind="stable")]
    found = {name: rows[name].astype(np.float64) for name in fields}
    points = shapely.points(rows["x"].astype(float), rows["y"].astype(float))
    return gpd.GeoDataFrame(found, geometry=points, index=pd.Index(rows["id"].astype(np.int64)), crs=4326)


def _read_shapes(
    connection: Connection, definition: LayerDefinition, wanted: Wanted, where: sql.Composed
) -> gpd.GeoDataFrame:
    system = _system_columns(wanted)
    fields = [*wanted.fields, *system]
    columns: list[sql.Composable] = [sql.SQL("t.id"), sql.SQL("ST_AsBinary(t.geom)"), sql.SQL("t.code")]
    columns += [sql.Identifier("t", name) for name in fields]
    query = sql.SQL("SELECT {} {} ORDER BY t.id").format(sql.SQL(", ").join(columns), where)
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(query).fetchall()
    by_column: list[Sequence[Any]] = list(zip(*rows, strict=True)) or [[] for _ in columns]
    found: dict[str, Any] = {"code": pd.Series(list(by_column[2]), dtype=object)}
    for name, values in zip(fields, by_column[3:], strict=True):
        kind = float if name not in system and definition.field(name).type in NUMERIC else object
        found[name] = pd.Series(list(values), dtype=kind)
    shapes = shapely.from_wkb(np.array([bytes(one) for one in by_column[1]], dtype=object))
    frame = gpd.GeoDataFrame(found, geometry=shapes, crs=4326)
    frame.index = pd.Index(np.array(by_column[0], dtype=np.int64))
    return frame


def _system_columns(wanted: Wanted) -> tuple[str, ...]:
    """Return the columns that are read beside a layer's own fields."""
    status = ("status",) if len(wanted.states) > 1 else ()
    return (*status, *(("region_code", "region_codes") if wanted.placed else ()))


def _one(connection: Connection, query: str, *values: Any) -> Any:
    row = connection.execute(query.encode(), values).fetchone()
    return None if row is None else row[0]


def scope_from(settings: dict[str, str] | str) -> Scope:
    """Return the scope that `onemap.request_run` kept with a run."""
    kept: dict[str, str] = json.loads(settings) if isinstance(settings, str) else settings
    regions = kept["regions"]
    return Scope(
        subject=kept["subject"],
        verbs=frozenset(Verb(verb) for verb in kept["verbs"].split(",")),
        classifications=frozenset(Classification(one) for one in kept["classifications"].split(",")),
        region_prefixes=None if regions == "*" else tuple(regions.split(",")),
    )
