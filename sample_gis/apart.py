"""A city made in a process of its own, beside whatever this one does with the layers that are complete.

The making keeps one core busy, and its gigabyte goes back to the machine when it ends.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

from geo.errors import Unavailable
from sample_gis.telling import Completed, Ended, Failed, Told

if TYPE_CHECKING:
    from sample_gis.profile import Profile


class Maker:
    """The process that makes a city, and what it tells.

    Attributes
    ----------
    process : int
        Its number.
    profile : Profile
        Of the city.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], profile: Profile, progress: Callable[[str, float], None]
    ) -> None:
        self.process = process.pid
        self.profile = profile
        self._process = process
        self._progress = progress
        self._told: queue.Queue[Completed | Ended | Failed | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        """Take what is told as it comes, so that the making never waits for the loading."""
        out: IO[bytes] | None = self._process.stdout
        # A child that is killed leaves half a word.
        with suppress(EOFError, pickle.UnpicklingError):
            while out is not None:
                told = pickle.load(out)  # noqa: S301 - from the process that this one has started
                if isinstance(told, Told):
                    self._progress(*told)
                else:
                    self._told.put(told)
        self._told.put(None)

    def told(self) -> Iterator[Completed | Ended]:
        """Yield each layer as soon as no step changes it any more, and last the city without layers.

        Raises
        ------
        OneMapError
            Where the city cannot be made.
        Unavailable
            Where the process has ended without a city.
        """
        while True:
            match self._told.get():
                case None:
                    raise Unavailable(
                        "the process that makes the sample city has ended without it "
                        f"(exit code {self._process.wait()}); it needs 2 GB of memory",
                    )
                case Failed(error):
                    raise error
                case told:
                    yield told
                    if isinstance(told, Ended):
                        return


@contextmanager
def made_apart(profile: Profile, progress: Callable[[str, float], None]) -> Iterator[Maker]:
    """Begin to make a city; nothing of the process is left at the end.

    Parameters
    ----------
    progress : callable
        As of `sample_gis.making.make_city`; called from another thread.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "sample_gis.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for this process, which ends the other
    )
    try:
        if process.stdin is not None:
            with suppress(BrokenPipeError):
                process.stdin.write(pickle.dumps(profile))
                process.stdin.flush()
        yield Maker(process, profile, progress)
    finally:
        # Its forks too; the group is its own.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdin is not None:
            with suppress(BrokenPipeError):
                process.stdin.close()
