"""``onemap answer``: answering on a socket that somebody else listens on, alone or beside others."""

from __future__ import annotations

import contextlib
import logging
import shutil
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.beside import Program, end_with_starter
from geo.errors import Unavailable

if TYPE_CHECKING:
    from api.settings import Settings


def answer(descriptor: Annotated[int, typer.Option("--socket", help="Descriptor of the socket.")]) -> None:
    """Answer on a listening socket that was inherited, and end when standard input closes."""
    from api.cli.logs import log_to_stderr
    from api.settings import read_settings

    log_to_stderr(logging.INFO)
    end_with_starter()
    with ending_cleanly(), socket.socket(fileno=descriptor) as claim:
        answer_on(claim, read_settings(), lambda: typer.echo("ready"))


def answer_on(claim: socket.socket, settings: Settings, answers: Callable[[], None]) -> None:
    """Answer until a signal comes.

    Raises
    ------
    Unavailable
        Where the service cannot begin.
    """
    from api.main import create_app
    from api.server import Server

    server = Server(create_app(settings), answers)
    server.run(sockets=[claim])
    if not server.started:
        raise Unavailable("the service did not start; the lines above say why")


def answering(
    number: int, claim: socket.socket, settings: Settings, answers: Callable[[], None]
) -> list[Program]:
    """Return as many programs that answer on one socket; ``answers`` is called when all of them do."""
    shutil.rmtree(settings.process_folder, ignore_errors=True)  # of an earlier service that was killed
    settings.process_folder.mkdir(parents=True, exist_ok=True)
    ready: set[int] = set()
    telling = threading.Lock()

    def one(process: int) -> Program:
        def is_ready() -> None:
            with telling:
                was_complete = len(ready) == number
                ready.add(process)
                if len(ready) == number and not was_complete:
                    answers()

        return Program(
            ("answer", "--socket", str(claim.fileno())),
            {**settings.variables(), "ONEMAP_PROCESS": str(process)},
            (claim.fileno(),),
            is_ready,
        )

    return [one(process) for process in range(1, number + 1)]


@contextlib.contextmanager
def ending_cleanly() -> Iterator[None]:
    """Let SIGTERM end the work as Ctrl-C does, by every ``finally``, undisturbed by a second."""

    def end(number: int, _frame: FrameType | None) -> None:
        for other in (signal.SIGINT, signal.SIGTERM):
            signal.signal(other, signal.SIG_IGN)
        raise KeyboardInterrupt(number)

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except KeyboardInterrupt:
        with contextlib.suppress(BrokenPipeError):
            typer.echo("Stopped.")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
