"""PostgreSQL and PostGIS of the system: where they are, and how they come there."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from geo.errors import Unavailable

CHECKOUT = Path(__file__).resolve().parents[2]
UNPACKED = CHECKOUT / ".onemap" / "packages"
"""Where packages are unpacked that could not be installed (no root)."""

MAJOR = 15
"""The oldest PostgreSQL that works, and the one that Debian 12 has."""


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """An installed or unpacked PostgreSQL with PostGIS.

    Attributes
    ----------
    major : int
        Major version, ``15``.
    programs : Path
        Directory of ``postgres``, ``initdb`` and ``pg_ctl``.
    environment : mapping of str to str
        What its processes need in their environment to find their libraries and data.
    """

    major: int
    programs: Path
    environment: Mapping[str, str] = field(default_factory=dict)


def find_postgresql(major: int | None = None) -> PostgreSQL:
    """Return the PostgreSQL with PostGIS to use: the system's, else the unpacked one.

    Parameters
    ----------
    major : int, optional
        Only this major version will do (a data directory exists that was made by it).

    Raises
    ------
    Unavailable
        Where there is none; the message says what to install.
    """
    found = [*_look_in(Path("/")), *_look_in(UNPACKED)]
    for candidate in found:
        if major in (None, candidate.major):
            return candidate
    wanted = major or MAJOR
    raise Unavailable(
        f"PostgreSQL {wanted} with PostGIS 3 is not here. On Debian run `make packages` (or as root "
        f"`apt-get install postgresql-{wanted}-postgis-3`); elsewhere install both, or set "
        "ONEMAP_DATABASE_URL and ONEMAP_DATABASE_ADMIN_URL to use an existing PostGIS",
        missing=[f"postgresql-{wanted}", f"postgresql-{wanted}-postgis-3"],
        found=[candidate.major for candidate in found],
    )


def _look_in(root: Path) -> list[PostgreSQL]:
    """Return the versions below a root that are new enough and have PostGIS, the oldest first."""
    found = []
    for programs in (root / "usr/lib/postgresql").glob("*/bin"):
        version = programs.parent.name
        control = root / "usr/share/postgresql" / version / "extension" / "postgis.control"
        usable = re.fullmatch(r"\d+", version) and int(version) >= MAJOR
        if usable and (programs / "postgres").exists() and control.exists():
            environment = {} if root == Path("/") else _unpacked_environment(root)
            found.append(PostgreSQL(int(version), programs, environment))
    return sorted(found, key=lambda candidate: candidate.major)


def _unpacked_environment(root: Path) -> dict[str, str]:
    libraries = root / "usr/lib" / f"{os.uname().machine}-linux-gnu"
    return {
        "LD_LIBRARY_PATH": ":".join(str(libraries / part) for part in ("", "blas", "lapack")),
        "PROJ_DATA": str(root / "usr/share/proj"),
    }
