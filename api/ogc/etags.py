"""ETags of single features: the version of the row in front, so that a change can name what it changes."""

from __future__ import annotations

import re

from api.headers import etag_of

_VERSION = re.compile(rb'"version":(\d{1,10})[,}]')
_TAG = re.compile(r'(?:W/)?"(\d{1,9})\.[0-9a-f]+"')


def item_etag(feature: bytes, *, shown: bytes = b"") -> str:
    """Return the ETag of a feature as it is read.

    Parameters
    ----------
    feature : bytes
        The GeoJSON Feature as `layers.features.reading.read_item` gives it.
    shown : bytes
        What tells its representations apart.

    Examples
    --------
    >>> item_etag(b'{"properties":{"version":7}}').split(".")[0]
    '"7'
    """
    # the version stands after all that a user could have written: nothing in quotes can hold these quotes
    found = _VERSION.search(feature)
    version = int(found.group(1)) if found else 0
    return f'"{version}.{etag_of(feature + shown)[1:-1]}"'


def versions_in(text: str) -> frozenset[int] | None:
    """Return the versions that an ``If-Match`` header names, or None for ``*``.

    A proxy that compresses weakens an ETag on its way; the version in it is as exact as before, so that it is
    taken. What is no ETag of ours names nothing.

    Examples
    --------
    >>> versions_in('"7.0af3", W/"8.11"') == {7, 8}, versions_in("*"), versions_in('"x"')
    (True, None, frozenset())
    """
    if text.strip() == "*":
        return None
    return frozenset(int(found) for found in _TAG.findall(text[:2000]))
