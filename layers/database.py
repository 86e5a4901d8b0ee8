"""The addresses of the city's database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the city's database is, for each of the two roles that may log in.

    Attributes
    ----------
    application : str
        ``postgresql://`` URL of the role ``onemap_app``.
    admin : str
        ``postgresql://`` URL of the role ``onemap_admin``.
    """

    application: str
    admin: str
