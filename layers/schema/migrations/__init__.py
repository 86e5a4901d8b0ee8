"""Alembic migrations of the fixed tables. Layer tables belong to `layers.schema.reconcile`."""
