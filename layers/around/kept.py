"""Layers held in memory for looks around a place, each for one kind of reader until the layer changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from psycopg import sql

from geo.reach import RoadGraph, road_graph
from layers.definitions import GeometryFamily, LayerDefinition
from layers.indicators.staleness import stale
from layers.schema.names import CITY
from layers.scope import Scope

#: Layers held at once, of all readers together; the least used go first.
MOST_KEPT = 96

_ROWS = sql.SQL("""
    SELECT t.id, t.code, {shape} AS _shape{fields} FROM {table} AS t
    WHERE t.status = 'in_service' AND coalesce(t.valid_from, '-infinity') <= $1::timestamptz
      AND coalesce(t.valid_to, 'infinity') > $1::timestamptz{part}{box}
    ORDER BY t.id
""")
_BOX = sql.SQL(" AND t.geom && ext.ST_MakeEnvelope($2, $3, $4, $5, 4326)")


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

    def frame(self) -> gpd.GeoDataFrame:
        """Return the rows as a frame, with the ids as its index."""
        columns = {
            name: pd.Series(values, index=self.ids, dtype=object) for name, values in self.columns.items()
        }
        return gpd.GeoDataFrame(columns, geometry=self.shapes, crs=self.crs, index=self.ids)


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
    missing = [name for name in keys if name not in found]
    if missing:
        snapshot = await connection.fetchval("SELECT pg_current_snapshot()::text")
    for name in missing:
        layer, fields = wanted[name]
        found[name] = await read_rows(connection, layer, tuple(fields), at=at, crs=crs, snapshot=snapshot)
    for name, key in keys.items():
        kept.rows[key] = found[name]
        kept.rows.move_to_end(key)
    while len(kept.rows) > MOST_KEPT:
        kept.rows.popitem(last=False)
    return found


async def read_rows(
    connection: Any,
    layer: LayerDefinition,
    fields: tuple[str, ...],
    *,
    at: datetime,
    crs: int,
    snapshot: str = "",
    box: tuple[float, float, float, float] | None = None,
) -> Rows:
    """Read a layer, or what of it touches a box in degrees."""
    has_shape = layer.geometry is not GeometryFamily.NONE
    part = [
        sql.SQL(" AND t.{} = {}").format(sql.Identifier(name), sql.Literal(value))
        for name, value in (layer.filter or {}).items()
    ]
    statement = _ROWS.format(
        shape=sql.SQL("ext.ST_AsBinary(t.geom)" if has_shape else "NULL::bytea"),
        fields=sql.SQL("").join(sql.SQL(", t.{}").format(sql.Identifier(name)) for name in fields),
        table=sql.Identifier(CITY, layer.table),
        part=sql.SQL("").join(part),
        box=_BOX if box is not None else sql.SQL(""),
    ).as_string()
    rows = await connection.fetch(statement, at, *(box or ()))
    ids = np.array([row["id"] for row in rows], dtype=np.int64)
    columns = {name: np.array([row[name] for row in rows], dtype=object) for name in ("code", *fields)}
    shapes = np.array([], dtype=object)
    if has_shape:
        degrees = shapely.from_wkb([row["_shape"] for row in rows])
        shapes = gpd.GeoSeries(degrees, crs=4326).to_crs(crs).to_numpy()
    return Rows(ids, columns, shapes, shapely.STRtree(shapes), crs, snapshot)
