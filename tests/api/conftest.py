"""The service on a small city: in this process for most tests, behind a real socket for real clients."""

import asyncio
import os
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import httpx
import pytest

from api.main import create_app
from api.server import Server
from api.settings import Settings
from layers.database import Addresses
from layers.definitions.loading import Catalog
from tests.api.small_city import fill

ORIGIN = "http://127.0.0.1:8000"
NOWHERE = "postgresql://onemap_app@/onemap?host=/nonexistent"


@pytest.fixture(scope="module")
def city(module_database: Addresses) -> Addresses:
    """Return a database with the small city in it."""
    fill(module_database)
    return module_database


def settings_for(addresses: Addresses | None, **more: object) -> Settings:
    """Return settings that name a database, or one that is not there."""
    return Settings(
        database_url=NOWHERE if addresses is None else addresses.application, **{"tile_disk_mb": 0, **more}
    )


async def _client(settings: Settings, catalog: Catalog) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings, catalog)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            yield client


@pytest.fixture
async def client(city: Addresses, catalog: Catalog) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of the service on the small city."""
    async for found in _client(settings_for(city), catalog):
        yield found


@pytest.fixture
async def without_database(catalog: Catalog) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of a service whose database is not there."""
    async for found in _client(settings_for(None), catalog):
        yield found


@contextmanager
def serving(settings: Settings, catalog: Catalog) -> Iterator[str]:
    """Give the address of a service behind a real socket."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(create_app(settings, catalog))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.05)
        if not thread.is_alive():
            raise RuntimeError("the live server did not start")
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()
    if thread.is_alive():
        raise RuntimeError("the live server did not stop")


@pytest.fixture(scope="module")
def live(city: Addresses, catalog: Catalog) -> Iterator[str]:
    """Return the address of the service behind a real socket."""
    with serving(settings_for(city), catalog) as address:
        yield address


@pytest.fixture(scope="session")
def missing_program() -> Callable[[str], NoReturn]:
    """Return what skips a test for want of a program, or fails it where everything must be there."""

    def missing(reason: str) -> NoReturn:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason} (a skip is a failure under CI=true)")
        pytest.skip(reason)

    return missing
