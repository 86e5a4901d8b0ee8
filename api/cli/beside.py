"""Programs that run beside a command: begun again where they end by themselves, and ended with it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

#: Seconds that a program has to stop.
TO_STOP = 15.0
#: Seconds before a program is begun again: one that ran for a while, and one that ends as soon as it begins.
_AGAIN, _LONGEST_AGAIN = 0.1, 3.0
#: Seconds after which a program has run for a while.
_A_WHILE = 5.0


@dataclass(frozen=True)
class Program:
    """A command of ``onemap`` as a process of its own.

    Attributes
    ----------
    arguments : tuple of str
        Of the command line.
    environment : mapping
        Variables beside those of this process.
    sockets : tuple of int
        Descriptors that it inherits under the same numbers.
    answers : callable, optional
        Called, in a thread, each time the program prints its first line: that it is ready.
    """

    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    sockets: tuple[int, ...] = ()
    answers: Callable[[], None] | None = None


@contextlib.contextmanager
def beside(programs: Sequence[Program]) -> Iterator[None]:
    """Keep programs running as long as the context.

    They end with this process, however that ends, where they call `end_with_starter`.
    """
    stopping = threading.Event()
    keepers = [threading.Thread(target=_keep, args=(one, stopping), daemon=True) for one in programs]
    for keeper in keepers:
        keeper.start()
    try:
        yield
    finally:
        stopping.set()
        for keeper in keepers:
            keeper.join(TO_STOP + 5)


def end_with_starter() -> None:
    """Stop this process as a signal would when the one that started it is gone."""
    threading.Thread(target=_wait_for_starter, daemon=True).start()


def _wait_for_starter() -> None:
    # Not through sys.stdin: its lock would be held when the interpreter ends.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _keep(program: Program, stopping: threading.Event) -> None:
    wait = _AGAIN
    while not stopping.is_set():
        began = time.monotonic()
        process = _start(program)
        while process.poll() is None and not stopping.wait(0.1):
            pass
        _stop(process)
        wait = _AGAIN if time.monotonic() - began > _A_WHILE else min(3 * wait, _LONGEST_AGAIN)
        stopping.wait(wait)


def _start(program: Program) -> subprocess.Popen[bytes]:
    command = "from api.cli.main import app; app()"
    # A session of its own: Ctrl-C is for the command, which then stops what is beside it.
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", command, *program.arguments],
        stdin=subprocess.PIPE,
        stdout=None if program.answers is None else subprocess.PIPE,
        env={**os.environ, **program.environment},
        pass_fds=program.sockets,
        start_new_session=True,
    )
    if program.answers is not None:
        threading.Thread(target=_hear, args=(process, program.answers), daemon=True).start()
    return process


def _hear(process: subprocess.Popen[bytes], answers: Callable[[], None]) -> None:
    if process.stdout is not None:
        with process.stdout as lines:
            if lines.readline():
                answers()
            lines.read()  # it must not wait for somebody who reads


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdin is not None:
        process.stdin.close()
