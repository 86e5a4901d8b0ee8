"""Vector tiles on a matrix in degrees (WorldCRS84Quad), for desktop programs that draw on such a one.

Our own map never asks for them, so nothing of them is kept: each is drawn through the layer's scoped read
function for items, which every layer has.
"""

from __future__ import annotations

import asyncpg
from psycopg import sql

from layers.definitions import GeometryFamily, LayerDefinition
from layers.features.reading import RenderedTile, in_time
from layers.schema.names import read_function
from layers.schema.tile_functions import TILE_BUFFER, TILE_EXTENT, tile_attributes, tile_fields
from layers.scope import LayerScope

#: West, south, east, north in degrees.
Box = tuple[float, float, float, float]

# $1 is the box with its margin, $2 and $3 the scope, $4 the frame, $5 cells along a side.
_TILE = sql.SQL("""
SELECT coalesce(ST_AsMVT(q, {layer}, {extent}, '_geom', 'id'), '') AS mvt,
       pg_current_snapshot()::text AS snapshot
FROM (
    SELECT t.id, ST_AsMVTGeom(t.geom, frame.box, {extent}, {buffer}, true) AS _geom{attributes}
    FROM {rows} AS t
    CROSS JOIN (SELECT ST_MakeEnvelope(
        ($4::float8[])[1], ($4::float8[])[2], ($4::float8[])[3], ($4::float8[])[4], 4326) AS box) AS frame
) AS q""")

_ITEMS = sql.SQL("{items}($1, NULL, NULL, NULL, NULL, $2, $3)")

# Of the points in a cell of the tile the first one stands for all, with their number.
_THINNED_POINTS = sql.SQL("""(
        SELECT DISTINCT ON (c.cell_x, c.cell_y) c.*,
               count(*) OVER (PARTITION BY c.cell_x, c.cell_y) AS point_count
        FROM (
            SELECT i.*, floor((ST_X(i.geom) - ($4::float8[])[1]) / cell.width) AS cell_x,
                   floor((ST_Y(i.geom) - ($4::float8[])[2]) / cell.width) AS cell_y
            FROM {items} AS i
            CROSS JOIN (SELECT (($4::float8[])[3] - ($4::float8[])[1]) / $5::integer AS width) AS cell
        ) AS c
        ORDER BY c.cell_x, c.cell_y, c.id
    )""")

# Of lines and areas the largest stay.
_THINNED_SHAPES = sql.SQL("""(
        SELECT i.* FROM {items} AS i
        ORDER BY greatest(ST_XMax(i.geom) - ST_XMin(i.geom), ST_YMax(i.geom) - ST_YMin(i.geom)) DESC, i.id
        LIMIT $5::integer * $5::integer * 5 / 8
    )""")


async def read_tile_in_degrees(
    connection: asyncpg.Connection,
    definition: LayerDefinition,
    scope: LayerScope,
    frame: Box,
    zoom: int,
    *,
    cells: int | None = None,
) -> RenderedTile:
    """Draw one tile of one layer whose frame is a box in degrees.

    Parameters
    ----------
    connection : asyncpg.Connection
        Of `layers.database.open_reading_pool`.
    frame : Box
        Of the tile, without its margin.
    zoom : int
        Zoom of WebMercatorQuad of the same scale: it chooses the attributes.
    cells : int, optional
        Cells along a side of the tile, to thin what is too much to see; everything is drawn where left out.

    Raises
    ------
    Unavailable
        Where the database takes longer than a read may.
    """
    west, south, east, north = frame
    margin = (east - west) * TILE_BUFFER / TILE_EXTENT
    box = [west - margin, max(south - margin, -90), east + margin, min(north + margin, 90)]
    statement = _statement(definition, zoom, thinned=cells is not None)
    given = [box, scope.whole_city, list(scope.region_prefixes), list(frame)]
    async with in_time(definition):
        row = await connection.fetchrow(statement, *given, *([] if cells is None else [cells]))
    return RenderedTile(row["mvt"], row["snapshot"])


def _statement(definition: LayerDefinition, zoom: int, *, thinned: bool) -> str:
    items = _ITEMS.format(items=read_function(definition.name, "items"))
    attributes = tile_attributes(tile_fields(definition, zoom))
    rows = items
    if thinned and definition.geometry is GeometryFamily.POINT:
        rows = _THINNED_POINTS.format(items=items)
        attributes = sql.SQL(", t.point_count") + attributes
    elif thinned:
        attributes = sql.SQL(", true AS thinned") + attributes
        rows = _THINNED_SHAPES.format(items=items)
    return _TILE.format(
        layer=sql.Literal(definition.name),
        extent=sql.Literal(TILE_EXTENT),
        buffer=sql.Literal(TILE_BUFFER),
        attributes=attributes,
        rows=rows,
    ).as_string()
