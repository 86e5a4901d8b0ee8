"""Sums of a layer by region, one at a time: kept by each process and, of the present, in the database.

Views share sums: each is kept by itself, whichever pass it came from, and known by the statement that would
add up it alone. It holds until one of its tables changes, whoever looked.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import psycopg

from layers.definitions.conditions import Along, ByRoad
from layers.definitions.loading import Catalog
from layers.indicators.clock import Clock
from layers.indicators.conditions import Group, Members, Stretch, Ways
from layers.indicators.passes import Wanted, make_pass
from layers.indicators.staleness import stale
from layers.indicators.ways import ROADS
from layers.scope import Classification, Scope

MOST_KEPT = 4096

# A snapshot that the database has not come to yet is of another one, whose copy this is.
_READ = """
    SELECT s.key, s.snapshot, s.tables, s.rows, s.regions, s.sums FROM onemap.indicator_sum AS s
    WHERE s.key = ANY ($1::text[])
      AND pg_snapshot_xmax(s.snapshot::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot())
"""
_WRITE = """
    INSERT INTO onemap.indicator_sum AS s (key, day, snapshot, tables, rows, regions, sums)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (key) DO UPDATE SET
        day = excluded.day, snapshot = excluded.snapshot, tables = excluded.tables,
        rows = excluded.rows, regions = excluded.regions, sums = excluded.sums
    WHERE s.snapshot <> excluded.snapshot
"""
_FORGET = "DELETE FROM onemap.indicator_sum WHERE key <> ALL (%s)"

#: Key of a sum, and the tables that it comes from.
Named = tuple[str, frozenset[str]]
Reader = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """One sum of a layer.

    Attributes
    ----------
    by_region : mapping
        By the prefix of each region that has any.
    rows : int
        More than 0 where the layer has any feature on the day, anywhere.
    snapshot : str
        ``pg_current_snapshot()`` from before it was added up.
    """

    by_region: Mapping[str, float]
    rows: int
    snapshot: str
    tables: frozenset[str]
    day: date


@dataclass(frozen=True, slots=True)
class Found:
    """Sums that were kept: those that still hold, and those that a change has made old with its moment."""

    current: dict[str, Sum]
    old: dict[str, tuple[Sum, datetime]]


@dataclass
class KeptSums:
    """Sums that were added up, by key and reader; the least used go first."""

    found: OrderedDict[tuple[str, Reader], Sum] = field(default_factory=OrderedDict)
    _catalog: Catalog | None = None
    _names: dict[tuple[Any, ...], Named] = field(default_factory=dict)
    _turns: dict[Group, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    def name(self, catalog: Catalog, clock: Clock, wanted: Wanted) -> Named:
        """Return how a sum is known."""
        if self._catalog is not catalog or len(self._names) > MOST_KEPT:
            self._catalog, self._names = catalog, {}
        short = (wanted.amount.model_dump_json(), wanted.among, wanted.rows, clock)
        if short not in self._names:
            self._names[short] = _name(catalog, clock, wanted)
        return self._names[short]

    def turn(self, group: Group) -> asyncio.Lock:
        """Return the turn of who adds up sums of a group: others wait and find them."""
        return self._turns[group]

    async def look(self, connection: Any, scope: Scope, asked: Mapping[str, frozenset[str]]) -> Found:
        """Return those that are kept, by key: another process may have written down what is old here.

        Parameters
        ----------
        connection : asyncpg.Connection
            Inside a `layers.scoped_reading.scoped_reading` of the scope.
        asked : mapping
            Tables by key.
        """
        reader = reader_of(scope)
        own = {key: self.found[key, reader] for key in asked if (key, reader) in self.found}
        found = await _told_apart(connection, own)
        if reader == EVERYTHING and (missing := [key for key in asked if key not in found.current]):
            written = await _told_apart(connection, await _read(connection, missing))
            found.current.update(written.current)
            # of two old ones that of the later change
            for key, one in written.old.items():
                if key not in found.old or found.old[key][1] < one[1]:
                    found.old[key] = one
        for key, sum_ in found.current.items():
            found.old.pop(key, None)
            self.put(scope, key, sum_)
        for key, (old, _) in found.old.items():
            # not over what somebody has brought meanwhile
            if self.get(scope, key) is own.get(key):
                self.put(scope, key, old)
        return found

    def get(self, scope: Scope, key: str) -> Sum | None:
        """Return one that is kept here, however old."""
        return self.found.get((key, reader_of(scope)))

    def put(self, scope: Scope, key: str, found: Sum) -> None:
        """Keep one."""
        place = key, reader_of(scope)
        self.found[place] = found
        self.found.move_to_end(place)
        while len(self.found) > MOST_KEPT:
            self.found.popitem(last=False)


async def _read(connection: Any, keys: list[str]) -> dict[str, Sum]:
    """Return what any process has written down."""
    return {
        row["key"]: Sum(
            dict(zip(row["regions"], row["sums"], strict=True)), row["rows"], row["snapshot"],
            frozenset(row["tables"]),
            date.max,  # the day is only of use to who writes, and this has been written
        )
        for row in await connection.fetch(_READ, keys)
    }  # fmt: skip


async def _told_apart(connection: Any, several: Mapping[str, Sum]) -> Found:
    """Tell those that still hold from those that do not."""
    keys = list(several)
    since = await stale(connection, [(several[key].snapshot, several[key].tables) for key in keys])
    old = {keys[place]: (several[keys[place]], at) for place, at in since.items()}
    return Found({key: one for key, one in several.items() if key not in old}, old)


def reader_of(scope: Scope) -> Reader:
    """Return what of a scope decides on sums."""
    return tuple(sorted(scope.classifications)), scope.region_prefixes


EVERYTHING: Reader = tuple(sorted(Classification)), None


def write_sums(connection: psycopg.Connection[Any], kept: KeptSums, day: date) -> int:
    """Write down the sums of a day that who sees everything was told, and forget all that nobody asks for.

    Parameters
    ----------
    connection : psycopg.Connection
        Of `layers.database.admin_connection`.

    Returns
    -------
    int
        Sums that are new.
    """
    written = 0
    with connection.transaction():
        asked = {key: one for (key, reader), one in kept.found.items() if reader == EVERYTHING}
        connection.execute(_FORGET, [list(asked)])
        for key, one in asked.items():
            if one.day == day:
                values = [key, day, one.snapshot, sorted(one.tables), one.rows]
                values += [list(one.by_region), list(one.by_region.values())]
                written += connection.execute(_WRITE, values).rowcount
    return written


def _name(catalog: Catalog, clock: Clock, wanted: Wanted) -> Named:
    """Return the digest of the pass of one sum, and its tables; ways stand in it as what is asked of them."""
    amount = wanted.amount
    layer = catalog.layer(amount.layer or "")
    ways = Ways(_unfound_by_road(layer.name, amount.by_road), _unfound_along(layer.name, amount.along))
    alone = make_pass(layer, [wanted], catalog, clock, ways)
    tables = set(alone.tables)
    if amount.by_road is not None:
        tables.add(catalog.layer(ROADS).table)
    if amount.along is not None:
        tables |= {catalog.layer(name).table for name in amount.along.among}
    text = repr((alone.key, sorted(tables)))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest(), frozenset(tables)


def _unfound_by_road(layer: str, condition: ByRoad | None) -> dict[tuple[str, ByRoad], Members]:
    return {} if condition is None else {(layer, condition): Members([], condition.model_dump_json())}


def _unfound_along(layer: str, condition: Along | None) -> dict[tuple[str, Along], Stretch]:
    if condition is None:
        return {}
    members = [Members([], f"{condition.model_dump_json()}/{part}") for part in range(4)]
    return {(layer, condition): Stretch(*members)}
