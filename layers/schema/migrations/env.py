"""Alembic's environment: it runs on the connection that `layers.schema.migrating` hands over."""

from __future__ import annotations

from typing import Any

from alembic import context
from geoalchemy2.alembic_helpers import render_item

from layers.schema.fixed import SCHEMA, fixed


def is_fixed(_object: Any, name: str | None, kind: str, reflected: bool, _compared: Any) -> bool:
    """Tell whether Alembic may look at an object: the fixed tables only, never a layer or a result."""
    if kind != "table":
        return True
    return not reflected or f"{SCHEMA}.{name}" in fixed.tables


def is_our_schema(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave every schema but ``onemap`` out of comparisons."""
    return kind != "schema" or name == SCHEMA


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=fixed,
    version_table="migration",
    version_table_schema=SCHEMA,
    include_schemas=True,
    include_name=is_our_schema,
    include_object=is_fixed,
    render_item=render_item,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
