"""``onemap tiles`` from beginning to end."""

import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from api.settings import Settings
from layers.scope import Scope
from tests.layers.little_city import fill, points
from tests.layers.runs.workers import wait_for
from tilecache.address import TileAddress, TileSet
from tilecache.disk import Disk
from tilecache.keeping import kept_seedings, places_of
from tilecache.staleness import EVERYTHING

pytestmark = pytest.mark.postgis

ONEMAP = [sys.executable, "-c", "from api.cli.main import app; app()"]


@pytest.fixture(scope="module")
def city(module_database, catalog):
    fill(module_database, catalog, cameras=points(300))
    return module_database


@pytest.fixture
def named(city, tmp_path):
    return {
        **os.environ,
        "ONEMAP_DATABASE_URL": city.application,
        "ONEMAP_DATABASE_ADMIN_URL": city.admin,
        "ONEMAP_HOME": str(tmp_path / "home"),
    }


@pytest.fixture
def onemap(named):
    def run(*arguments):
        done = subprocess.run(
            [*ONEMAP, "tiles", *arguments], env=named, capture_output=True, text=True, timeout=120,
            check=False,
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


@pytest.fixture
def disk(city, tmp_path):
    settings = Settings(home=tmp_path / "home", database_url=city.application, database_admin_url=city.admin)
    found = Disk(settings.tile_folder)
    yield found
    found.close()


def stand_still(process, file):
    """Stop a process where it holds no lock of the file."""
    while True:
        process.send_signal(signal.SIGSTOP)
        with sqlite3.connect(file, timeout=0) as trial:
            try:
                trial.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                process.send_signal(signal.SIGCONT)
                time.sleep(0.001)
            else:
                return


def test_seeding_draws_what_was_asked_for_most_first_and_pauses_and_goes_on(onemap, named, disk, catalog):
    total = int(onemap("seed", "cameras").split()[3])
    layer = catalog.layer("cameras")
    tiles = TileSet.of_layer(layer, Scope.everything("command line").for_layer(layer))
    last = TileAddress(tiles, *places_of(disk, tiles)[-1])
    assert disk.read(last).stale_since is None
    disk.add_used({last: 5})
    disk.record([EVERYTHING], {})
    assert kept(onemap)[2] == str(total)
    seeding = subprocess.Popen(
        [*ONEMAP, "tiles", "seed", "cameras", "--at-once", "1"], env=named, stdout=subprocess.PIPE, text=True
    )
    wait_for(lambda: kept_seedings(disk)[0][1] == "running", "the seeding to begin")
    stand_still(seeding, disk.path)
    assert onemap("seed", "--pause").startswith("1 asked to pause")
    seeding.send_signal(signal.SIGCONT)
    told = seeding.communicate(timeout=60)[0].split()
    assert told[0] == "Paused:" and int(told[1]) < total
    assert f"paused, {told[1]} of {total}" in onemap("stat")
    assert disk.read(last).stale_since is None, "the last one in order, and the most used one"
    now = int(told[told.index("tiles,") + 1])
    rest = onemap("seed", "cameras").split()
    assert rest[:4] == ["Done:", str(total), "of", str(total)]
    assert now + int(rest[rest.index("tiles,") + 1]) == total, "nothing is drawn twice"
