"""The change log followed by this process: one connection, one thread, told in the event loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import psycopg
import structlog

from layers.database import Addresses
from layers.features.changes import POLL, Connection, Follower, Listener, Seen, identity_of

#: Seconds before the next try after the database went away: the first, and the longest.
FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Position:
    """How far the log has been told.

    Attributes
    ----------
    database : str
        As `layers.features.changes.identity_of` gives it.
    snapshot : str
        Exactly the changes visible in it have been told.
    """

    database: str
    snapshot: str


class Keeper(Protocol):
    """Keeps what features gave longer than a process lives, and so must miss nothing in between."""

    def since(self, connection: Connection, database: str) -> str | None:
        """Return the snapshot from which on it must be told; None is the present."""
        ...

    def take(self, seen: Seen) -> None:
        """Take what was seen, in the follower's thread and before anybody else is told."""
        ...

    def lose(self) -> None:
        """Hear that the log is out of reach, in the follower's thread."""
        ...


class Feed:
    """Tells listeners every committed change once.

    Parameters
    ----------
    addresses : Addresses, optional
        Of the database; None follows nothing.
    keeper : Keeper, optional
        Is told first.

    Notes
    -----
    Listeners are called in the event loop in which `start` was called, one after the other, about every 50 ms
    also where nothing has changed: what is told has a newer snapshot each time. While the database is away
    nobody is called, and when it is back the log goes on where it was left.
    """

    def __init__(self, addresses: Addresses | None, keeper: Keeper | None = None) -> None:
        self._addresses = addresses
        self._keeper = keeper
        self._listeners: list[Listener] = []
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        #: Set in the event loop, together with what is told.
        self.position: Position | None = None
        #: `time.monotonic` of the last time.
        self.told_at: float | None = None

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell a listener from now on; the answer ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def start(self) -> None:
        """Begin to follow, from the present or where the keeper stands; inside a running event loop."""
        if self._addresses is None:
            return
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(
            target=self._follow, args=(self._addresses,), name="change log", daemon=True
        )
        self._thread.start()

    async def stop(self) -> None:
        """End following; a server that does not answer is not waited for."""
        self._stop.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, 1.0)

    def _follow(self, addresses: Addresses) -> None:
        position: Position | None = None
        wait, was_up = FIRST_WAIT, True
        while not self._stop.is_set():
            try:
                with _connect(addresses) as connection:
                    database = identity_of(connection)
                    known = position is not None and position.database == database
                    since = position.snapshot if position and known else None
                    if since is None and self._keeper is not None:
                        since = self._keeper.since(connection, database)
                    follower = Follower(connection, since=since)
                    gap, wait, was_up = not known, FIRST_WAIT, True
                    while not self._stop.is_set():
                        seen = follower.read()
                        if self._keeper is not None:
                            self._keeper.take(seen)
                        position = Position(database, seen.snapshot)
                        self._hand_over(position, replace(seen, gap=True) if gap else seen)
                        gap = False
                        self._stop.wait(POLL)
            except psycopg.Error as error:
                if self._keeper is not None:
                    self._keeper.lose()
                if was_up:
                    log.warning("the change log is out of reach; trying on", reason=type(error).__name__)
                was_up = False
            self._stop.wait(wait)
            wait = min(2 * wait, LONGEST_WAIT)

    def _hand_over(self, position: Position, seen: Seen) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell, position, seen)

    def _tell(self, position: Position, seen: Seen) -> None:
        self.position, self.told_at = position, time.monotonic()
        for listener in tuple(self._listeners):
            try:
                listener(seen)
            except Exception:
                # one that fails must not keep the others from being told
                log.exception("a listener of the change log failed", listener=repr(listener))


def _connect(addresses: Addresses) -> Connection:
    return psycopg.connect(
        addresses.application,
        autocommit=True,
        connect_timeout=3,
        application_name="onemap change log",
        # a peer that vanished without a word is noticed
        keepalives_idle=10,
        tcp_user_timeout=15_000,
        options="-c statement_timeout=10s -c timezone=UTC -c jit=off",
    )
