"""Python's search for unreachable cycles, kept away from work on millions of values."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collection_paused() -> Iterator[None]:
    """Let the search wait: it looks at every value and geometry of a large frame, again and again.

    Nothing is lost by it: what no name holds any more goes at once as ever, and only cycles wait.

    Examples
    --------
    >>> with collection_paused():
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        # Of several at once in a process the first one pauses and resumes; the others find it paused.
        if was_on:
            gc.enable()
