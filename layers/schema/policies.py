"""Row-level security of a layer: what `onemap_app` may read and write outside the hot read functions.

The policies read the transaction's scope through helpers that raise where it is missing or empty, each as
``(SELECT …)``, so once a statement and not once a row.
"""

from __future__ import annotations

from typing import LiteralString

from psycopg import sql

from layers.definitions import LayerDefinition
from layers.schema.names import CITY
from layers.scope import Classification

_OPEN = sql.SQL("(SELECT onemap.scope_opens({classification}))")
_OF_REGION: LiteralString = (
    " AND ((SELECT onemap.scope_is_whole_city())"
    " OR region_code ^@ ANY ((SELECT onemap.scope_prefixes())::text[])"
)
_READ_REGION = sql.SQL(
    f"{_OF_REGION} OR (region_codes IS NOT NULL"
    " AND onemap.touches(region_codes, (SELECT onemap.scope_prefixes())::text[])))"
)
_READ_INSIDE = sql.SQL(f"{_OF_REGION})")
# A writer's regions always count, also where everyone may read: who keeps one county does not edit another.
_WRITE = sql.SQL(
    " AND (SELECT onemap.scope_allows('write') OR onemap.scope_allows('import'))"
    " AND ((SELECT onemap.scope_is_whole_city())"
    " OR region_code ^@ ANY ((SELECT onemap.scope_prefixes())::text[]))"
)

_POLICIES = sql.SQL("""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS app_reads ON {table};
DROP POLICY IF EXISTS app_adds ON {table};
DROP POLICY IF EXISTS app_changes ON {table};
DROP POLICY IF EXISTS app_deletes ON {table};
CREATE POLICY app_reads ON {table} FOR SELECT TO onemap_app USING ({read});
CREATE POLICY app_adds ON {table} FOR INSERT TO onemap_app WITH CHECK ({write});
CREATE POLICY app_changes ON {table} FOR UPDATE TO onemap_app USING ({write}) WITH CHECK ({write});
CREATE POLICY app_deletes ON {table} FOR DELETE TO onemap_app USING ({write});
ALTER TABLE {history} ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS app_reads ON {history};
CREATE POLICY app_reads ON {history} FOR SELECT TO onemap_app USING ({read});
GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO onemap_app;
GRANT SELECT ON {history} TO onemap_app;
""")


def by_region(definition: LayerDefinition) -> bool:
    """Tell whether readers see only the rows of their regions (the rule of `Scope.for_layer`)."""
    return definition.classification is Classification.RESTRICTED or definition.scope == "region"


def readable(definition: LayerDefinition, *, crossing: bool = True) -> sql.Composed:
    """Return the test that a row of a layer passes for its reader.

    Parameters
    ----------
    crossing : bool
        False for rows that have no ``region_codes``: each lies in one region.
    """
    opened = _OPEN.format(classification=sql.Literal(str(definition.classification)))
    if not by_region(definition):
        return opened
    return opened + (_READ_REGION if crossing else _READ_INSIDE)


def policies(definition: LayerDefinition) -> sql.Composed:
    """Return the statements that put the row-level policies of a layer and its history in place."""
    opened = _OPEN.format(classification=sql.Literal(str(definition.classification)))
    return _POLICIES.format(
        table=sql.Identifier(CITY, definition.name),
        history=sql.Identifier(CITY, f"{definition.name}_history"),
        read=readable(definition),
        write=opened + _WRITE,
    )
