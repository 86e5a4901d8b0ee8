"""``onemap up`` and ``onemap serve``: from nothing to a city in the browser, and back again."""

from __future__ import annotations

import contextlib
import errno
import logging
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.answering import answer_on, answering, ending_cleanly
from api.cli.beside import beside
from geo.errors import Refused

if TYPE_CHECKING:
    from api.cli.progress import Steps
    from api.settings import Settings
    from layers.database import Addresses
    from sample_gis.apart import Maker

Workers = Annotated[
    int,
    typer.Option(min=1, max=64, help="Processes that answer on the port; one that dies is begun again."),
]
Port = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Port of the service; ONEMAP_PORT or 8000 otherwise.")
]


class PortTaken(Refused):
    """The service cannot listen where it should; details: ``host``, ``port``."""

    code = "port-taken"


def up(
    port: Port = None,
    workers: Workers = 1,
    profile: Annotated[str, typer.Option(help="Sample city to make where the database is empty.")] = "yeji",
) -> None:
    """Start the database, bring it up to date, make a sample city where it is empty, and serve."""
    from api.cli.database import city_database
    from api.cli.logs import log_to_stderr
    from api.cli.progress import Steps

    log_to_stderr()
    settings = _settings(port)
    with (
        ending_cleanly(),
        _claimed(settings.host, settings.port) as claim,
        contextlib.ExitStack() as stack,
    ):
        with Steps() as steps, _made_early(settings, profile, steps) as maker:
            steps.tell("Database", 0.0)
            addresses = stack.enter_context(city_database(settings))
            steps.tell("Database", 1.0)
            _prepare(addresses, profile, settings.home, steps, maker)
        _serve(settings, addresses, claim, workers)


def serve(port: Port = None, workers: Workers = 1) -> None:
    """Serve a database that is ready; starts the embedded cluster where that is used."""
    from api.cli.database import city_database
    from api.cli.logs import log_to_stderr

    log_to_stderr(logging.INFO)
    settings = _settings(port)
    with (
        ending_cleanly(),
        _claimed(settings.host, settings.port) as claim,
        city_database(settings) as addresses,
    ):
        _serve(settings, addresses, claim, workers)


def _settings(port: int | None) -> Settings:
    """Return the settings with the port of the command line in them."""
    from api.settings import read_settings

    settings = read_settings()
    if not settings.on_loopback:
        raise Refused(
            f"ONEMAP_HOST is {settings.host}, but without accounts the service listens to this machine only; "
            "use 127.0.0.1",
            host=settings.host,
        )
    return settings if port is None else settings.model_copy(update={"port": port})


@contextlib.contextmanager
def _made_early(settings: Settings, profile: str, steps: Steps) -> Iterator[Maker | None]:
    """Begin to make the sample city before the database is there, where it can only be empty."""
    from api.embedded.cluster import Cluster

    if settings.database_url is None and Cluster(settings.home).status().state == "absent":
        with _made(profile, steps) as maker:
            yield maker
    else:
        yield None


def _made(profile: str, steps: Steps) -> contextlib.AbstractContextManager[Maker]:
    from sample_gis.apart import made_apart
    from sample_gis.profile import read_profile

    return made_apart(read_profile(profile), lambda step, share: steps.tell(step, share, strand=step))


def _prepare(addresses: Addresses, profile: str, home: Path, steps: Steps, begun: Maker | None) -> None:
    """Bring the tables up to date and load the sample city where there is none."""
    from layers.city import read_card
    from layers.database import admin_connection
    from layers.schema.migrating import migrate

    steps.tell("Tables", 0.0)
    migrate(addresses)
    steps.tell("Tables", 1.0)
    with admin_connection(addresses) as connection:
        if read_card(connection) is not None:
            return
    from layers.definitions.loading import read_catalog
    from sample_gis.loading import load_city

    with contextlib.nullcontext(begun) if begun is not None else _made(profile, steps) as maker:
        load_city(
            addresses, maker, read_catalog(),
            progress=steps.tell, rasters=home / "rasters", files=home / "files",
        )  # fmt: skip
    from api.cli.missing import ask_for_missing

    # Nobody waits for them: the worker beside the service carries them out while the map is already there.
    ask_for_missing(addresses)


def _serve(settings: Settings, addresses: Addresses, claim: socket.socket, workers: int) -> None:
    """Serve until a signal comes: in this process, or in several that share the port."""
    from api.cli.work import worker_beside

    host, port = claim.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    settings = settings.serving(addresses, port=port)

    def tell() -> None:
        typer.echo(f"One Map is at http://{shown}:{port}  (Ctrl-C stops it)")
        # Not before: both begin by reading the same libraries, and the map is waited for, runs are not.
        begun.enter_context(worker_beside(addresses))

    with contextlib.ExitStack() as begun:
        if workers == 1:
            answer_on(claim, settings, tell)
        else:
            with beside(answering(workers, claim, settings, tell)):
                threading.Event().wait()


@contextlib.contextmanager
def _claimed(host: str, port: int) -> Iterator[socket.socket]:
    """Take the port before the long work begins; who connects meanwhile is answered when it is done."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as claim:
        claim.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            claim.bind(address)
            claim.listen(2048)
        except OSError as error:
            reason = {
                errno.EADDRINUSE: "is taken by another program",
                errno.EACCES: "may not be used by this user",
            }.get(error.errno or 0, f"cannot be used: {error.strerror}")
            raise PortTaken(
                f"port {port} of {host} {reason}; choose another one with --port", host=host, port=port
            ) from error
        yield claim
