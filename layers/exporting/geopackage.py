"""One layer to a GeoPackage, streamed from the database under the reader's scope."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyogrio
from psycopg import sql

from geo.errors import BadInput, Unavailable
from layers.database import scoped
from layers.definitions import FieldType, GeometryFamily, LayerDefinition
from layers.scope import Scope, Verb, is_region_prefix

#: Systems that features leave in: CGCS2000 and WGS 84 in degrees, and the two zones that the region touches.
EXPORT_CRS = (4490, 4326, 4547, 4548, 4526, 4527, 3857)
_BATCH = 5_000
_MOMENT = pa.timestamp("ms", tz="UTC")
_SYSTEM = {
    "code": pa.string(),
    "region_code": pa.string(),
    "status": pa.string(),
    "provenance": pa.string(),
    "valid_from": _MOMENT,
    "valid_to": _MOMENT,
    "source": pa.string(),
    "updated_at": _MOMENT,
}
#: Column types of the file by field type; everything else is text (codes, lists as JSON, second geometries).
_ARROW = {
    FieldType.INTEGER: pa.int64(),
    FieldType.NUMBER: pa.float64(),
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.DATE: pa.date32(),
    FieldType.DATETIME: _MOMENT,
}


def export_geopackage(
    connection: psycopg.Connection[Any],
    definition: LayerDefinition,
    path: Path,
    *,
    scope: Scope,
    epsg: int = 4490,
    region: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write the rows of a layer that the reader may see to a new GeoPackage.

    Parameters
    ----------
    connection : psycopg.Connection
        As ``onemap_app``.
    definition : LayerDefinition
        The layer.
    path : Path
        File to write; it must not exist. It appears only when it is complete.
    epsg : int
        Coordinate reference system, one of `EXPORT_CRS`.
    region : str, optional
        Region code: only features whose region lies inside it, or that touch it.

    Returns
    -------
    int
        Number of features written.

    Raises
    ------
    Refused
        Where the scope does not let its holder export.
    BadInput
        For an unknown system, a region that is no code, or a path that cannot be written.
    """
    scope.require(Verb.EXPORT)
    scope.for_layer(definition)
    if epsg not in EXPORT_CRS:
        raise BadInput(f"EPSG:{epsg} is not offered; there are: {', '.join(map(str, EXPORT_CRS))}", epsg=epsg)
    if region is not None and not is_region_prefix(region):
        raise BadInput(f"{region!r} is no region code", region=region)
    if path.suffix.lower() != ".gpkg":
        raise BadInput(
            f"{path.name}: exports are GeoPackages; name a file that ends in .gpkg", file=path.name
        )
    if path.exists():
        raise BadInput(f"{path.name} exists already: name another file, or remove it first", file=path.name)
    if not path.parent.is_dir():
        raise BadInput(f"there is no folder {path.parent.name} for {path.name}", file=path.name)
    part = path.with_name(f".{path.stem}.{os.getpid()}.part.gpkg")
    written = 0
    spatial = definition.geometry is not GeometryFamily.NONE
    try:
        for table in _batches(connection, definition, scope, epsg, region):
            pyogrio.write_arrow(
                table,
                part,
                layer=definition.name,
                driver="GPKG",
                append=written > 0,
                geometry_name="geom" if spatial else None,
                geometry_type="Unknown" if spatial else None,
                crs=f"EPSG:{epsg}" if spatial else None,
            )
            written += table.num_rows
            if progress is not None:
                progress(written)
        part.replace(path)
    except (OSError, pyogrio.errors.DataSourceError) as error:
        raise Unavailable(
            f"{path.name} cannot be written: {error}", file=path.name, reason=str(error)
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return written


def _batches(
    connection: psycopg.Connection[Any],
    definition: LayerDefinition,
    scope: Scope,
    epsg: int,
    region: str | None,
) -> Iterator[pa.Table]:
    """Yield tables of up to 5,000 rows; at least one, so that an empty layer still gives its columns."""
    schema = _schema(definition)
    with scoped(connection, scope) as reading, reading.cursor("export") as cursor:
        cursor.itersize = _BATCH
        cursor.execute(_select(definition), {"epsg": epsg, "region": region})
        rows = cursor.fetchmany(_BATCH)
        yield _table(schema, rows)
        while rows := cursor.fetchmany(_BATCH):
            yield _table(schema, rows)


def _schema(definition: LayerDefinition) -> pa.Schema:
    """Return the columns of the file in the order of the statement, each with its type."""
    columns = [("id", pa.int64()), *((name, _SYSTEM[name]) for name in _SYSTEM)]
    columns += [(field.name, _ARROW.get(field.type, pa.string())) for field in definition.fields]
    if definition.geometry is not GeometryFamily.NONE:
        columns.append(("geom", pa.binary()))
    return pa.schema(columns)


def _table(schema: pa.Schema, rows: list[tuple[Any, ...]]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    return pa.table(
        [pa.array(map(_plain, values), field.type) for field, values in zip(schema, columns, strict=True)],
        schema=schema,
    )


def _plain(value: Any) -> Any:
    """Return a value as a GeoPackage column holds it: lists of codes become JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


def _select(definition: LayerDefinition) -> sql.Composed:
    columns: list[sql.Composable] = [sql.Identifier("id"), *map(sql.Identifier, _SYSTEM)]
    for field in definition.fields:
        name = sql.Identifier(field.name)
        if field.type is FieldType.GEOMETRY:
            columns.append(sql.SQL("ext.ST_AsGeoJSON({0}) AS {0}").format(name))
        else:
            columns.append(name)
    if definition.geometry is not GeometryFamily.NONE:
        columns.append(sql.SQL("ext.ST_AsBinary(ext.ST_Transform(geom, %(epsg)s)) AS geom"))
    return sql.SQL(
        "SELECT {columns} FROM city.{table} WHERE %(region)s::text IS NULL"
        " OR starts_with(region_code, %(region)s)"
        " OR EXISTS (SELECT FROM unnest(region_codes) AS touched WHERE starts_with(touched, %(region)s))"
        " ORDER BY id"
    ).format(columns=sql.SQL(", ").join(columns), table=sql.Identifier(definition.name))
