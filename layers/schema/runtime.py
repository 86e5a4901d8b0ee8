"""Layers added at run time: the same documents as the catalogue's files, kept in the database."""

from __future__ import annotations

from typing import Any

import psycopg

from layers.definitions.loading import Catalog, parse_layer


def with_runtime_layers(connection: psycopg.Connection[Any], catalog: Catalog) -> Catalog:
    """Return the catalogue with the layers that were added at run time."""
    rows = connection.execute(
        "SELECT name, document FROM onemap.layer_definition ORDER BY at, name"
    ).fetchall()
    for name, document in rows:
        catalog = catalog.with_layer(parse_layer(document, f"{name} (added at run time)", catalog.code_lists))
    return catalog
