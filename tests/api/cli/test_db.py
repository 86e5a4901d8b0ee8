"""``onemap db`` against real servers: the embedded cluster, and an existing one that is named."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from api.embedded.cluster import Cluster
from api.embedded.packages import find_postgresql
from geo.errors import Unavailable

pytestmark = pytest.mark.postgis

ONEMAP = [sys.executable, "-c", "from api.cli.main import app; app()"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Give a server that plays the existing one."""
    try:
        find_postgresql()
    except Unavailable as missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing.message)
    cluster = Cluster(tmp_path_factory.mktemp("server"), throw_away=True)
    cluster.start()
    yield cluster
    cluster.destroy()


def onemap(*arguments: str, home: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ONEMAP_")}
    return subprocess.run(
        [*ONEMAP, *arguments],
        env={**environment, "ONEMAP_HOME": str(home), **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_cluster_is_started_kept_migrated_stopped_and_deleted(tmp_path):
    home = tmp_path / "home"
    cluster = Cluster(home)
    try:
        assert onemap("db", "start", home=home).returncode == 0
        assert re.search(r"state +running", onemap("db", "status", home=home).stdout)
        for _ in range(2):
            migrated = onemap("db", "migrate", home=home)
            assert (migrated.returncode, migrated.stdout) == (0, "The database is up to date.\n"), (
                migrated.stderr
            )
        assert cluster.status().state == "running"
        assert onemap("db", "stop", home=home).returncode == 0
        assert re.search(r"state +stopped", onemap("db", "status", home=home).stdout)
        assert onemap("db", "destroy", "--yes", home=home).returncode == 0
        assert cluster.status().state == "absent"
    finally:
        cluster.destroy()


def test_an_existing_server_is_prepared_and_then_used_by_its_two_addresses(server, tmp_path):
    done = onemap(
        "db", "prepare", server.superuser_address("postgres"), "--database", "second", home=tmp_path
    )
    assert done.returncode == 0, done.stderr
    variables = dict(re.findall(r"^export (\w+)='(.*)'$", done.stdout, re.MULTILINE))
    assert set(variables) == {"ONEMAP_DATABASE_URL", "ONEMAP_DATABASE_ADMIN_URL"}
    with psycopg.connect(variables["ONEMAP_DATABASE_URL"]) as connection:
        row = connection.execute("SELECT current_user::text, current_database()::text").fetchone()
    assert row == ("onemap_app", "second")
    migrated = onemap("db", "migrate", home=tmp_path, **variables)
    assert migrated.returncode == 0, migrated.stderr
    assert "answers" in onemap("db", "status", home=tmp_path, **variables).stdout
    assert list(tmp_path.iterdir()) == []


def test_only_a_superuser_can_prepare_a_server(server, tmp_path):
    done = onemap("db", "prepare", server.start().application, "--database", "third", home=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("onemap: ")
    assert "superuser" in done.stderr
    assert done.stderr.count("\n") == 1
