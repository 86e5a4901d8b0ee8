"""Region codes of the official tree: levels by length, prefixes, parents (GB/T 2260, GB/T 10114)."""

from __future__ import annotations

import re

from geo.errors import BadInput

#: Level of the tree by the length of its code prefix.
LEVELS = {2: "province", 4: "city", 6: "county", 9: "town", 12: "community"}

_DIGITS = re.compile(r"[0-9]{6}|[0-9]{9}|[0-9]{12}")


def code_prefix(code: str) -> str:
    """Return what the codes of all descendants start with.

    Codes of six digits fill up with zeros above the county, and statistical codes of twelve digits above the
    community.

    Raises
    ------
    BadInput
        Where it is no code of the tree.

    Examples
    --------
    >>> [code_prefix(code) for code in ("340000", "341500", "341504", "341504001", "341504001000")]
    ['34', '3415', '341504', '341504001', '341504001']
    """
    if not _DIGITS.fullmatch(code) or code.startswith("00"):
        raise BadInput(f"{code[:40]!r} is no region code of 6, 9 or 12 digits", code=code[:40])
    while len(code) > 6 and code.endswith("000"):
        code = code[:-3]
    while len(code) in (4, 6) and code.endswith("00"):
        code = code[:-2]
    return code


def level_of(code: str) -> str:
    """Return the level of a code of the tree.

    Examples
    --------
    >>> level_of("341500"), level_of("341504001002")
    ('city', 'community')
    """
    return LEVELS[len(code_prefix(code))]


def parent_prefixes(code: str) -> tuple[str, ...]:
    """Return the prefixes of all regions above, the largest first.

    Examples
    --------
    >>> parent_prefixes("341504001002")
    ('34', '3415', '341504', '341504001')
    """
    own = code_prefix(code)
    return tuple(own[:length] for length in LEVELS if length < len(own))
