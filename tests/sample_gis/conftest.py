"""Cities to test on: the whole sample city, small counties of other seeds, and a town of simple shapes."""

from __future__ import annotations

import fcntl
import os
import pickle
import tempfile
from functools import cache
from pathlib import Path

import pytest

from sample_gis.city import City
from sample_gis.making import make_city
from sample_gis.profile import read_profile
from tests.sample_gis.small_county import small_county
from tests.sample_gis.small_town import small_town

SEEDS = (7, 99)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of whole cities, and give those of each to one worker, which makes it once."""
    for item in items:
        asked = getattr(item, "fixturenames", ())
        values = getattr(item, "callspec", None)
        seed = values.params.get("other_seed", values.params.get("believable")) if values else None
        if "yeji" in asked or seed == "yeji":
            item.add_marker(pytest.mark.xdist_group("yeji"))
            item.add_marker(pytest.mark.city)
        elif seed is not None:
            item.add_marker(pytest.mark.xdist_group("other seeds"))
            item.add_marker(pytest.mark.city)


@pytest.fixture(scope="session")
def yeji() -> City:
    """Return the whole sample city; do not change it.

    It takes half a minute to make: the first worker that asks makes it, the others of the run read what that
    one has left.
    """
    place = Path(os.environ.get("ONEMAP_TEST_HOME") or tempfile.mkdtemp(prefix="onemap-yeji-"))
    kept = place / "yeji.pickle"
    with (place / "yeji.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            made = make_city(read_profile("yeji"))
            half = kept.with_suffix(".half")
            half.write_bytes(pickle.dumps(made))
            half.rename(kept)
            return made
    city: City = pickle.loads(kept.read_bytes())  # noqa: S301 - written above by this very run
    return city


@cache
def _county(seed: int) -> City:
    return small_county(seed)


@pytest.fixture(scope="session", params=SEEDS)
def other_seed(request: pytest.FixtureRequest) -> City:
    """Return a small county of another seed; do not change it."""
    return _county(request.param)


@pytest.fixture(scope="session", params=["yeji", *SEEDS])
def believable(request: pytest.FixtureRequest) -> City:
    """Return each city that must be believable: the whole one, and those of other seeds."""
    if request.param == "yeji":
        city: City = request.getfixturevalue("yeji")
        return city
    return _county(request.param)


@pytest.fixture(scope="module")
def town() -> City:
    """Return a town of 16 square blocks on a slope, without its pipes and devices."""
    return small_town()
