"""The change log, followed: every committed change once, soon, and whatever else is open.

A change is seen when its transaction commits, but the rows of the log are numbered when they are written:
whoever remembers only the greatest number loses those that commit late, and whoever waits until nothing older
is open is held up by every long import. So each read takes all rows whose transaction is at or above the
oldest one that was open at the read before, and drops those that it has had.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from geo.errors import BadInput

Connection = psycopg.Connection[Any]

#: Seconds between two reads of a follower.
POLL = 0.05

#: West, south, east, north in EPSG:3857.
Box = tuple[float, float, float, float]

_COLUMNS = (
    "c.seq, c.xid::text::bigint, c.layer, c.op, c.feature_id, c.bbox_old, c.bbox_new,"
    " c.regions_old, c.regions_new, c.at, c.details"
)

# One statement has one snapshot: what is visible in it and its xmin belong together.
_READ = f"""
SELECT s.xmin, s.snapshot, {_COLUMNS}
FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin,
             pg_current_snapshot()::text AS snapshot) AS s
LEFT JOIN onemap.layer_change AS c ON c.xid >= %s::text::xid8
ORDER BY c.seq
"""  # noqa: S608 - constants

_TOLD = """
SELECT seq, xid::text::bigint FROM onemap.layer_change
WHERE xid >= pg_snapshot_xmin(%(token)s::pg_snapshot) AND pg_visible_in_snapshot(xid, %(token)s::pg_snapshot)
"""

_AFTER = f"""
SELECT {_COLUMNS} FROM onemap.layer_change AS c
WHERE c.xid >= pg_snapshot_xmin($1::text::pg_snapshot)
  AND NOT pg_visible_in_snapshot(c.xid, $1::text::pg_snapshot)
  AND pg_visible_in_snapshot(c.xid, $2::text::pg_snapshot)
ORDER BY c.seq LIMIT $3
"""  # noqa: S608 - constants

_SINCE = f"""
SELECT {_COLUMNS} FROM onemap.layer_change AS c
WHERE c.xid >= pg_snapshot_xmin(%(snapshot)s::pg_snapshot)
  AND NOT pg_visible_in_snapshot(c.xid, %(snapshot)s::pg_snapshot)
  AND c.layer = ANY (%(layers)s::text[])
ORDER BY c.seq
"""  # noqa: S608 - constants


# A restored copy and a server after a switch-over number their transactions anew.
_IDENTITY = """
SELECT format('%s.%s.%s', to_hex((SELECT system_identifier FROM pg_control_system())),
              (SELECT oid FROM pg_database WHERE datname = current_database()),
              (SELECT timeline_id FROM pg_control_checkpoint()))
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the log.

    Attributes
    ----------
    layer : str
        Name of the table, or of a result where there are `details`.
    op : {"insert", "update", "delete"}
        What happened.
    feature_id : int or None
        None where the row stands for a statement that changed more than 500 features.
    before, after : Box or None
        The box of the feature, or of all of them, before and after the change.
    regions_before, regions_after : tuple of str
        Codes of the regions that the feature touched before and after; empty where it lay in none, and where
        the row stands for many features.
    at : datetime, optional
        When the transaction began that made the change.
    details : mapping, optional
        Of a result: see `layers.runs.announcing`.
    """

    seq: int
    xid: int
    layer: str
    op: str
    feature_id: int | None
    before: Box | None
    after: Box | None
    regions_before: tuple[str, ...] = ()
    regions_after: tuple[str, ...] = ()
    at: datetime | None = None
    details: Mapping[str, Any] | None = None

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Where something may look different now."""
        return tuple(dict.fromkeys(box for box in (self.before, self.after) if box is not None))


@dataclass(frozen=True, slots=True)
class Seen:
    """What one read found.

    Attributes
    ----------
    changes : tuple of Change
        In the order in which they were written.
    snapshot : str
        Of the read: exactly the changes visible in it have been told. Another follower goes on from it.
    gap : bool
        True where changes before these may never have been told: at the first read from the present on, and
        after another database was put in place. Whoever keeps what features gave must doubt all of it.
    """

    changes: tuple[Change, ...]
    snapshot: str
    gap: bool = False


#: Takes what a follower saw, soon and without an error; also what holds no changes.
Listener = Callable[[Seen], None]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A ``pg_snapshot``: which transactions had ended when it was taken.

    Attributes
    ----------
    xmin, xmax : int
        Below the first everything has ended, from the second on nothing had.
    open : frozenset of int
        Between them: what was going on.
    """

    xmin: int
    xmax: int
    open: frozenset[int] = frozenset()

    @classmethod
    def parse(cls, text: str) -> Snapshot:
        """Return the snapshot of PostgreSQL's text form.

        Raises
        ------
        BadInput
            Where it is none.

        Examples
        --------
        >>> Snapshot.parse("10:20:10,14").holds(14), Snapshot.parse("10:20:10,14").holds(15)
        (False, True)
        """
        try:
            least, next_one, listed = text.split(":")
            found = cls(
                int(least), int(next_one), frozenset(map(int, listed.split(","))) if listed else frozenset()
            )
        except ValueError:
            raise BadInput(f"{text[:80]!r} is no snapshot", snapshot=text[:80]) from None
        if not (
            0 < found.xmin <= found.xmax < 2**63 and all(found.xmin <= x < found.xmax for x in found.open)
        ):
            raise BadInput(f"{text[:80]!r} is no snapshot", snapshot=text[:80])
        return found

    def __str__(self) -> str:
        """Return PostgreSQL's text form."""
        return f"{self.xmin}:{self.xmax}:{','.join(map(str, sorted(self.open)))}"

    def holds(self, xid: int) -> bool:
        """Tell whether what a transaction did was visible, given that it is by now."""
        return xid < self.xmin or (xid < self.xmax and xid not in self.open)


class Follower:
    """Tells every change once; one connection, one thread.

    Parameters
    ----------
    connection : psycopg.Connection
        Of the application's or the administrator's role. Inside a transaction of one snapshot, what is read
        beside the log is of the same moment.
    since : str, optional
        The ``snapshot`` of a read, of this follower or of another one; from the present on where left out.

    Notes
    -----
    Nothing is lost and nothing told twice, also by who goes on from the snapshot of an earlier read:
    transactions that are open anywhere on the server widen a snapshot, but it names them.
    """

    def __init__(self, connection: Connection, since: str | None = None) -> None:
        self._connection = connection
        if since is None:
            row = connection.execute("SELECT pg_current_snapshot()::text").fetchone()
            since = "1:1:" if row is None else str(row[0])
        self._from = int(since.split(":", 1)[0])
        told = connection.execute(_TOLD.encode(), {"token": since}, prepare=False).fetchall()
        self._told = {int(seq): int(xid) for seq, xid in told}

    def read(self) -> Seen:
        """Return what has been committed since the last read."""
        # Planned each time: the place in the log decides whether its index is of use.
        rows = self._connection.execute(_READ.encode(), [str(self._from)], prepare=False).fetchall()
        oldest, snapshot = int(rows[0][0]), str(rows[0][1])
        found = [_change(row[2:]) for row in rows if row[2] is not None]
        fresh = tuple(change for change in found if change.seq not in self._told)
        self._from = oldest
        self._told = {change.seq: change.xid for change in found if change.xid >= oldest}
        return Seen(fresh, snapshot)


def identity_of(connection: Connection) -> str:
    """Return what tells the database apart from every other in which a snapshot means something else."""
    row = connection.execute(_IDENTITY.encode()).fetchone()
    return "" if row is None else str(row[0])


def changes_since(connection: Connection, snapshot: str, layers: Collection[str]) -> list[Change]:
    """Return the changes of some layers that were not visible in a snapshot and are now.

    Parameters
    ----------
    connection : psycopg.Connection
        Of the server on which the snapshot was taken; a replica numbers its own differently.
    snapshot : str
        ``pg_current_snapshot()`` of an earlier moment.
    layers : collection of str
        Names of tables.
    """
    values = {"snapshot": snapshot, "layers": list(layers)}
    rows = connection.execute(_SINCE.encode(), values, prepare=False).fetchall()
    return [_change(row) for row in rows]


async def changes_between(connection: Any, after: Snapshot, until: Snapshot, most: int) -> list[Change]:
    """Return the first changes that were not visible in one snapshot and were in a later one.

    Parameters
    ----------
    connection : asyncpg.Connection
        Of `layers.database.open_reading_pool`.
    most : int
        How many at most.
    """
    rows = await connection.fetch(_AFTER, str(after), str(until), most)
    return [_change([*row.values()]) for row in rows]


def _change(row: Sequence[Any]) -> Change:
    seq, xid, layer, op, feature_id, before, after, regions_before, regions_after, at, details = row
    if isinstance(details, str):
        details = json.loads(details)
    return Change(
        seq, xid, layer, op, feature_id, _box(before), _box(after),
        tuple(regions_before or ()), tuple(regions_after or ()), at, details,
    )  # fmt: skip


def _box(numbers: Sequence[float] | None) -> Box | None:
    # The extent of features without geometry has no sides.
    if numbers is None or any(number is None for number in numbers):
        return None
    west, south, east, north = numbers
    return west, south, east, north
