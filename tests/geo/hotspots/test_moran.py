"""Moran's I against esda 2.9 and the value that is published for Columbus."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import esda
import geopandas as gpd
import libpysal
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from geo.errors import BadInput
from geo.hotspots import local_moran, moran


def grid(side: int) -> csr_array:
    return csr_array(libpysal.weights.lat2W(side, side, rook=False).sparse)


def as_weights(adjacency: csr_array) -> libpysal.weights.W:
    weights = libpysal.weights.WSP(adjacency).to_W(silence_warnings=True)
    weights.transform = "r"
    return weights


@pytest.fixture(scope="module")
def columbus(test_data):
    crime = gpd.read_file(test_data / "stats" / "columbus.shp", encoding="utf-8")["CRIME"].to_numpy()
    return crime, libpysal.io.open(str(test_data / "stats" / "columbus.gal")).read()


def test_columbus_has_its_published_moran(columbus):
    crime, queen = columbus
    found = moran(crime, csr_array(queen.sparse))
    assert float(found) == pytest.approx(0.5001885571828611, abs=1e-13)
    assert found.expected == pytest.approx(-0.020833, abs=5e-7)
    assert found.z == pytest.approx(5.589, abs=5e-4)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 9))
def test_value_variance_and_p_are_those_of_esda(seed, side):
    values = np.random.default_rng(seed).gamma(1.0, 2.0, side * side)
    ours, theirs = moran(values, grid(side)), esda.Moran(values, as_weights(grid(side)), permutations=0)
    assert (ours.value, ours.variance, ours.z, ours.p) == pytest.approx(
        (theirs.I, theirs.VI_rand, theirs.z_rand, theirs.p_rand), rel=1e-9, abs=1e-12
    )


def test_local_values_are_those_of_esda_times_n_over_n_minus_one(columbus):
    crime, queen = columbus
    ours = local_moran(crime, csr_array(queen.sparse), permutations=1, seed=1)["moran"].to_numpy()
    queen.transform = "r"
    theirs = esda.Moran_Local(crime, queen, permutations=0).Is
    assert ours * 48 / 49 == pytest.approx(theirs, abs=1e-12)
    assert ours.mean() == pytest.approx(moran(crime, csr_array(queen.sparse)).value, abs=1e-12)


#: esda in a process of its own, as plain Python: to compile it takes ten times as long as to run it once.
ESDA_LOCAL = """
import json, sys
import esda, geopandas, libpysal
esda.crand.boolean = bool  # numba's own name for the type, without numba
crime = geopandas.read_file(sys.argv[1] + "/columbus.shp", encoding="utf-8")["CRIME"].to_numpy()
queen = libpysal.io.open(sys.argv[1] + "/columbus.gal").read()
local = esda.Moran_Local(crime, queen, permutations=1_999, seed=7)
print(json.dumps([local.p_sim.tolist(), local.q.tolist()]))
"""


def test_local_p_is_twice_the_tail_of_esda_and_the_quadrants_agree(columbus, test_data):
    crime, queen = columbus
    ours = local_moran(crime, csr_array(queen.sparse), permutations=1_999, seed=7)
    told = subprocess.run(
        [sys.executable, "-c", ESDA_LOCAL, str(test_data / "stats")],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    p, quadrants = (np.array(one) for one in json.loads(told.stdout))
    assert ours["p"].to_numpy() == pytest.approx(np.minimum(2 * p, 1), abs=0.08)
    names = np.array(["", "high-high", "low-high", "low-low", "high-low"])
    assert (ours["quadrant"].to_numpy() == names[quadrants]).all()


def test_the_seed_decides_the_draw_and_nothing_else():
    values = np.random.default_rng(1).normal(size=400)
    first, again, other = (local_moran(values, grid(20), seed=seed)["p"] for seed in (5, 5, 6))
    assert (first == again).all()
    assert (first != other).any()


def test_without_pattern_the_share_of_false_alarms_stays_at_q():
    draw = np.random.default_rng(2)
    cities = 60
    alarms = sum(
        local_moran(draw.normal(size=100), grid(10), permutations=4_999, seed=city)["significant"].any()
        for city in range(cities)
    )
    assert alarms / cities <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / cities)


def test_going_on_at_the_smallest_p_finds_a_block_among_many_and_leaves_the_others():
    values = np.random.default_rng(3).normal(size=(60, 60))
    values[20:23, 20:23] += 8
    plain, finer = (
        local_moran(values.ravel(), grid(60), permutations=999, seed=4, finer=finer)
        for finer in (False, True)
    )
    block = np.zeros((60, 60), dtype=bool)
    block[20:23, 20:23] = True
    assert not plain["significant"].any()
    assert finer["significant"].to_numpy()[block.ravel()].all()
    around = np.zeros((60, 60), dtype=bool)
    around[19:24, 19:24] = True  # the low ones around it are neighbours of high ones
    assert finer["significant"].to_numpy()[~around.ravel()].sum() <= 2
    least = plain["p"] == 2 / 1000
    assert (finer["p"][~least] == plain["p"][~least]).all()
    assert (finer["p"][least] <= 2 / 1000 * 5).all()


def test_without_pattern_going_on_at_the_smallest_p_keeps_the_share_of_false_alarms():
    draw = np.random.default_rng(5)
    cities = 60
    alarms = sum(
        local_moran(draw.normal(size=400), grid(20), permutations=199, seed=city, finer=True)[
            "significant"
        ].any()
        for city in range(cities)
    )
    assert alarms / cities <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / cities)


def test_a_place_without_neighbours_is_never_significant():
    adjacency = grid(5).tolil()
    adjacency[12, :] = 0
    adjacency[:, 12] = 0
    found = local_moran(np.arange(25.0), csr_array(adjacency), seed=1)
    assert (found.loc[12, "moran"], found.loc[12, "p"]) == (0, 1)


@pytest.mark.parametrize("values", [np.ones(25), np.arange(24.0), np.full(25, np.nan)])
def test_values_that_cannot_be_compared_are_refused(values):
    with pytest.raises(BadInput):
        moran(values, grid(5))
