"""What Alembic may look at: the fixed tables of schema ``onemap``, never a layer or a result."""

from __future__ import annotations

from typing import Any

from layers.schema.fixed import SCHEMA, fixed


def is_fixed(_object: Any, name: str | None, kind: str, reflected: bool, _compared: Any) -> bool:
    """Tell whether an object takes part in a comparison; a table that we do not know is not ours to drop."""
    return kind != "table" or not reflected or f"{SCHEMA}.{name}" in fixed.tables


def is_our_schema(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave every schema but ``onemap`` out of comparisons."""
    return kind != "schema" or name == SCHEMA
