"""Adding a layer at run time: its document is kept, its table made at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from geo.errors import Conflict
from layers.definitions import LayerDefinition
from layers.definitions.loading import CATALOG, Catalog, parse_layer, read_catalog
from layers.schema.reconcile import Changes, reconcile
from layers.schema.runtime import with_runtime_layers
from layers.scope import Scope, Verb


@dataclass(frozen=True, slots=True)
class Added:
    """A layer that was added.

    Attributes
    ----------
    definition : LayerDefinition
        As its document has it.
    catalog : Catalog
        The whole catalogue with it.
    changes : Changes
        What was made in the database.
    """

    definition: LayerDefinition
    catalog: Catalog
    changes: Changes


def add_layer(connection: psycopg.Connection[Any], document: str, *, scope: Scope) -> Added:
    """Add a layer, or a new version of one that was added before, from its document.

    Parameters
    ----------
    connection : psycopg.Connection
        Of `layers.database.admin_connection`.
    document : str
        The YAML (or JSON) text of one layer definition.
    scope : Scope
        Needs the verb ``administer``.

    Raises
    ------
    Refused
        Where the scope does not let its holder administer.
    BadDefinition
        Where the document is not usable; names the line.
    Conflict
        Where a file of the catalogue has this name.
    SchemaRefused
        Where a new version would lose what the table holds.
    """
    scope.require(Verb.ADMINISTER)
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
            [definition.name, document, scope.subject],
        )
        changes = reconcile(connection, catalog)
        connection.execute(
            "INSERT INTO onemap.audit (actor, action, layer, outcome) VALUES (%s, 'add-layer', %s, 'done')",
            [scope.subject, definition.name],
        )
        return Added(definition, catalog, changes)
