"""``onemap work``: the worker that carries out analysis runs, alone or beside a service."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from layers.database import Addresses


def work(
    until_empty: Annotated[bool, typer.Option("--until-empty", help="End when nothing is queued.")] = False,
    beside: Annotated[
        bool, typer.Option("--beside", hidden=True, help="End when standard input closes.")
    ] = False,
) -> None:
    """Carry out analysis runs until stopped; several workers may run side by side."""
    import asyncio

    from api.cli.beside import end_with_starter
    from api.cli.database import city_database
    from api.cli.logs import log_to_stderr
    from api.settings import read_settings
    from layers.runs import worker

    log_to_stderr(logging.INFO)
    if beside:
        end_with_starter()
    with city_database(read_settings()) as addresses:
        asyncio.run(worker.work(addresses, until_empty=until_empty))


def worker_beside(addresses: Addresses) -> contextlib.AbstractContextManager[None]:
    """Keep a worker process running as long as the context.

    It ends with this process, however that ends, and is started again where it ends by itself.
    """
    from api.cli.beside import Program, beside
    from api.settings import variables_of

    return beside([Program(("work", "--beside"), variables_of(addresses))])
