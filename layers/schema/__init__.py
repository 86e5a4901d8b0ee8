"""The database's shape: fixed tables by Alembic, layer tables from the catalogue."""

from layers.schema.migrating import migrate
from layers.schema.reconcile import Changes, SchemaRefused, reconcile

__all__ = ["Changes", "SchemaRefused", "migrate", "reconcile"]
