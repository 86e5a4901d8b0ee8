"""Layers that are a part of another one, as views over its table."""

from __future__ import annotations

from psycopg import sql

from layers.definitions import LayerDefinition
from layers.definitions.layer import SYSTEM_COLUMNS
from layers.schema.names import CITY, CLEARANCE, read_function
from layers.schema.tables import has_clearance

# The view reads as the one who asks, so the policies of the whole's table hold for its parts too.
_VIEW = sql.SQL("""
DROP FUNCTION IF EXISTS {items}(
    double precision[], timestamptz, timestamptz, bigint, integer, boolean, text[]);
DROP FUNCTION IF EXISTS {item}(bigint, boolean, text[]);
DROP VIEW IF EXISTS {view};
CREATE VIEW {view} WITH (security_invoker = true) AS SELECT {columns} FROM {table} AS t WHERE true{filter};
GRANT SELECT ON {view} TO onemap_app;
""")


def part_view(part: LayerDefinition) -> sql.Composed:
    """Return the statements that make the view of a part anew; its read functions must be made after them."""
    names = [*SYSTEM_COLUMNS, *([CLEARANCE] if has_clearance(part) else []), *part.field_names]
    return _VIEW.format(
        view=sql.Identifier(CITY, part.name),
        items=read_function(part.name, "items"),
        item=read_function(part.name, "item"),
        table=sql.Identifier(CITY, part.table),
        columns=sql.SQL(", ").join(sql.Identifier("t", name) for name in names),
        filter=_filter(part),
    )


def _filter(part: LayerDefinition) -> sql.Composed:
    tests = [
        sql.SQL(" AND t.{} = {}").format(sql.Identifier(name), sql.Literal(value))
        for name, value in sorted((part.filter or {}).items())
    ]
    return sql.SQL("").join(tests)
