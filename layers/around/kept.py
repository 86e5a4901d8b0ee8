"""Layers held in memory for looks around a place, each for one kind of reader until the layer changes."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from psycopg import sql

from geo.crs import in_system
from geo.reach import RoadGraph, road_graph
from layers.definitions import GeometryFamily, LayerDefinition
from layers.indicators.staleness import stale
from layers.schema.names import CITY, read_function
from layers.scope import LayerScope, Scope

#: Layers held at once, of all readers together; the least used go first.
MOST_KEPT = 96

_ROWS = sql.SQL("""
    SELECT t.id, t.code, {shape} AS _shape{fields} FROM {source} AS t
    WHERE t.status = 'in_service' AND coalesce(t.valid_from, '-infinity') <= $1::timestamptz
      AND coalesce(t.valid_to, 'infinity') > $1::timestamptz{part}
    ORDER BY t.id
""")
#: What touches a box, by the index: under the policies of the table all of it would be read.
_ITEMS = sql.SQL("{items}($2, NULL, NULL, 0, NULL, $3, $4)")


@dataclass(frozen=True, slots=True)
class Rows:
    """The features of a layer that are in service.

    Attributes
    ----------
    ids : ndarray of int
        Their ids, rising.
    columns : mapping of str to ndarray of object
        ``code`` and the fields that were asked for; None where a value is missing.
    shapes : ndarray of geometry
        In the metric system ``crs``; empty for a layer without geometry.
    tree : STRtree
        Of the shapes.
    snapshot : str
        ``pg_current_snapshot()`` from before the read.
    """

    ids: NDArray[np.int64]
    columns: Mapping[str, NDArray[np.object_]]
    shapes: NDArray[np.object_]
    tree: shapely.STRtree
    crs: int
    snapshot: str

    def __len__(self) -> int:
        """Return how many features there are."""
        return len(self.ids)

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return a column of numbers; NaN where one is missing."""
        return self.columns[name].astype(np.float64)

    def frame(self, numbers: Iterable[str] = ()) -> gpd.GeoDataFrame:
        """Return the rows as a frame, with the ids as its index; some columns as numbers."""
        table = pd.DataFrame(dict(self.columns), index=self.ids, dtype=object)
        for name in numbers:
            table[name] = self.numbers(name)
        return gpd.GeoDataFrame(table, geometry=self.shapes, crs=self.crs)


Key = tuple[Any, ...]


@dataclass
class Around:
    """What looks around a place have read before."""

    rows: OrderedDict[Key, Rows] = field(default_factory=OrderedDict)
    graphs: dict[int, RoadGraph] = field(default_factory=dict)

    def graph(self, roads: Rows) -> RoadGraph:
        """Return the graph of some roads, made once."""
        found = self.graphs.get(id(roads))
        if found is None:
            held = {id(one) for one in self.rows.values()}
            self.graphs = {key: graph for key, graph in self.graphs.items() if key in held}
            found = self.graphs[id(roads)] = road_graph(roads.frame())
        return found


async def read_kept(
    connection: Any,
    kept: Around,
    scope: Scope,
    wanted: Mapping[str, tuple[LayerDefinition, Iterable[str]]],
    *,
    at: datetime,
    crs: int,
) -> dict[str, Rows]:
    """Return layers as they are now, read anew only where they have changed since.

    Parameters
    ----------
    connection : asyncpg.Connection
        Inside a `scoped_reading` of the scope.
    wanted : mapping
        By name: a layer, and fields of it.
    at : datetime
        The moment of which the features are told.
    crs : int
        Metric system of the shapes.
    """
    reader = (tuple(sorted(scope.classifications)), scope.region_prefixes, at, crs)
    keys = {name: (layer.name, tuple(fields), reader) for name, (layer, fields) in wanted.items()}
    found = {name: kept.rows[key] for name, key in keys.items() if key in kept.rows}
    names = list(found)
    old = await stale(connection, [(found[name].snapshot, {wanted[name][0].table}) for name in names])
    for place in old:
        del found[names[place]]
    # the same layer may be wanted under several names
    missing = {key: name for name, key in keys.items() if name not in found}
    if missing:
        snapshot = await connection.fetchval("SELECT pg_current_snapshot()::text")
    read = {}
    for key, name in missing.items():
        layer, fields = wanted[name]
        read[key] = await read_rows(connection, layer, tuple(fields), at=at, crs=crs, snapshot=snapshot)
    found |= {name: read[key] for name, key in keys.items() if key in read}
    for name, key in keys.items():
        kept.rows[key] = found[name]
        kept.rows.move_to_end(key)
    while len(kept.rows) > MOST_KEPT:
        kept.rows.popitem(last=False)
    return found


async def read_rows(
    connection: Any, layer: LayerDefinition, fields: tuple[str, ...], *, at: datetime, crs: int, snapshot: str
) -> Rows:
    """Read a whole layer, as the policies of its table let the reader."""
    table = sql.Identifier(CITY, layer.table)
    rows = await connection.fetch(_statement(layer, fields, table), at)
    # shapes of a large layer take their time: others are answered meanwhile
    return await asyncio.to_thread(_as_rows, rows, layer, fields, crs, snapshot)


async def read_near(
    connection: Any,
    layer: LayerDefinition,
    fields: tuple[str, ...],
    scope: LayerScope,
    box: tuple[float, float, float, float],
    *,
    at: datetime,
    crs: int,
) -> Rows:
    """Read what of a layer touches a box in degrees."""
    items = _ITEMS.format(items=read_function(layer.name, "items"))
    given = (list(box), scope.whole_city, list(scope.region_prefixes))
    return _as_rows(
        await connection.fetch(_statement(layer, fields, items), at, *given), layer, fields, crs, ""
    )


def _statement(layer: LayerDefinition, fields: tuple[str, ...], source: sql.Composable) -> str:
    part = [
        sql.SQL(" AND t.{} = {}").format(sql.Identifier(name), sql.Literal(value))
        for name, value in (layer.filter or {}).items()
    ]
    has_shape = layer.geometry is not GeometryFamily.NONE
    return _ROWS.format(
        shape=sql.SQL("ext.ST_AsBinary(t.geom)" if has_shape else "NULL::bytea"),
        fields=sql.SQL("").join(sql.SQL(", t.{}").format(sql.Identifier(name)) for name in fields),
        source=source,
        part=sql.SQL("").join(part),
    ).as_string()


def _as_rows(
    rows: Sequence[Any], layer: LayerDefinition, fields: tuple[str, ...], crs: int, snapshot: str
) -> Rows:
    ids = np.array([row["id"] for row in rows], dtype=np.int64)
    columns = {name: np.array([row[name] for row in rows], dtype=object) for name in ("code", *fields)}
    shapes = np.array([], dtype=object)
    if layer.geometry is not GeometryFamily.NONE:
        degrees = shapely.from_wkb(np.array([row["_shape"] for row in rows], dtype=object))
        shapes = in_system(degrees, 4326, crs)
    return Rows(ids, columns, shapes, shapely.STRtree(shapes), crs, snapshot)
