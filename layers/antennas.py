"""Antenna patterns of the city: read from makers' files once, then known to every run by name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import psycopg

from geo.errors import BadInput, NotFound
from geo.radio import Pattern, PatternFile, named, read_pattern
from layers.city import read_setting, store_setting
from layers.scope import Scope, Verb

Connection = psycopg.Connection[Any]

#: Key of the setting that holds all patterns.
SETTING = "antennas"
#: Bytes of one file; a pattern has about 7,000.
SIZE_LIMIT = 1 << 20
#: As long as the field ``pattern`` of the layer of sectors.
_LONGEST_NAME = 80
_ENCODINGS = ("utf-8-sig", "gb18030")
_DECIMALS = 3


def decoded(data: bytes) -> str:
    """Return the text of an antenna file: UTF-8, else GB 18030, in which makers in China write.

    Raises
    ------
    BadInput
        Where it is neither, holds zero bytes (UTF-16, a binary file), or is too large.

    Examples
    --------
    >>> decoded("NAME 天线".encode("gb18030"))
    'NAME 天线'
    """
    if len(data) > SIZE_LIMIT:
        raise BadInput(f"an antenna file has no more than {SIZE_LIMIT} bytes", reason="size")
    if b"\0" not in data:
        for encoding in _ENCODINGS:
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise BadInput(
        "the antenna file is text neither in UTF-8 nor in GB 18030: save it as UTF-8", reason="text"
    )


def store_antenna(
    connection: Connection, name: str, data: bytes, *, scope: Scope, gain_dbi: float | None = None
) -> PatternFile:
    """Read an antenna file and keep its pattern under a name, in place of an older one.

    Parameters
    ----------
    connection : psycopg.Connection
        Of the administrator.
    name : str
        What sectors call it in their field ``pattern``.
    data : bytes
        Of a Planet (MSI, PLN, PRN) or Radio Mobile (ANT) file.
    gain_dbi : float, optional
        For files that do not hold it.

    Raises
    ------
    Refused
        Where the scope may not administer.
    BadInput
        For a name that is empty, too long or means an array, and for what is no antenna file.
    """
    scope.require(Verb.ADMINISTER)
    if not name.strip() or len(name) > _LONGEST_NAME:
        raise BadInput(f"the name of an antenna has 1 to {_LONGEST_NAME} characters", name=name[:96])
    if _is_taken(name):
        raise BadInput(f"{name!r} already means an antenna without a file", name=name)
    found = read_pattern(decoded(data), gain_dbi=gain_dbi, name=name)
    kept = read_setting(connection, SETTING) or {}
    kept[name] = {
        "title": found.pattern.name,
        "gain_dbi": found.pattern.gain_dbi,
        "limit_db": found.pattern.limit_db,
        "horizontal_db": found.pattern.horizontal_db.round(_DECIMALS).tolist(),
        "vertical_db": found.pattern.vertical_db.round(_DECIMALS).tolist(),
        "electrical_tilt_deg": found.electrical_tilt_deg,
        "frequency_mhz": None if np.isnan(found.frequency_mhz) else found.frequency_mhz,
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    store_setting(connection, SETTING, kept)
    return found


def remove_antenna(connection: Connection, name: str, *, scope: Scope) -> None:
    """Forget a pattern, or raise `NotFound`; runs of sectors that name it fail until they name another."""
    scope.require(Verb.ADMINISTER)
    kept = read_setting(connection, SETTING) or {}
    if name not in kept:
        raise NotFound(f"there is no antenna {name[:_LONGEST_NAME]!r}", name=name[:_LONGEST_NAME])
    del kept[name]
    store_setting(connection, SETTING, kept)


def patterns_of(document: Mapping[str, Any] | None) -> dict[str, Pattern]:
    """Return the patterns of the setting, by name.

    Examples
    --------
    >>> patterns_of(None)
    {}
    """
    return {
        name: Pattern(
            float(one["gain_dbi"]),
            np.asarray(one["horizontal_db"], dtype=float),
            np.asarray(one["vertical_db"], dtype=float),
            float(one["limit_db"]),
            name=str(one["title"]),
        )
        for name, one in (document or {}).items()
    }


def _is_taken(name: str) -> bool:
    """Tell whether a name means an array or an element already."""
    try:
        named(name)
    except BadInput:
        return False
    return True
