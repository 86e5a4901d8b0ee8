"""Layers added at run time: the same documents as the catalogue's files, kept in the database."""

from __future__ import annotations

from typing import Any

import psycopg

from geo.errors import Conflict
from layers.definitions.loading import CATALOG, Catalog, parse_layer, read_catalog
from layers.schema.reconcile import Changes, reconcile


def with_runtime_layers(connection: psycopg.Connection[Any], catalog: Catalog) -> Catalog:
    """Return the catalogue with the layers that were added at run time."""
    rows = connection.execute(
        "SELECT name, document FROM onemap.layer_definition ORDER BY at, name"
    ).fetchall()
    for name, document in rows:
        catalog = catalog.with_layer(parse_layer(document, f"{name} (added at run time)", catalog.code_lists))
    return catalog


def add_layer(connection: psycopg.Connection[Any], document: str, *, actor: str) -> tuple[Catalog, Changes]:
    """Add a layer, or a new version of one that was added before, from its document.

    Parameters
    ----------
    connection : psycopg.Connection
        Of `layers.database.admin_connection`.
    document : str
        The YAML (or JSON) text of one layer definition.
    actor : str
        Who adds it.

    Returns
    -------
    (Catalog, Changes)
        The whole catalogue with the layer, and what was made.

    Raises
    ------
    BadDefinition
        Where the document is not usable; names the line.
    Conflict
        Where a file of the catalogue has this name.
    SchemaRefused
        Where a new version would lose what the table holds.
    """
    files = read_catalog()
    definition = parse_layer(document, "the posted document", files.code_lists)
    if definition.name in files.layers:
        raise Conflict(
            f"{definition.name!r} is a layer of the catalogue ({CATALOG.name}/{definition.name}.yaml)",
            layer=definition.name,
        )
    with connection.transaction():
        catalog = with_runtime_layers(connection, files).with_layer(definition)
        connection.execute(
            "INSERT INTO onemap.layer_definition (name, document, added_by) VALUES (%s, %s, %s)"
            " ON CONFLICT (name) DO UPDATE SET document = excluded.document, added_by = excluded.added_by,"
            " at = now()",
            [definition.name, document, actor],
        )
        return catalog, reconcile(connection, catalog)
