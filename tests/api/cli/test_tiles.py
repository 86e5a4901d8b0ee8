"""``onemap tiles`` from beginning to end."""

import os
import subprocess
import sys

import pytest

from tests.layers.little_city import fill, points

pytestmark = pytest.mark.postgis

ONEMAP = [sys.executable, "-c", "from api.cli.main import app; app()"]


@pytest.fixture
def onemap(database, catalog, tmp_path):
    fill(database, catalog, cameras=points(300))
    named = {
        "ONEMAP_DATABASE_URL": database.application,
        "ONEMAP_DATABASE_ADMIN_URL": database.admin,
        "ONEMAP_HOME": str(tmp_path / "home"),
    }

    def run(*arguments):
        done = subprocess.run(
            [*ONEMAP, "tiles", *arguments], env={**os.environ, **named}, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def kept(onemap):
    """Return what is told of the layer: zooms, tiles, stale ones, and more."""
    (row,) = [line.split() for line in onemap("stat").splitlines() if line.split()[:1] == ["cameras"]]
    return row[1:]


def test_tiles_are_drawn_counted_packed_thrown_away_and_unpacked(onemap, tmp_path):
    first = onemap("seed", "cameras", "--zooms", "10-13").split()
    total = int(first[3])
    assert first[:2] == ["Done:", str(total)] and total > 10
    assert f"{total} drawn now" in " ".join(first)
    assert "0 drawn now" in onemap("seed", "cameras", "--zooms", "10-13", "--anew")
    assert kept(onemap)[:3] == ["10–13", str(total), "0"]
    archive = str(tmp_path / "cameras.pmtiles")
    packed = int(onemap("pack", "cameras", "-o", archive).split()[0])
    assert 0 < packed <= total
    assert onemap("purge", "cameras", "--yes").split()[0] == str(total)
    assert onemap("unpack", archive).split()[0] == str(packed)
    assert kept(onemap)[1:3] == [str(packed), str(packed)], "all of them stale"
