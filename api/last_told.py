"""What views told last, for when the database is away: an old number that says how old it is beats none."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

MOST_BYTES = 16_000_000


@dataclass
class LastTold:
    """Documents of this process by what was asked; the least used go first.

    Examples
    --------
    >>> from datetime import UTC
    >>> kept = LastTold()
    >>> kept.put("five_g", {"stale_since": None}, datetime(2020, 12, 31, 4, 3, tzinfo=UTC))
    >>> kept.get("five_g", "database-unavailable")
    {'stale_since': '2020-12-31T04:03:00+00:00', 'stale_reason': 'database-unavailable'}
    >>> kept.get("overview", "database-unavailable") is None
    True
    """

    most_bytes: int = MOST_BYTES
    _found: OrderedDict[Hashable, tuple[bytes, datetime]] = field(default_factory=OrderedDict)
    _bytes: int = 0

    def put(self, key: Hashable, document: dict[str, Any], at: datetime) -> None:
        """Keep a document that was true at a moment, or since when it says that it may not be."""
        self._drop(key)
        text = orjson.dumps(document)
        self._found[key] = text, at
        self._bytes += len(text)
        while self._bytes > self.most_bytes:
            self._drop(next(iter(self._found)))

    def get(self, key: Hashable, reason: str) -> dict[str, Any] | None:
        """Return a document, marked with since when it may be out of date and why nothing newer is told."""
        if key not in self._found:
            return None
        self._found.move_to_end(key)
        text, at = self._found[key]
        document: dict[str, Any] = orjson.loads(text)
        if document["stale_since"] is None:
            document["stale_since"] = moment(at)
        return {**document, "stale_reason": reason}

    def _drop(self, key: Hashable) -> None:
        if key in self._found:
            self._bytes -= len(self._found.pop(key)[0])


def moment(at: datetime) -> str:
    """Return a moment as documents have it, to the second.

    Examples
    --------
    >>> from datetime import UTC
    >>> moment(datetime(2020, 12, 31, 4, 3, 9, 500_000, UTC))
    '2020-12-31T04:03:09+00:00'
    """
    return at.replace(microsecond=0).isoformat()
