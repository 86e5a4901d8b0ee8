"""Alembic's environment: it runs on the connection that `layers.schema.migrating` hands over."""

from __future__ import annotations

from alembic import context
from geoalchemy2.alembic_helpers import render_item

from layers.schema.fixed import SCHEMA, fixed
from layers.schema.migrations.filters import is_fixed, is_our_schema

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
