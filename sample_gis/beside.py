"""A part of the making that goes on beside the rest, in a fork: nothing that follows needs it.

A fork has the whole city at hand without a copy, and hands its result back through a pipe.
"""

from __future__ import annotations

import os
import pickle
import select
import sys
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from geo.errors import Unavailable

T = TypeVar("T")


class Beside(Generic[T]):
    """A work that has begun.

    Parameters
    ----------
    work : callable
        What it reads it finds as it is now; of what it changes nothing is seen but what it returns.
    fork : bool
        False to do it here and now, in a process that must not be forked.
    """

    def __init__(self, work: Callable[[], T], *, fork: bool) -> None:
        self._answer: tuple[bool, Any] | None = None
        if not fork:
            self._answer = (True, work())
            return
        self._pipe, out = os.pipe()
        self._process = os.fork()
        if self._process == 0:
            os.close(self._pipe)
            _answer(work, out)
        os.close(out)

    @property
    def is_ready(self) -> bool:
        """Tell whether the result can be had at once."""
        return self._answer is not None or bool(select.select([self._pipe], [], [], 0)[0])

    def result(self) -> T:
        """Return what the work returned, or raise what it raised; waits for it.

        Raises
        ------
        Unavailable
            Where the fork was ended from outside.
        """
        if self._answer is None:
            with os.fdopen(self._pipe, "rb") as answered:
                try:
                    self._answer = pickle.load(answered)  # noqa: S301 - from our own fork
                except (EOFError, pickle.UnpicklingError) as error:
                    raise Unavailable("a part of the making was ended; it needs 2 GB of memory") from error
                finally:
                    os.waitpid(self._process, 0)
        done, value = self._answer
        if not done:
            raise value
        result: T = value
        return result


def _answer(work: Callable[[], Any], out: int) -> None:
    """Do the work in the fork and end it: nothing of what the process does at its end belongs here."""
    try:
        try:
            answer = (True, work())
        except Exception as error:
            sys.excepthook(*sys.exc_info())
            answer = (False, error)
        with os.fdopen(out, "wb") as pipe:
            pickle.dump(answer, pipe, protocol=pickle.HIGHEST_PROTOCOL)
    finally:
        sys.stderr.flush()
        os._exit(0)
