"""Processes that compute: started without delay, heard line by line, ended for certain."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from typing import Any, BinaryIO

import structlog

from layers.runs.errors import RunCrashed, RunTooLarge
from layers.runs.kinds import Kind
from layers.runs.template import DONE, ENVIRONMENT, START

log = structlog.get_logger(__name__)

#: Seconds to wait for the end of a process that was killed.
_TO_END = 10.0


class Child:
    """A computation, and what it tells.

    Parameters
    ----------
    orders : int
        Where its standard input is written; when that closes, it ends itself.
    told : BinaryIO
        Where its standard output is read.
    complaints : BinaryIO
        The file of its standard error.
    template : Running
        The process that forks it, now or as soon as that is ready.
    """

    def __init__(self, orders: int, told: BinaryIO, complaints: BinaryIO, template: Running) -> None:
        self._orders = orders
        self._complaints = complaints
        self._template = template
        self._over = False
        self._exit: int | None = None
        self._lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self._reading = threading.Thread(target=self._read, args=(told,), daemon=True)
        self._reading.start()

    def _read(self, told: BinaryIO) -> None:
        with told:
            for line in told:
                # A child that is killed may leave half a line: it tells nothing.
                with contextlib.suppress(ValueError):
                    self._lines.put(json.loads(line))

    def next(self, seconds: float) -> dict[str, Any] | None:
        """Return what was told next, or None where nothing came in time."""
        try:
            return self._lines.get(timeout=seconds)
        except queue.Empty:
            return None

    @property
    def has_more(self) -> bool:
        """True where something was told that nobody has heard yet."""
        return not self._lines.empty()

    @property
    def ended(self) -> bool:
        """True where the process can tell no more and all that it told was heard."""
        return not self._reading.is_alive() and not self.has_more

    def be_content(self) -> None:
        """Ask it to end with the best answer so far."""
        with contextlib.suppress(BrokenPipeError):
            os.write(self._orders, b"enough\n")

    def kill(self) -> None:
        """End the process at once and wait until it is gone."""
        if self._over:
            return
        self._over = True
        os.close(self._orders)
        process = self._template.hear(0.0)
        if process is None:
            # Not forked yet: the template is still loading, and is not worth the wait.
            self._template.end()
        else:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process, signal.SIGKILL)
            self._exit = self._template.hear(_TO_END)
            self._template.forget()
        self._reading.join(_TO_END)

    def crash(self, kind: Kind) -> RunCrashed | RunTooLarge:
        """Return why the process ended without an answer; its last lines go to the log."""
        self.kill()
        self._complaints.seek(0)
        last = self._complaints.read()[-2000:].decode(errors="replace")
        log.error("a computation ended without an answer", exit=self._exit, complaints=last)
        # Compiled libraries do not raise MemoryError: they end the process with words like these.
        if any(sign in last for sign in ("MemoryError", "bad_alloc", "llocation failed", "Cannot allocate")):
            message = f"the run needs more than {kind.megabytes} MB: choose a coarser resolution or a region"
            return RunTooLarge(message, megabytes=kind.megabytes)
        return RunCrashed("the computation ended without an answer; see the worker's log", exit=self._exit)


class Running:
    """A template process that is there or about to be: see `layers.runs.template`."""

    def __init__(self) -> None:
        self._control, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with far:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "layers.runs.template", str(far.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**os.environ, **ENVIRONMENT},
                pass_fds=[far.fileno()],
                start_new_session=True,
            )

    def start(self, descriptors: list[int]) -> bool:
        """Order a computation on three descriptors; False where the template has ended."""
        try:
            socket.send_fds(self._control, [START], descriptors)
        except OSError:
            return False
        return True

    def hear(self, seconds: float) -> int | None:
        """Return the number that it tells next; None where none comes in time or it has ended."""
        try:
            self._control.settimeout(seconds)
            told = self._control.recv(32)
        except OSError:
            return None
        return int(told) if told else None

    def forget(self) -> None:
        """Let it free the process id of the computation before."""
        with contextlib.suppress(OSError):
            self._control.send(DONE)

    def end(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        self._control.close()


class Children:
    """Starts computations, one at a time; a template for the next one is kept as long as the context."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self._template: Running | None = None

    def __enter__(self) -> Children:
        return self

    def __exit__(self, *_: object) -> None:
        with self._one_at_a_time:
            if self._template is not None:
                self._template.end()
                self._template = None

    def get_ready(self) -> None:
        """Load what a computation needs, where that has not been done; does not wait for it."""
        with self._one_at_a_time:
            if self._template is None:
                self._template = Running()

    @contextlib.contextmanager
    def compute(self, order: dict[str, Any]) -> Iterator[Child]:
        """Give a process that computes, in a group of its own; nothing of it is left at the end."""
        with self._one_at_a_time, contextlib.ExitStack() as stack:
            complaints = stack.enter_context(tempfile.TemporaryFile())
            # Passwords go through the pipe: arguments and environments can be read by others.
            reading, orders = os.pipe()
            told, telling = os.pipe()
            template = self._start([reading, telling, complaints.fileno()])
            os.close(reading)
            os.close(telling)
            child = Child(orders, os.fdopen(told, "rb"), complaints, template)
            stack.callback(child.kill)
            with contextlib.suppress(BrokenPipeError):
                os.write(orders, json.dumps(order).encode() + b"\n")
            yield child

    def _start(self, descriptors: list[int]) -> Running:
        if self._template is not None and self._template.start(descriptors):
            return self._template
        if self._template is not None:
            self._template.end()
        self._template = Running()
        self._template.start(descriptors)
        return self._template
