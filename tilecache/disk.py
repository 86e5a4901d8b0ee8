"""Tiles kept on disk, in one SQLite file for all processes of a machine.

The schema is a superset of MBTiles 1.3: ``metadata`` and the view ``tiles`` are as there, with the layer and
the scope as further columns of the view. What is said of a tile lies apart from its bytes, so that marking
tiles stale does not write them again.

The file is also how the processes tell each other what is stale: a mark and its entry in ``mark`` are one
transaction, and a tile is written in a transaction that looks at the marks made since its drawing began. So
it does not matter who is faster.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from geo.errors import Unavailable
from tilecache.address import TileAddress, TileRange, TileSet
from tilecache.clock import Clock
from tilecache.memory import Tile
from tilecache.staleness import EVERY_SOURCE, EVERYTHING, Mark, parse_snapshot

#: Seconds for which marks are remembered: much longer than any tile is drawn.
REMEMBERED = 600.0
#: How long to wait for the transactions of other processes: opening the file, and later, off the event loop.
_BUSY = 5.0
_BUSY_WRITING_MS = 20_000
_VERSION = "1"

_SCHEMA = """
CREATE TABLE metadata (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE tile_set (
    id INTEGER PRIMARY KEY, layer TEXT NOT NULL, generation TEXT NOT NULL, scope TEXT NOT NULL,
    source TEXT NOT NULL, by_region INTEGER NOT NULL, UNIQUE (layer, generation, scope));
CREATE TABLE tile (
    id INTEGER PRIMARY KEY, tile_set INTEGER NOT NULL REFERENCES tile_set, source TEXT NOT NULL,
    by_region INTEGER NOT NULL, zoom INTEGER NOT NULL, x INTEGER NOT NULL, y INTEGER NOT NULL,
    snapshot TEXT NOT NULL, tick INTEGER NOT NULL, stale_since REAL, drawn_at REAL NOT NULL,
    digest TEXT NOT NULL, packed INTEGER NOT NULL, size INTEGER NOT NULL, bytes INTEGER NOT NULL,
    cost_ms REAL NOT NULL, hits INTEGER NOT NULL DEFAULT 0, used_at REAL NOT NULL,
    UNIQUE (tile_set, zoom, x, y));
CREATE INDEX tile_place ON tile (source, zoom, x, y);
CREATE INDEX tile_use ON tile (used_at, bytes);
CREATE TABLE tile_body (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TRIGGER tile_gone AFTER DELETE ON tile BEGIN DELETE FROM tile_body WHERE id = old.id; END;
CREATE TABLE mark (
    tick INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, xid INTEGER, ranges TEXT,
    regions INTEGER NOT NULL, marked REAL NOT NULL, UNIQUE (source, xid, regions));
CREATE TABLE generation (
    source TEXT NOT NULL, regions INTEGER NOT NULL, tick INTEGER NOT NULL, since REAL NOT NULL,
    PRIMARY KEY (source, regions)) WITHOUT ROWID;
CREATE VIEW tiles AS
    SELECT t.zoom AS zoom_level, t.x AS tile_column, (1 << t.zoom) - 1 - t.y AS tile_row, b.body AS tile_data,
           s.layer, s.generation, s.scope
    FROM tile AS t JOIN tile_set AS s ON s.id = t.tile_set JOIN tile_body AS b ON b.id = t.id;
CREATE TABLE seeding (
    name TEXT PRIMARY KEY, document TEXT NOT NULL, done INTEGER NOT NULL, total INTEGER NOT NULL,
    state TEXT NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
"""

# A table's whole generation is stale where it was marked after the tile was written.
STALE_SINCE = """
coalesce(t.stale_since, (
    SELECT min(g.since) FROM generation AS g
    WHERE g.tick > t.tick AND t.source <> '' AND CASE WHEN g.regions THEN t.by_region
        ELSE g.source IN (t.source, '*') END))
"""

_READ = f"""
SELECT b.body, t.packed, t.digest, t.snapshot, t.drawn_at, t.cost_ms, t.size, {STALE_SINCE}
FROM tile AS t JOIN tile_body AS b ON b.id = t.id
WHERE t.tile_set = ? AND t.zoom = ? AND t.x = ? AND t.y = ?
"""  # noqa: S608 - constants
_FIND_SET = "SELECT id FROM tile_set WHERE layer = ? AND generation = ? AND scope = ?"
_ADD_SET = """
INSERT INTO tile_set (layer, generation, scope, source, by_region) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
"""
_WRITE = """
INSERT INTO tile (tile_set, source, by_region, zoom, x, y, snapshot, tick, stale_since, drawn_at, digest,
                  packed, size, bytes, cost_ms, used_at)
VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(seq), 0) FROM sqlite_sequence), ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (tile_set, zoom, x, y) DO UPDATE SET
    snapshot = excluded.snapshot, tick = excluded.tick, stale_since = excluded.stale_since,
    drawn_at = excluded.drawn_at, digest = excluded.digest, packed = excluded.packed, size = excluded.size,
    bytes = excluded.bytes, cost_ms = excluded.cost_ms, used_at = excluded.used_at
WHERE excluded.drawn_at >= tile.drawn_at
RETURNING id
"""
_MARK = """
UPDATE tile SET stale_since = ?
WHERE source = ? AND zoom = ? AND x BETWEEN ? AND ? AND y BETWEEN ? AND ? AND stale_since IS NULL
  AND NOT sees(snapshot, ?)
"""
_LATEST = "SELECT marked, source, xid, ranges, regions FROM mark ORDER BY tick DESC"
_AFTER = "SELECT tick, source, xid, ranges, regions FROM mark WHERE tick > ? ORDER BY tick"
_USED = """
UPDATE tile SET hits = hits + ?, used_at = ? WHERE tile_set = ? AND zoom = ? AND x = ? AND y = ?
"""


class DiskFailed(Unavailable):
    """The file of the tiles cannot be read or written; the service goes on without it."""

    code = "tile-disk-failed"


class Disk:
    """The file. Reads belong to one thread; writes may come from any.

    Parameters
    ----------
    folder : Path
        Where the file lies; made where it is missing, for its owner only: tiles hold restricted layers.

    Raises
    ------
    DiskFailed
        Where the file cannot be opened; so do all methods where it cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "tiles.mbtiles"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.clock = Clock(folder / "clock")
            self._writer = self._connect()
            self._reader = self._connect()
        except (OSError, sqlite3.Error) as error:
            raise DiskFailed(f"{self.path} cannot be opened: {error}", path=str(self.path)) from error
        self._writing = threading.Lock()
        self._sets: dict[TileSet, int] = {}
        with self.transaction() as write:
            self._prepare(write)
        # SQLite has no queue: of many who write on a busy machine one can be unlucky for long
        self._writer.execute(f"PRAGMA busy_timeout = {_BUSY_WRITING_MS}")

    def close(self) -> None:
        """Close the file."""
        with self._writing:
            self._reader.close()
            self._writer.close()
        self.clock.close()

    # --- tiles

    def read(self, address: TileAddress) -> Tile | None:
        """Return a tile, stale or not, or None."""
        number = self._sets.get(address.tiles) or self._find_set(address.tiles)
        if number is None:
            return None
        row = self.query(_READ, (number, *address[1:]))
        if not row:
            return None
        body, packed, digest, snapshot, drawn_at, cost_ms, size, stale_since = row[0]
        return Tile(body, bool(packed), digest, snapshot, drawn_at, cost_ms, size, stale_since)

    def write(self, drawn: Iterable[tuple[TileAddress, Tile, float]]) -> None:
        """Keep tiles, in one transaction; one from before a mark that it does not show is kept as stale.

        Parameters
        ----------
        drawn : iterable of (TileAddress, Tile, float)
            Each with `time.monotonic` before its query was sent.
        """
        numbers: dict[TileSet, int] = {}
        batch = list(drawn)
        with self.transaction() as write:
            marks = _marks_since(write, min((began for _, _, began in batch), default=0.0))
            for address, tile, began in batch:
                number = self._sets.get(address.tiles) or numbers.get(address.tiles)
                if number is None:
                    number = numbers[address.tiles] = self._add_set(write, address.tiles)
                self._write(write, number, address, tile, _was_overtaken(marks, address, tile, began))
        # Not before the commit: a transaction that failed leaves no number.
        self._sets.update(numbers)

    def _write(
        self, write: sqlite3.Connection, number: int, address: TileAddress, tile: Tile, was_overtaken: bool
    ) -> None:
        stale_since = tile.stale_since
        if stale_since is None and was_overtaken:
            stale_since = time.time()
        row = write.execute(
            _WRITE,
            (
                *(number, address.tiles.source, address.tiles.by_region, *address[1:], tile.snapshot),
                *(stale_since, tile.drawn_at, tile.digest, tile.packed, tile.size, len(tile.body)),
                *(tile.cost_ms, time.time()),
            ),
        ).fetchone()
        if row is not None:
            write.execute("INSERT OR REPLACE INTO tile_body (id, body) VALUES (?, ?)", (row[0], tile.body))

    def add_used(self, used: Mapping[TileAddress, int]) -> None:
        """Count how often tiles were answered."""
        with self.transaction() as write:
            for address, times in used.items():
                number = self._sets.get(address.tiles)
                if number is not None:
                    write.execute(_USED, (times, time.time(), number, *address[1:]))

    # --- marks

    def record(self, marks: Iterable[Mark], state: Mapping[str, str]) -> None:
        """Mark tiles stale, tell it to the other processes, and note how far the log has been read."""
        now = time.time()
        with self.transaction() as write:
            for mark in marks:
                self._record(write, mark, now)
            for name, value in state.items():
                write.execute("INSERT OR REPLACE INTO state (name, value) VALUES (?, ?)", (name, value))
            write.execute("DELETE FROM mark WHERE marked < ?", (time.monotonic() - REMEMBERED,))
            (tick,) = write.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence").fetchone()
        # After the commit: who sees the number finds the marks.
        self.clock.advance(tick)

    def marks_after(self, tick: int) -> tuple[int, list[Mark]]:
        """Return the marks that were made after a number, and the number of the last one.

        Where some have been forgotten meanwhile, the answer is that everything is stale.
        """
        rows = self.query(_AFTER, (tick,))
        if rows and rows[0][0] != tick + 1:
            return rows[-1][0], [EVERYTHING]
        marks = [_mark(*row[1:]) for row in rows]
        return (rows[-1][0] if rows else self.clock.tick), marks if rows else [EVERYTHING]

    def state(self, name: str) -> str | None:
        """Return a noted value."""
        rows = self.query("SELECT value FROM state WHERE name = ?", (name,))
        return None if not rows else str(rows[0][0])

    def note(self, name: str, value: str) -> None:
        """Note a value."""
        with self.transaction() as write:
            write.execute("INSERT OR REPLACE INTO state (name, value) VALUES (?, ?)", (name, value))

    # --- the file

    def query(self, statement: str, values: Iterable[Any] = ()) -> list[Any]:
        """Return all rows of a reading statement."""
        try:
            return self._reader.execute(statement, tuple(values)).fetchall()
        except sqlite3.Error as error:
            raise DiskFailed(f"{self.path} cannot be read: {error}", path=str(self.path)) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the writing connection inside a transaction; one at a time, also among processes."""
        try:
            with self._writing:
                self._writer.execute("BEGIN IMMEDIATE")
                try:
                    yield self._writer
                except BaseException:
                    self._writer.execute("ROLLBACK")
                    raise
                self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            raise DiskFailed(f"{self.path} cannot be written: {error}", path=str(self.path)) from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=_BUSY, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        connection.create_function("sees", 2, _sees, deterministic=True)
        connection.execute("PRAGMA auto_vacuum = incremental")
        connection.execute("PRAGMA journal_mode = wal")
        # A crash of the machine may lose the last transactions, never the order: a mark goes with its place.
        connection.execute("PRAGMA synchronous = normal")
        return connection

    def _prepare(self, write: sqlite3.Connection) -> None:
        """Make the tables in a new file."""
        kept = write.execute("SELECT name FROM sqlite_master WHERE name = 'state'").fetchone()
        if kept is None:
            for statement in _statements(_SCHEMA):
                write.execute(statement)
            write.executemany(
                "INSERT INTO metadata (name, value) VALUES (?, ?)",
                [("name", "One Map"), ("format", "pbf"), ("type", "overlay"), ("version", _VERSION),
                 ("json", '{"vector_layers": []}')],
            )  # fmt: skip
        # The number only grows, also over a file that was deleted under a clock that stayed, or the reverse.
        (last,) = write.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence").fetchone()
        if last < self.clock.tick:
            write.execute("DELETE FROM sqlite_sequence WHERE name = 'mark'")
            write.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('mark', ?)", (self.clock.tick,))
        self.clock.advance(last)
        # The clock that dates marks starts again with the machine.
        write.execute("DELETE FROM mark WHERE marked > ?", (time.monotonic(),))

    def _record(self, write: sqlite3.Connection, mark: Mark, now: float) -> None:
        ranges = None if mark.ranges is None else orjson.dumps([tuple(area) for area in mark.ranges]).decode()
        known = write.execute(
            "SELECT 1 FROM mark WHERE source = ? AND xid = ? AND regions = ?",
            (mark.source, mark.xid, mark.regions),
        ).fetchone()
        if known is not None:
            return  # another process was faster
        row = write.execute(
            "INSERT INTO mark (source, xid, ranges, regions, marked) VALUES (?, ?, ?, ?, ?) RETURNING tick",
            (mark.source, mark.xid, ranges, mark.regions, time.monotonic()),
        ).fetchone()
        if mark.ranges is None:
            source = EVERY_SOURCE if mark.regions else mark.source
            write.execute(
                "INSERT OR REPLACE INTO generation (source, regions, tick, since) VALUES (?, ?, ?, ?)",
                (source, mark.regions, row[0], now),
            )
            return
        write.executemany(_MARK, [(now, mark.source, *area, mark.xid) for area in mark.ranges])

    def _find_set(self, tiles: TileSet) -> int | None:
        rows = self.query(_FIND_SET, (tiles.layer, tiles.generation, tiles.scope))
        if not rows:
            return None
        self._sets[tiles] = number = int(rows[0][0])
        return number

    def _add_set(self, write: sqlite3.Connection, tiles: TileSet) -> int:
        write.execute(_ADD_SET, (tiles.layer, tiles.generation, tiles.scope, tiles.source, tiles.by_region))
        (number,) = write.execute(_FIND_SET, (tiles.layer, tiles.generation, tiles.scope)).fetchone()
        return int(number)


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of a script; one with BEGIN … END is one."""
    gathered = ""
    for part in script.split(";"):
        gathered += part + ";"
        if sqlite3.complete_statement(gathered):
            if gathered.strip(" \n;"):
                yield gathered
            gathered = ""


def _marks_since(write: sqlite3.Connection, moment: float) -> list[tuple[float, Mark]]:
    """Return the marks made since a moment with when they were made, the last one first.

    They are made one after the other, so the search ends at the first one from before.
    """
    found = []
    for marked, *of_mark in write.execute(_LATEST):
        if marked < moment:
            break
        found.append((marked, _mark(*of_mark)))
    return found


def _was_overtaken(marks: list[tuple[float, Mark]], address: TileAddress, tile: Tile, began: float) -> bool:
    """Tell whether a tile lacks a change that was marked since its drawing began."""
    if began < time.monotonic() - REMEMBERED / 2:
        return True
    return any(marked >= began and mark.touches(address, tile.snapshot) for marked, mark in marks)


def _sees(snapshot: str, xid: int | None) -> bool:
    return xid is not None and parse_snapshot(snapshot).holds(xid)


@lru_cache(maxsize=1024)
def _mark(source: str, xid: int | None, ranges: str | None, regions: int) -> Mark:
    areas = None if ranges is None else frozenset(TileRange(*area) for area in orjson.loads(ranges))
    return Mark(source, xid, areas, bool(regions))
