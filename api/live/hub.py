"""One stream of events a reader: from where it stood, none twice, and never more than it can take."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog

from api.errors import TooManyStreams
from api.live.events import Asked, Event, Teller, View
from api.live.follower import Feed, Position
from api.live.tokens import Token
from geo.errors import Unavailable
from layers.definitions.loading import Catalog
from layers.features.changes import Change, Seen, Snapshot, changes_between

#: Changes that wait for one reader at most, and that are told to one who comes back.
MOST_QUEUED, MOST_REPLAYED = 2_000, 5_000
HEARTBEAT_SECONDS = 15.0
#: How long a browser waits before it connects again, and we before we ask the database again.
RETRY_MILLISECONDS, AGAIN_SECONDS = 2_000, 0.5

#: Why a reader has to read everything anew.
OVERFLOW, BEHIND, POSITION, DATABASE = "overflow", "behind", "position", "database"

log = structlog.get_logger(__name__)


@dataclass
class Batch:
    """What one read of the log found, told to many: each view's events are made once."""

    database: str
    told: Snapshot
    telling: Snapshot
    changes: tuple[Change, ...]
    _events: dict[View, list[tuple[Change, Event]]] = field(default_factory=dict)

    def events(self, teller: Teller, view: View) -> list[tuple[Change, Event]]:
        """Return what a view shows of it."""
        if view not in self._events:
            self._events[view] = list(teller.events(self.changes, view))
        return self._events[view]


@dataclass(eq=False)
class Reader:
    """One reader's stream.

    Attributes
    ----------
    view, asked
        What it may see, and wants to.
    token : Token, optional
        Where it stood when it came.
    unusable : bool
        True where it named a position that says nothing.
    """

    view: View
    asked: Asked
    token: Token | None = None
    unusable: bool = False
    queue: deque[Batch] = field(default_factory=deque)
    queued: int = 0
    resync: str | None = None
    begun: bool = False
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, batch: Batch) -> None:
        """Queue a batch, or forget all where that is too much."""
        if self.resync is None and self.queued + len(batch.changes) <= MOST_QUEUED:
            self.queue.append(batch)
            self.queued += len(batch.changes)
        else:
            self.drop(self.resync or OVERFLOW)
        self.wake.set()

    def drop(self, reason: str) -> None:
        """Forget what waits; the reader will be told to read everything anew."""
        self.queue.clear()
        self.queued = 0
        self.resync = reason
        self.wake.set()


class Hub:
    """All streams of one process.

    Parameters
    ----------
    feed : Feed
        Where changes come from.
    connection : callable
        Lends a connection of the reading pool, to tell a reader what it missed.
    catalog : callable
        Returns the present catalogue.
    most, most_each : int
        Streams in all, and of one client.
    """

    def __init__(
        self,
        feed: Feed,
        connection: Callable[[], Any],
        catalog: Callable[[], Catalog],
        *,
        most: int,
        most_each: int,
    ) -> None:
        self._connection = connection
        self._catalog = catalog
        self._teller = Teller(catalog())
        self._most, self._most_each = most, most_each
        self._readers: dict[Reader, str] = {}
        self._position: Position | None = None
        self._snapshot: Snapshot | None = None
        self._feed = feed
        self._closed = False
        feed.subscribe(self._told)

    def _told(self, seen: Seen) -> None:
        position, before, held = self._feed.position, self._position, self._snapshot
        if position is None:
            return
        self._position, self._snapshot = position, Snapshot.parse(seen.snapshot)
        if before is None or held is None:
            for reader in self._readers:
                reader.wake.set()
        elif seen.gap:
            for reader in self._readers:
                reader.drop(DATABASE)
        elif seen.changes:
            batch = Batch(position.database, held, self._snapshot, seen.changes)
            for reader in self._readers:
                reader.put(batch)

    def close(self) -> None:
        """End all streams; nobody comes in any more."""
        self._closed = True
        for reader in self._readers:
            reader.wake.set()

    @contextmanager
    def joined(self, reader: Reader, client: str) -> Iterator[None]:
        """Let a reader take part.

        Raises
        ------
        TooManyStreams
            Where there are too many, of this client or in all, or the service is ending.
        """
        own = sum(1 for one in self._readers.values() if one == client)
        if self._closed or own >= self._most_each or len(self._readers) >= self._most:
            limit = self._most_each if own >= self._most_each else self._most
            raise TooManyStreams("too many streams are open", limit=limit, open=len(self._readers))
        self._readers[reader] = client
        try:
            yield
        finally:
            del self._readers[reader]

    async def blocks(self, reader: Reader) -> AsyncIterator[bytes]:
        """Yield the stream of a reader that has joined, until the service ends."""
        yield f"retry: {RETRY_MILLISECONDS}\n\n".encode()
        while not self._closed:
            if not reader.begun:
                async for block in self._begin(reader):
                    yield block
            if not await self._woken(reader):
                yield self._heartbeat(reader)
            if not reader.begun:
                continue
            if reader.resync is not None and self._position is not None:
                reason, reader.resync, reader.token = reader.resync, None, None
                yield _control("resync", {"reason": reason}, Token.at(self._position))
            while reader.queue:
                batch = reader.queue.popleft()
                reader.queued -= len(batch.changes)
                for block in self._batch(reader, batch):
                    yield block

    async def _woken(self, reader: Reader) -> bool:
        seconds = HEARTBEAT_SECONDS
        if not reader.begun and self._position is not None:
            seconds = AGAIN_SECONDS  # what it missed could not be read: again soon
        try:
            async with asyncio.timeout(seconds):
                await reader.wake.wait()
        except TimeoutError:
            return False
        reader.wake.clear()
        return True

    async def _begin(self, reader: Reader) -> AsyncIterator[bytes]:
        """Say where the stream begins, and tell what was missed since the reader's own position."""
        start, snapshot = self._position, self._snapshot
        if start is None or snapshot is None:
            return  # the database has not answered yet
        reader.queue.clear()
        reader.queued, reader.resync = 0, None
        token = reader.token
        if reader.unusable or (token is not None and token.database != start.database):
            reader.begun, reader.token = True, None
            yield _control("resync", {"reason": POSITION}, Token.at(start))
            return
        if token is None:
            reader.begun = True
            yield _control("ready", {"resumed": False}, Token.at(start))
            return
        try:
            async with self._connection() as connection:
                missed = await changes_between(connection, token.told, snapshot, MOST_REPLAYED + 1)
        except Unavailable:
            return
        reader.begun = True
        if len(missed) > MOST_REPLAYED:
            reader.token = None
            yield _control("resync", {"reason": BEHIND}, Token.at(start))
            return
        yield _control("ready", {"resumed": True}, token)
        for batch in _batches(token, snapshot, missed):
            for block in self._batch(reader, batch):
                yield block

    def _batch(self, reader: Reader, batch: Batch) -> Iterator[bytes]:
        if self._teller.catalog is not (catalog := self._catalog()):
            self._teller = Teller(catalog)
        token = reader.token
        shown = [
            (change, event)
            for change, event in batch.events(self._teller, reader.view)
            if reader.asked.takes(event) and not (token is not None and token.covers(change))
        ]
        for place, (change, event) in enumerate(shown):
            # Who is cut off in the middle goes on exactly there.
            is_last = place == len(shown) - 1
            after = (
                Token(batch.database, batch.telling)
                if is_last
                else Token(batch.database, batch.told, batch.telling, change.seq)
            )
            yield _block(event.type, event.body, after)

    def _heartbeat(self, reader: Reader) -> bytes:
        """Return a sign of life; it also moves a reader on past changes that were not for it."""
        if not reader.begun or reader.queue or reader.resync is not None or self._position is None:
            return b": heartbeat\n\n"
        return f": heartbeat\nid: {Token.at(self._position)}\n\n".encode()


def _batches(token: Token, until: Snapshot, missed: Sequence[Change]) -> Iterator[Batch]:
    """Yield the rest of the batch in which a reader was cut off, then what came after it."""
    told = token.told
    if token.telling is not None:
        rest = tuple(one for one in missed if token.telling.holds(one.xid))
        yield Batch(token.database, told, token.telling, rest)
        missed, told = [one for one in missed if not token.telling.holds(one.xid)], token.telling
    yield Batch(token.database, told, until, tuple(missed))


def _block(name: str, body: bytes, token: Token) -> bytes:
    return b"".join((b"id: ", str(token).encode(), b"\nevent: ", name.encode(), b"\ndata: ", body, b"\n\n"))


def _control(name: str, data: dict[str, Any], token: Token) -> bytes:
    return _block(name, orjson.dumps(data), token)
