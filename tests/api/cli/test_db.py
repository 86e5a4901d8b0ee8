"""``onemap db`` against real servers: the embedded cluster, and an existing one that is named."""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest

from api.embedded.cluster import Cluster

pytestmark = [pytest.mark.postgis, pytest.mark.usefixtures("postgis")]


@pytest.fixture(scope="module")
def existing(postgis, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Give a server that plays the one that was there before us."""
    cluster = Cluster(tmp_path_factory.mktemp("existing"), throw_away=True)
    cluster.start()
    yield cluster
    cluster.destroy()


def test_the_cluster_is_started_kept_migrated_stopped_and_deleted(onemap, tmp_path):
    cluster = Cluster(tmp_path / "home")
    try:
        assert onemap("db", "start").returncode == 0
        assert re.search(r"state +running", onemap("db", "status").stdout)
        for _ in range(2):
            migrated = onemap("db", "migrate")
            assert (migrated.returncode, migrated.stdout) == (0, "The database is up to date.\n"), (
                migrated.stderr
            )
        assert cluster.status().state == "running"
        assert onemap("db", "stop").returncode == 0
        assert re.search(r"state +stopped", onemap("db", "status").stdout)
        assert onemap("db", "destroy", "--yes").returncode == 0
        assert cluster.status().state == "absent"
    finally:
        cluster.destroy()


def test_an_existing_server_is_prepared_and_then_used_by_its_two_addresses(existing, onemap, tmp_path):
    done = onemap(
        "db", "prepare", existing.superuser_address("postgres"), "--database", "second", home=tmp_path
    )
    assert done.returncode == 0, done.stderr
    variables = dict(re.findall(r"^export (\w+)='(.*)'$", done.stdout, re.MULTILINE))
    assert set(variables) == {"ONEMAP_DATABASE_URL", "ONEMAP_DATABASE_ADMIN_URL"}
    with psycopg.connect(variables["ONEMAP_DATABASE_URL"]) as connection:
        row = connection.execute("SELECT current_user::text, current_database()::text").fetchone()
    assert row == ("onemap_app", "second")
    migrated = onemap("db", "migrate", **variables)
    assert migrated.returncode == 0, migrated.stderr
    assert "answers" in onemap("db", "status", **variables).stdout
    assert list(tmp_path.iterdir()) == []


def test_only_a_superuser_can_prepare_a_server(existing, onemap, tmp_path):
    done = onemap("db", "prepare", existing.start().application, "--database", "third")
    assert done.returncode == 1
    assert done.stderr.startswith("onemap: ")
    assert "superuser" in done.stderr
    assert done.stderr.count("\n") == 1
