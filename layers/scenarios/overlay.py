"""The changes of a scenario laid over a layer: what an analysis reads in its place, and what the map draws.

The layer itself is never touched. What is laid over it are rows of the table's own type, so that every rule
by which rows are read (state, validity, place, rights) holds for them too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from layers.definitions import LayerDefinition
from layers.scenarios.changes import Change, Op
from layers.schema.names import CITY

Connection = psycopg.Connection[Any]

#: Ids of added features begin here: above all that a layer has, and whole in JSON.
FIRST_ADDED = 2**52

_PLAIN = sql.SQL("{table} AS t")
_LAID_OVER = sql.SQL("""(
    SELECT t.* FROM {table} AS t WHERE NOT t.id = ANY ({touched}::bigint[])
    UNION ALL
    SELECT r.* FROM jsonb_to_recordset({edited}) AS c (id bigint, patch jsonb) JOIN {table} AS t USING (id)
    CROSS JOIN LATERAL jsonb_populate_record(t, c.patch) AS r
    UNION ALL
    SELECT r.* FROM jsonb_array_elements({added}) AS c (doc)
    CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, c.doc) AS r
) AS t""")


def source(definition: LayerDefinition, changes: Sequence[Change] = ()) -> sql.Composed:
    """Return what stands after FROM, with the alias ``t``: a layer's table, or the table as it would be.

    Parameters
    ----------
    changes : sequence of Change
        Of a scenario, of all layers. An added feature is in service; its id is `FIRST_ADDED` and its place
        among the changes.
    """
    table = sql.Identifier(CITY, definition.name)
    own = [(number, one) for number, one in enumerate(changes) if one.layer == definition.name]
    if not own:
        return _PLAIN.format(table=table)
    touched = [one.feature_id for _, one in own if one.op is not Op.ADD]
    edited = [
        {"id": one.feature_id, "patch": _columns(one)} for _, one in own if one.op in (Op.EDIT, Op.MOVE)
    ]
    added = [
        {"status": "in_service", "region_code": one.region, **_columns(one), "id": FIRST_ADDED + number}
        for number, one in own
        if one.op is Op.ADD
    ]
    return _LAID_OVER.format(
        table=table,
        touched=sql.Literal(touched),
        edited=sql.Literal(Jsonb(edited)),
        added=sql.Literal(Jsonb(added)),
    )


def drawn(connection: Connection, changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Return changes as GeoJSON features for the map.

    Parameters
    ----------
    connection : psycopg.Connection
        Inside `layers.database.scoped`.

    Returns
    -------
    list of dict
        One a change, ``id`` its number from 1; the geometry that it gives, or that the feature has. ``from``
        is the present geometry of one that moves; ``stale`` tells that the feature was changed or deleted
        since the scenario was written.
    """
    present = _present(connection, changes)
    return [_feature(number, one, present) for number, one in enumerate(changes, 1)]


def _columns(one: Change) -> dict[str, Any]:
    if one.geometry is None:
        return one.properties
    # Where it is counted goes along with it.
    return {**one.properties, "geom": one.geometry, "region_code": one.region, "region_codes": None}


def _present(connection: Connection, changes: Sequence[Change]) -> dict[tuple[str, int], dict[str, Any]]:
    asked: dict[str, list[int]] = {}
    for one in changes:
        if one.feature_id is not None:
            asked.setdefault(one.layer, []).append(one.feature_id)
    found = {}
    for layer, ids in asked.items():
        # a layer without geometry has no column geom, but its row as JSON can be asked for one
        query = sql.SQL(
            "SELECT t.id, t.version, t.code, to_jsonb(t) -> 'geom' AS shape FROM {} AS t"
            " WHERE t.id = ANY (%s)"
        ).format(sql.Identifier(CITY, layer))
        with connection.cursor(row_factory=dict_row) as cursor:
            for row in cursor.execute(query, [ids]):
                found[layer, int(row["id"])] = row
    return found


def _feature(number: int, one: Change, present: dict[tuple[str, int], dict[str, Any]]) -> dict[str, Any]:
    stands = present.get((one.layer, one.feature_id or 0))
    shape = None if stands is None else stands["shape"]
    if shape is not None:
        shape = {key: value for key, value in shape.items() if key != "crs"}
    return {
        "type": "Feature",
        "id": number,
        "geometry": one.geometry or shape,
        "properties": {
            "number": number,
            "op": str(one.op),
            "layer": one.layer,
            "feature_id": one.feature_id,
            "code": one.properties.get("code") or (stands and stands["code"]),
            "changed": one.properties,
            "from": shape if one.geometry is not None else None,
            "year": one.year,
            "note": one.note,
            "stale": one.op is not Op.ADD and (stands is None or stands["version"] != one.version),
        },
    }
