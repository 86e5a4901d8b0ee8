"""Compare the catalogue with the database: create what is missing, refuse what cannot be done without loss.

Alembic owns the fixed tables; layer tables, their functions, triggers and policies come from the catalogue
and are brought about here. A digest a layer of all that its definition gives makes a second run cheap.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Table
from sqlalchemy.schema import CreateIndex, CreateTable

from geo.errors import Refused
from layers.definitions import LayerDefinition
from layers.definitions.loading import Catalog
from layers.schema.alterations import Differences, apply_differences, compare, mark
from layers.schema.counting import counting, is_counted
from layers.schema.names import CITY
from layers.schema.parts import part_view
from layers.schema.policies import policies
from layers.schema.read_functions import read_functions
from layers.schema.read_then import read_then
from layers.schema.shared import make_shared_functions, shared_statements
from layers.schema.tables import DIALECT, history_table, layer_table
from layers.schema.triggers import triggers

#: Number of the advisory lock that lets one process at a time reconcile a database.
_LOCK = 0x6C61796572

#: Under this name the digest of the shared functions is kept beside those of the layers.
_SHARED = "*"


class SchemaRefused(Refused):
    """The catalogue asks for a change of a table that would lose or contradict what it holds."""

    code = "schema-refused"


@dataclass(frozen=True, slots=True)
class Changes:
    """What reconciling did.

    Attributes
    ----------
    created : tuple of str
        Layers that got a table (or, for parts, a view).
    added : tuple of (str, str)
        (layer, field) of fields that were added to existing tables.
    refreshed : tuple of str
        Layers whose constraints, functions or policies were made anew.
    unknown : tuple of str
        Tables in schema ``city`` that no definition knows; they are left alone.
    """

    created: tuple[str, ...] = ()
    added: tuple[tuple[str, str], ...] = ()
    refreshed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def anything(self) -> bool:
        """Tell whether the database was changed."""
        return bool(self.created or self.added or self.refreshed)


@dataclass(frozen=True)
class _Wanted:
    """All that one layer gives in the database."""

    definition: LayerDefinition
    whole: LayerDefinition
    catalog: Catalog

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def is_part(self) -> bool:
        return self.definition.part_of is not None

    @cached_property
    def table(self) -> Table:
        return layer_table(self.definition, self.catalog.code_lists)

    @cached_property
    def history(self) -> Table:
        return history_table(self.table)

    @cached_property
    def programs(self) -> str:
        """Functions, triggers, policies and views, as one text; running it again changes nothing."""
        parts: list[sql.Composed] = []
        if self.is_part:
            parts.append(part_view(self.definition))
        else:
            parts += [triggers(self.definition, self.table), policies(self.definition)]
            if is_counted(self.definition):
                parts.append(counting(self.definition))
        parts += [read_functions(self.definition, self.whole), read_then(self.definition, self.whole)]
        return "\n".join(part.as_string() for part in parts)

    @cached_property
    def creation(self) -> list[str]:
        """Statements that make the tables and their indexes."""
        if self.is_part:
            return []
        made = []
        for table in (self.table, self.history):
            made.append(str(CreateTable(table).compile(dialect=DIALECT)))
            made += [
                str(CreateIndex(index).compile(dialect=DIALECT))
                for index in sorted(table.indexes, key=lambda index: str(index.name))
            ]
        return made

    @cached_property
    def digest(self) -> str:
        return _digest("\n".join([*self.creation, self.programs]))


def reconcile(connection: psycopg.Connection[Any], catalog: Catalog) -> Changes:
    """Bring the layer tables to what the catalogue says, in one transaction.

    Parameters
    ----------
    connection : psycopg.Connection
        Of `layers.database.admin_connection`: what is made belongs to the role that is set.
    catalog : Catalog
        All layers, run-time ones included.

    Raises
    ------
    SchemaRefused
        Where a definition and its table differ in more than fields to add and constraints that the rows
        already keep; names every difference of every layer. Nothing is changed then.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        kept = _kept_digests(connection)
        shared = shared_statements()
        if kept.get(_SHARED) != _digest(shared):
            make_shared_functions(connection, shared)
            _keep_digest(connection, _SHARED, _digest(shared))
        return _reconcile_layers(connection, catalog, kept)


def _reconcile_layers(connection: psycopg.Connection[Any], catalog: Catalog, kept: dict[str, str]) -> Changes:
    present = _relations(connection)
    # Wholes before their parts: a view needs its table.
    names = sorted(catalog.layers, key=lambda name: (catalog.layers[name].part_of is not None, name))
    wanted = [
        _Wanted(layer, catalog.layers[layer.table], catalog)
        for layer in map(catalog.layers.__getitem__, names)
    ]
    stale = [one for one in wanted if one.name not in present or kept.get(one.name) != one.digest]
    differences = {
        one.name: compare(connection, one.table, one.history)
        for one in stale
        if one.name in present and not one.is_part
    }
    _refuse(differences)
    # A view or a function of a part may stand in the way of a change to its whole.
    touched = {one.name for one in stale}
    stale = [one for one in wanted if one.name in touched or (one.is_part and one.whole.name in touched)]
    for one in stale:
        if one.name not in present:
            for statement in one.creation:
                connection.execute(statement.encode())
            if not one.is_part:
                mark(connection, one.table)
        elif not one.is_part:
            apply_differences(connection, one.table, one.history, differences[one.name])
        connection.execute(one.programs.encode())
        _keep_digest(connection, one.name, one.digest)
    known = {*catalog.layers, *(f"{name}_history" for name in catalog.layers)}
    return Changes(
        created=tuple(one.name for one in stale if one.name not in present),
        added=tuple((name, field) for name, found in differences.items() for field in found.added),
        refreshed=tuple(one.name for one in stale if one.name in present),
        unknown=tuple(sorted(present - known)),
    )


def _refuse(differences: dict[str, Differences]) -> None:
    refused = {name: found.refused for name, found in differences.items() if found.refused}
    if refused:
        listed = "; ".join(f"{name}: {reason}" for name, reasons in refused.items() for reason in reasons)
        raise SchemaRefused(
            f"the catalogue and the database differ in what cannot be changed without loss: {listed}",
            layers=refused,
        )


def _kept_digests(connection: psycopg.Connection[Any]) -> dict[str, str]:
    return dict(connection.execute("SELECT layer, digest FROM onemap.layer_schema").fetchall())


def _keep_digest(connection: psycopg.Connection[Any], layer: str, digest: str) -> None:
    connection.execute(
        "INSERT INTO onemap.layer_schema (layer, digest) VALUES (%s, %s)"
        " ON CONFLICT (layer) DO UPDATE SET digest = excluded.digest, at = now()",
        [layer, digest],
    )


def _relations(connection: psycopg.Connection[Any]) -> set[str]:
    """Return the names of tables and views in schema `city`."""
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'v')", [CITY]
    )
    return {name for (name,) in rows}


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
