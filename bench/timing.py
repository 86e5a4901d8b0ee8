"""How long some work takes, by the clock and by the processor."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def seconds(
    work: Callable[[], Any], repeats: int = 3, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Return the shortest of some runs."""
    found = []
    for _ in range(repeats):
        start = clock()
        work()
        found.append(clock() - start)
    return min(found)


def processor_seconds(work: Callable[[], Any], repeats: int = 3) -> float:
    """Return the least processor time of some runs, of all threads: what others do beside does not count."""
    return seconds(work, repeats, time.process_time)
