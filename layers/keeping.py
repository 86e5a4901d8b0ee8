"""Work that goes on in a thread beside a service as long as the service runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Seconds that the work has to end when it is told to.
_TO_END = 2.0


@contextmanager
def kept_beside(work: Callable[[threading.Event], None], name: str) -> Iterator[None]:
    """Do some work in a thread as long as the context.

    Parameters
    ----------
    work : callable
        Returns soon after the event that it is given is set.
    name : str
        Of the thread.

    Examples
    --------
    >>> done = []
    >>> with kept_beside(lambda stop: done.append(stop.wait(10)), "an example"):
    ...     pass
    >>> done
    [True]
    """
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(stop,), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_TO_END)
