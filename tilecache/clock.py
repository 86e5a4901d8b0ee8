"""A number that the processes of one machine share: how many batches of changes have been marked.

A process that sees another number than its own reads what it missed before it answers. The file is mapped
into memory, so that looking costs no system call.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import threading
import time
from pathlib import Path

_SIZE = 24


class Clock:
    """The number, and the moment at which somebody last knew that nothing was missing.

    Parameters
    ----------
    path : Path, optional
        File to share; without one the clock is this process's own.

    Examples
    --------
    >>> clock = Clock()
    >>> clock.advance(3)
    >>> clock.tick, clock.is_verified(2.0)
    (3, False)
    >>> clock.verify()
    >>> clock.is_verified(2.0)
    True
    >>> clock.doubt()
    >>> clock.is_verified(2.0)
    False
    """

    def __init__(self, path: Path | None = None) -> None:
        self._descriptor: int | None = None
        self._advancing = threading.Lock()
        if path is None:
            self._map: mmap.mmap | bytearray = bytearray(_SIZE)
        else:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            if os.fstat(self._descriptor).st_size < _SIZE:
                os.ftruncate(self._descriptor, _SIZE)
            self._map = mmap.mmap(self._descriptor, _SIZE)
        # Items of eight aligned bytes are read and written whole.
        with memoryview(self._map) as whole:
            self._numbers = whole[:8].cast("Q")
            self._moments = whole[8:].cast("d")

    @property
    def tick(self) -> int:
        """The number of the last change that was marked."""
        return self._numbers[0]

    def advance(self, tick: int) -> None:
        """Tell a new number; a smaller one is not taken."""
        with self._advancing:
            if self._descriptor is not None:
                fcntl.lockf(self._descriptor, fcntl.LOCK_EX)
            try:
                self._numbers[0] = max(self._numbers[0], tick)
            finally:
                if self._descriptor is not None:
                    fcntl.lockf(self._descriptor, fcntl.LOCK_UN)

    def verify(self) -> None:
        """Tell that at this moment all changes had been marked."""
        self._moments[0] = time.monotonic()
        self._moments[1] = 0.0

    @property
    def verified_age(self) -> float:
        """Seconds since somebody told so; infinite where that was before the machine started."""
        age = time.monotonic() - self._moments[0]
        return age if self._moments[0] > 0 and age >= 0 else float("inf")

    def doubt(self) -> None:
        """Tell that from this moment on changes may be missing, until somebody verifies again."""
        if not self._moments[1]:
            self._moments[1] = time.time()

    @property
    def doubted_at(self) -> float:
        """Since when, in seconds since 1970, changes may be missing; 0 where nobody said so."""
        return self._moments[1]

    def is_verified(self, within: float) -> bool:
        """Tell whether somebody told so within these seconds, and nobody has doubted it since."""
        return not self._moments[1] and self.verified_age <= within

    def close(self) -> None:
        """Give the file back."""
        self._numbers.release()
        self._moments.release()
        if isinstance(self._map, mmap.mmap):
            self._map.close()
        if self._descriptor is not None:
            os.close(self._descriptor)
