"""The functions that all layers share, from the files in ``sql/``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg

FOLDER = Path(__file__).parent / "sql"

#: In the order in which they must be run.
FILES = ("scope.sql", "regions.sql", "changes.sql", "grants.sql")


def shared_statements() -> str:
    """Return all shared functions and grants as one text; running it again changes nothing."""
    return "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in FILES)


def make_shared_functions(connection: psycopg.Connection[Any], statements: str) -> None:
    """Make the shared functions anew."""
    # Bytes tell psycopg that the text is ours as it stands: it has no parameters.
    connection.execute(statements.encode())
