"""What all tests share: the data files, and a real PostGIS with a fresh database for each test that asks.

One throw-away cluster serves the whole run, also with several pytest-xdist workers. Its database is migrated
once and then cloned, which takes a fraction of a second.
"""

from __future__ import annotations

import gc
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from api.embedded.cluster import Cluster
from api.embedded.packages import find_gdal, find_postgresql
from geo.errors import Unavailable
from layers.database import Addresses
from layers.definitions.loading import Catalog, read_catalog
from layers.schema.migrating import migrate

_HOME = "ONEMAP_TEST_HOME"
_TEMPLATE = "onemap"
_numbers = count(1)

# What was green stays green: the gate tries the same examples each time, `make soak` seeks new ones.
settings.register_profile("gate", derandomize=True)
settings.register_profile("seeking", derandomize=False)
settings.load_profile("gate")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the place of the cluster once, before workers are started: they inherit it."""
    if not hasattr(config, "workerinput"):
        home = tempfile.mkdtemp(prefix="onemap-tests-")
        Path(home).chmod(0o711)  # the server may run as another user
        os.environ[_HOME] = home


#: Where tests start processes, each for seconds: these go first, so that no worker ends alone with them.
_LONG = ("tests/layers/runs/", "tests/api/cli/", "tests/api/embedded/", "tests/api/test_", "tests/api/live/")

#: Rooms whose functions are compiled, which takes seconds in a new checkout.
_KERNELS = re.compile(r"(?:tests/)?geo/(cameras|hotspots|radio|siting)/")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give all tests that share something dear to one worker: a database to fill, kernels to compile."""
    for item in items:
        if item.get_closest_marker("xdist_group") is not None:
            continue
        kernels = _KERNELS.match(item.location[0])
        if "module_database" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(item.location[0]))
        elif kernels is not None:
            item.add_marker(pytest.mark.xdist_group(f"kernels of {kernels[1]}"))
    items.sort(key=_turn)


def pytest_collection_finish() -> None:
    """Spare the search for cycles what lives to the end: thousands of tests and their modules."""
    gc.collect()
    gc.freeze()


def _turn(item: pytest.Item) -> int:
    """Return when a test comes: whole cities, which take minutes to make, the long ones, the rest."""
    if item.get_closest_marker("city") is not None:
        return 0
    return 1 if item.location[0].startswith(_LONG) else 2


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop and delete the cluster when the run, with all its workers, is over."""
    if not hasattr(config, "workerinput"):
        home = Path(os.environ.pop(_HOME))
        Cluster(home, throw_away=True).destroy()
        shutil.rmtree(home, ignore_errors=True)


def missing(reason: str) -> NoReturn:
    """Skip the test for want of something, or fail it where everything must be there (CI=true)."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (a skip is a failure under CI=true)")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Return the folder of the real data files."""
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("ONEMAP_TEST_DATA", default))
    if not folder.is_dir():
        missing("the test data is not there: set ONEMAP_TEST_DATA to its folder")
    return folder


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """Return the catalogue that comes with the product."""
    return read_catalog()


@pytest.fixture(scope="session")
def gdal() -> Callable[..., str]:
    """Return a function that runs one of GDAL's programs and gives what it prints."""

    def run(name: str, *arguments: str) -> str:
        try:
            found = find_gdal(name)
        except Unavailable as error:
            missing(error.message)
        done = subprocess.run(
            [found.program, "--config", "GDAL_ENABLE_WMS_CACHE", "NO", *arguments],
            env={**os.environ, **found.environment}, capture_output=True,
            text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "ERROR" not in done.stderr, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def postgis() -> None:
    """Skip tests that make clusters of their own where there is no PostGIS."""
    try:
        find_postgresql()
    except Unavailable as error:
        missing(f"there is no PostGIS: {error}")


@dataclass(frozen=True)
class TestServer:
    """The running cluster and the addresses of its template database."""

    __test__ = False

    cluster: Cluster
    template: Addresses


@pytest.fixture(scope="session")
def server() -> TestServer:
    """Start the throw-away cluster of this run and migrate its template database."""
    cluster = Cluster(Path(os.environ[_HOME]), throw_away=True)
    try:
        addresses = cluster.start()
    except Unavailable as error:
        missing(f"there is no PostGIS: {error}")
    with _one_at_a_time(cluster):
        if not _is_migrated(cluster):
            migrate(addresses)
    return TestServer(cluster, addresses)


@pytest.fixture(scope="session")
def cluster(server: TestServer) -> Cluster:
    """Return the throw-away cluster of this run."""
    return server.cluster


@contextmanager
def new_database(server: TestServer) -> Iterator[Addresses]:
    """Give a fresh, migrated database; it is dropped at the end."""
    cluster = server.cluster
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"test_{worker}_{os.getpid()}_{next(_numbers)}"
    with _one_at_a_time(cluster) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER onemap_owner STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(_TEMPLATE)
            )
        )
    try:
        yield Addresses(
            application=server.template.application.replace(f"/{_TEMPLATE}?", f"/{name}?"),
            admin=server.template.admin.replace(f"/{_TEMPLATE}?", f"/{name}?"),
        )
    finally:
        with _superuser(cluster, "postgres") as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def database(server: TestServer) -> Iterator[Addresses]:
    """Give a fresh database with all fixed tables and the layers of the catalogue, all empty."""
    with new_database(server) as addresses:
        yield addresses


@pytest.fixture(scope="module")
def module_database(server: TestServer) -> Iterator[Addresses]:
    """Give one such database to all tests of a module that share what they have loaded."""
    with new_database(server) as addresses:
        yield addresses


@pytest.fixture(scope="session")
def session_database(server: TestServer) -> Iterator[Addresses]:
    """Give one such database to fixtures of the whole session."""
    with new_database(server) as addresses:
        yield addresses


def superuser_address(cluster: Cluster, addresses: Addresses) -> str:
    """Return the superuser's address of the same database, for what only a superuser can look at."""
    return cluster.superuser_address(str(conninfo_to_dict(addresses.admin)["dbname"]))


def _superuser(cluster: Cluster, database: str) -> psycopg.Connection[Any]:
    return psycopg.connect(cluster.superuser_address(database), autocommit=True)


@contextmanager
def _one_at_a_time(cluster: Cluster) -> Iterator[psycopg.Connection[Any]]:
    """Hold the server's lock for work on the template, which must have no other connection."""
    with _superuser(cluster, "postgres") as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('onemap tests'))")
        yield connection


def _is_migrated(cluster: Cluster) -> bool:
    with _superuser(cluster, _TEMPLATE) as template:
        row = template.execute("SELECT to_regclass('onemap.layer_schema') IS NOT NULL").fetchone()
        return bool(row and row[0])


@pytest.fixture
def own_cluster(tmp_path: Path, postgis: None) -> Iterator[Cluster]:
    """Give a cluster, not yet started, to a test that will kill it."""
    home = tmp_path / "cluster"
    home.mkdir(mode=0o711)
    tmp_path.chmod(0o711)
    cluster = Cluster(home, throw_away=True)
    yield cluster
    cluster.destroy()
