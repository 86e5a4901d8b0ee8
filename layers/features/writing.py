"""Writing single features: checked like an import, under the scope, with If-Match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import shapely
from psycopg import errors, sql
from shapely.geometry.base import BaseGeometry

from geo.errors import BadInput, Conflict, NotFound, Refused
from layers.definitions import CodeList, GeometryFamily, LayerDefinition
from layers.importing.checking import Checked, check
from layers.importing.refusals import RowsRefused, key_taken
from layers.schema.names import CITY

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Written:
    """A feature as it stands after a write.

    Attributes
    ----------
    id, version : int
        `version` is the ETag that the next change must name.
    region_code : str or None
        Where it lies.
    created : bool
        False where the client had sent the same new feature before.
    """

    id: int
    version: int
    region_code: str | None
    created: bool = False


def insert_feature(
    connection: Connection,
    definition: LayerDefinition,
    code_lists: Mapping[str, CodeList],
    geometry: BaseGeometry | None,
    properties: Mapping[str, Any],
    *,
    client_key: UUID | None = None,
) -> Written:
    """Add one feature.

    Parameters
    ----------
    connection : psycopg.Connection
        Inside `layers.database.scoped`: the policies decide whether the scope may write there.
    geometry : shapely geometry, optional
        EPSG:4326; None for layers without geometry.
    properties : mapping
        Fields of the definition, and code, status, provenance, valid_from, valid_to, source. The region of a
        feature with geometry is found, not given.
    client_key : UUID, optional
        Made by a client that may send the same feature twice; the second time changes nothing.

    Raises
    ------
    RowsRefused
        Where values do not fit the definition.
    Conflict
        Where the natural key is taken.
    Refused
        Where the scope may not write there.
    """
    checked = check_feature(definition, code_lists, geometry, properties, partial=False)
    values = _values(definition, checked, geometry)
    values.setdefault("source", sql.Literal(definition.source))
    values.setdefault("provenance", sql.Literal("imported"))
    values["client_key"] = sql.Literal(client_key)
    query = sql.SQL(
        "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT (client_key) WHERE client_key IS NOT NULL DO NOTHING"
        " RETURNING id, version, region_code"
    ).format(
        sql.Identifier(CITY, definition.table),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join(values.values()),
    )
    row = _execute(connection, definition, query)
    if row is not None:
        return Written(row[0], row[1], row[2], created=True)
    known = sql.SQL("SELECT id, version, region_code FROM {} WHERE client_key = %s").format(
        sql.Identifier(CITY, definition.table)
    )
    before = connection.execute(known, [client_key]).fetchone()
    if before is None:
        raise Refused("this feature was sent before by someone else", layer=definition.name)
    return Written(*before)


def update_feature(
    connection: Connection,
    definition: LayerDefinition,
    code_lists: Mapping[str, CodeList],
    feature_id: int,
    expected_version: int,
    *,
    geometry: BaseGeometry | None = None,
    properties: Mapping[str, Any] | None = None,
) -> Written:
    """Change one feature: what is given replaces what stands there, the rest stays.

    Parameters
    ----------
    expected_version : int
        The version that the caller has read (If-Match).
    geometry : shapely geometry, optional
        EPSG:4326; None keeps the present one.
    properties : mapping, optional
        Fields to change; None as a value empties a field.

    Raises
    ------
    Conflict
        Where someone changed the feature since, or the new key is taken; ``details`` has the present version.
    NotFound
        Where there is no such feature, or not for this reader.
    RowsRefused, Refused
        As for `insert_feature`.
    """
    checked = check_feature(definition, code_lists, geometry, properties or {}, partial=True)
    values = _values(definition, checked, geometry)
    if not values:
        raise BadInput("the change names neither a field nor a geometry", layer=definition.name)
    return _change(connection, definition, feature_id, expected_version, values)


def replace_feature(
    connection: Connection,
    definition: LayerDefinition,
    code_lists: Mapping[str, CodeList],
    feature_id: int,
    expected_version: int,
    *,
    geometry: BaseGeometry | None,
    properties: Mapping[str, Any],
) -> Written:
    """Put one feature in the place of another one: what is not given is empty, or has its usual value.

    Parameters
    ----------
    expected_version : int
        The version that the caller has read (If-Match).
    geometry, properties
        As for `insert_feature`.

    Raises
    ------
    Conflict, NotFound, RowsRefused, Refused
        As for `update_feature`.
    """
    checked = check_feature(definition, code_lists, geometry, properties, partial=False)
    empty: dict[str, sql.Composable] = dict.fromkeys(_replaced(definition), sql.SQL("NULL"))
    usual = {
        "status": sql.SQL("DEFAULT"),
        "provenance": sql.Literal("imported"),
        "source": sql.Literal(definition.source),
    }
    values = empty | usual | _values(definition, checked, geometry)
    return _change(connection, definition, feature_id, expected_version, values)


def _replaced(definition: LayerDefinition) -> list[str]:
    own = ["code", "valid_from", "valid_to"]
    if definition.geometry is GeometryFamily.NONE:
        own.append("region_code")
    return own + list(definition.field_names)


def version_of(connection: Connection, definition: LayerDefinition, feature_id: int) -> int:
    """Return the present version of a feature of this layer, or raise `NotFound`."""
    query = sql.SQL("SELECT version FROM {} WHERE id = %s").format(sql.Identifier(CITY, definition.name))
    row = connection.execute(query, [feature_id]).fetchone()
    if row is None:
        raise NotFound(
            f"layer {definition.name!r} has no feature {feature_id}", layer=definition.name, id=feature_id
        )
    return int(row[0])


def _change(
    connection: Connection,
    definition: LayerDefinition,
    feature_id: int,
    expected_version: int,
    values: Mapping[str, sql.Composable],
) -> Written:
    query = sql.SQL(
        "UPDATE {} SET {} WHERE id = {} AND version = {} RETURNING id, version, region_code"
    ).format(
        sql.Identifier(CITY, definition.table),
        sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(name), value) for name, value in values.items()
        ),
        sql.Literal(feature_id),
        sql.Literal(expected_version),
    )
    row = _execute(connection, definition, query)
    if row is None:
        raise _missed(connection, definition, feature_id, expected_version)
    return Written(*row)


def delete_feature(
    connection: Connection, definition: LayerDefinition, feature_id: int, expected_version: int
) -> None:
    """Delete one feature; its last state stays in the history.

    Raises
    ------
    Conflict, NotFound, Refused
        As for `update_feature`.
    """
    query = sql.SQL("DELETE FROM {} WHERE id = {} AND version = {} RETURNING id").format(
        sql.Identifier(CITY, definition.table), sql.Literal(feature_id), sql.Literal(expected_version)
    )
    if _execute(connection, definition, query) is None:
        raise _missed(connection, definition, feature_id, expected_version)


def check_feature(
    definition: LayerDefinition,
    code_lists: Mapping[str, CodeList],
    geometry: BaseGeometry | None,
    properties: Mapping[str, Any],
    *,
    partial: bool,
) -> Checked:
    """Check one feature, or with `partial` a change of one, against its layer without writing it.

    Raises
    ------
    RowsRefused, BadInput
        As for `insert_feature`.
    """
    has_geometry = definition.geometry is not GeometryFamily.NONE
    if "region_code" in properties and has_geometry:
        raise BadInput("the region of a feature is found from where it lies", field="region_code")
    columns = {name: pd.Series([value], dtype=object) for name, value in properties.items()}
    for one in definition.geometry_fields:
        if one.name in columns:
            columns[one.name] = gpd.GeoSeries([properties[one.name]], crs=4326)
    frame = pd.DataFrame(columns, index=[0])
    if has_geometry and (geometry is not None or not partial):
        frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([geometry], crs=4326))
    checked = check(definition, code_lists, frame, partial=partial)
    if checked.refusals:
        raise RowsRefused(definition.name, checked.refusals, 1)
    return checked


def _values(
    definition: LayerDefinition, checked: Checked, geometry: BaseGeometry | None
) -> dict[str, sql.Composable]:
    values: dict[str, sql.Composable] = {
        name: sql.Literal(column[0]) for name, column in checked.columns.items()
    }
    shapes: dict[str, np.ndarray[Any, Any]] = dict(checked.geometries)
    if checked.geometry is not None and geometry is not None:
        shapes["geom"] = checked.geometry
    for name, column in shapes.items():
        wkb = None if column[0] is None else shapely.to_wkb(column[0])
        values[name] = sql.SQL("ST_GeomFromWKB({}, 4326)").format(sql.Literal(wkb))
    return values


def _execute(
    connection: Connection, definition: LayerDefinition, query: sql.Composed
) -> tuple[Any, ...] | None:
    try:
        row: tuple[Any, ...] | None = connection.execute(query).fetchone()
    except errors.UniqueViolation as error:
        raise key_taken(definition, error) from error
    except errors.InsufficientPrivilege as error:
        raise Refused(
            f"this scope may not write there in layer {definition.name!r}", layer=definition.name
        ) from error
    return row


def _missed(
    connection: Connection, definition: LayerDefinition, feature_id: int, expected: int
) -> Refused | NotFound:
    """Return why no row was hit: gone, changed since, or not ours to write."""
    try:
        present = version_of(connection, definition, feature_id)
    except NotFound as error:
        return error
    if present != expected:
        return Conflict(
            f"feature {feature_id} of layer {definition.name!r} was changed since version {expected}; "
            f"it is at version {present}",
            layer=definition.name,
            id=feature_id,
            version=present,
        )
    return Refused(
        f"this scope may not write feature {feature_id} of layer {definition.name!r}",
        layer=definition.name,
        id=feature_id,
    )
