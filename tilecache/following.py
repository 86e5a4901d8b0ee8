"""Following the change log for the tiles: begin where somebody left off, mark, and say that nothing is missing."""

from __future__ import annotations

import time
from typing import Any

import psycopg

from layers.features.changes import Follower, Seen
from tilecache.journal import Journal
from tilecache.staleness import EVERYTHING, marks_of, parse_snapshot

#: Names under which a journal keeps how far the log has been read, and of which database.
PLACE, DATABASE = "log_place", "log_database"
#: Seconds between two notes of the place while nothing changes.
_NOTE_EVERY = 5.0

# A restored database is the same server but an earlier moment: then the place lies in its future.
_WHICH = """
SELECT (SELECT system_identifier FROM pg_control_system())::text || '/' || oid::text,
       pg_current_snapshot()::text
FROM pg_database WHERE datname = current_database()
"""


class TileMarks:
    """Takes what a follower of the log has seen, for one journal.

    Parameters
    ----------
    journal : Journal
        Where marks are told.

    Notes
    -----
    Several processes may do this for one file: who is first marks, the others find it done.
    """

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._noted_at = 0.0

    def begin(self, connection: psycopg.Connection[Any]) -> Follower:
        """Return a follower that goes on where the tiles' journal stands, with all before it marked.

        Where that place is not known, or is of another database or of a future that was undone, every tile is
        stale.
        """
        row = connection.execute(_WHICH).fetchone()
        if row is None:
            raise AssertionError("the present database is one of the server's")
        database, now = str(row[0]), str(row[1])
        place = self.journal.state(PLACE)
        lost = (
            place is None
            or self.journal.state(DATABASE) != database
            or parse_snapshot(place).xmax > parse_snapshot(now).xmax
        )
        if lost:
            self.journal.record([EVERYTHING], {PLACE: now, DATABASE: database})
        follower = Follower(connection, since=now if lost else place)
        self.take(follower.read())
        return follower

    def take(self, seen: Seen) -> None:
        """Mark what has been seen, in this process's journal and so in every process that shares it."""
        marks = list(marks_of(seen.changes))
        now = time.monotonic()
        if marks or now - self._noted_at > _NOTE_EVERY:
            self.journal.record(marks, {PLACE: seen.snapshot})
            self._noted_at = now
        self.journal.clock.verify()
