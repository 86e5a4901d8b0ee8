"""Where marks are told to all who hold tiles: on disk among processes, or in memory for one process alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Protocol

from tilecache.clock import Clock
from tilecache.staleness import EVERYTHING, Mark

_REMEMBERED = 1000


class Journal(Protocol):
    """Takes marks and numbers them; `tilecache.disk.Disk` is one."""

    clock: Clock

    def record(self, marks: Iterable[Mark], state: Mapping[str, str]) -> None:
        """Take marks, and note how far the log has been read."""
        ...

    def marks_after(self, tick: int) -> tuple[int, list[Mark]]:
        """Return the marks after a number, and the number of the last one."""
        ...

    def state(self, name: str) -> str | None:
        """Return a noted value."""
        ...

    def note(self, name: str, value: str) -> None:
        """Note a value."""
        ...


class MemoryJournal:
    """A journal of one process without a disk.

    Examples
    --------
    >>> journal = MemoryJournal()
    >>> journal.record([EVERYTHING], {"place": "1:1:"})
    >>> journal.marks_after(0) == (1, [EVERYTHING])
    True
    """

    def __init__(self) -> None:
        self.clock = Clock()
        self._marks: deque[tuple[int, Mark]] = deque(maxlen=_REMEMBERED)
        self._state: dict[str, str] = {}

    def record(self, marks: Iterable[Mark], state: Mapping[str, str]) -> None:
        """Take marks, and note how far the log has been read."""
        tick = self.clock.tick
        for mark in marks:
            tick += 1
            self._marks.append((tick, mark))
        self._state |= state
        self.clock.advance(tick)

    def marks_after(self, tick: int) -> tuple[int, list[Mark]]:
        """Return the marks after a number, and the number of the last one."""
        later = [(number, mark) for number, mark in list(self._marks) if number > tick]
        if not later or later[0][0] != tick + 1:
            return self.clock.tick, [EVERYTHING]
        return later[-1][0], [mark for _, mark in later]

    def state(self, name: str) -> str | None:
        """Return a noted value."""
        return self._state.get(name)

    def note(self, name: str, value: str) -> None:
        """Note a value."""
        self._state[name] = value
