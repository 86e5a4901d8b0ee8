"""The change log, taken for the tiles: from where somebody left off, without a gap."""

from __future__ import annotations

import time
from collections.abc import Callable

from layers.features.changes import Connection, Seen
from tilecache.disk import DiskFailed
from tilecache.journal import Journal
from tilecache.staleness import EVERYTHING, marks_of, parse_snapshot

#: Names under which a journal keeps how far the log has been read, and of which database.
PLACE, DATABASE = "log_place", "log_database"
#: Seconds between two notes of the place while nothing changes.
_NOTE_EVERY = 5.0


class TileMarks:
    """Takes what a follower of the log has seen, in the follower's thread.

    Parameters
    ----------
    journal : callable
        Gives where marks are told; a disk that failed is replaced.
    failed : callable
        Told that the disk cannot be written.

    Notes
    -----
    Several processes may do this for one file: who is first marks, the others find it done.
    """

    def __init__(self, journal: Callable[[], Journal], failed: Callable[[DiskFailed], None]) -> None:
        self._journal = journal
        self._failed = failed
        self._noted_at = float("-inf")

    def since(self, connection: Connection, database: str) -> str | None:
        """Return from where on a new follower must tell.

        Where that place is not known, or is of another database or of a future that was undone (a restored
        copy), every tile is stale, and it is the present.

        Parameters
        ----------
        connection : psycopg.Connection
            The follower's.
        database : str
            As `layers.features.changes.identity_of` gives it.
        """
        row = connection.execute("SELECT pg_current_snapshot()::text").fetchone()
        now = None if row is None else str(row[0])
        try:
            journal = self._journal()
            place = journal.state(PLACE)
            if now is None or place is None or journal.state(DATABASE) != database:
                lost = True
            else:
                lost = parse_snapshot(place).xmax > parse_snapshot(now).xmax
            if lost:
                journal.record([EVERYTHING], {PLACE: now or "", DATABASE: database})
        except DiskFailed as error:
            self._failed(error)
            return now
        return now if lost else place

    def take(self, seen: Seen) -> None:
        """Mark what has been seen, in this process and in every one that shares the disk."""
        marks = list(marks_of(seen.changes))
        now = time.monotonic()
        journal = self._journal()
        try:
            if marks or now - self._noted_at > _NOTE_EVERY:
                journal.record(marks, {PLACE: seen.snapshot})
                self._noted_at = now
        except DiskFailed as error:
            self._failed(error)
            return
        journal.clock.verify()

    def lose(self) -> None:
        """Say at once that kept tiles may be old: the log is out of reach."""
        self._journal().clock.doubt()
