"""Gi* against esda 2.9, against the values that esda and R spdep 1.2.7 print alike, and under the null."""

from __future__ import annotations

import esda
import geopandas as gpd
import h3
import libpysal
import numpy as np
import pandas as pd
import pytest
from h3.api import basic_int
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from geo.errors import BadInput
from geo.hotspots import edge_cells, getis_ord, getis_ord_weights, k_rings

MIDDLE = h3.str_to_int("8940b48902bffff")


def disc(rings: int) -> np.ndarray:
    return np.sort(np.array(basic_int.grid_disk(MIDDLE, rings), dtype=np.uint64))


def esda_z(values: np.ndarray, adjacency: csr_array) -> np.ndarray:
    """Return esda's Gi* with binary weights, the place itself included."""
    weights = libpysal.weights.WSP(adjacency.tocsr()).to_W(silence_warnings=True)
    weights.transform = "B"
    return esda.G_Local(values, weights, transform="B", star=True, permutations=0).Zs


@pytest.fixture(scope="module")
def columbus(test_data):
    """Return CRIME of the 49 tracts of Columbus and its queen neighbours."""
    tracts = gpd.read_file(test_data / "stats" / "columbus.shp", encoding="utf-8")
    neighbours = libpysal.io.open(str(test_data / "stats" / "columbus.gal")).read()
    neighbours.transform = "B"
    return tracts["CRIME"].to_numpy(dtype=float), csr_array(neighbours.sparse)


def test_columbus_has_the_z_that_esda_and_spdep_print(columbus):
    crime, queen = columbus
    z = getis_ord_weights(crime, queen + csr_array(np.eye(49)))
    assert z[:5] == pytest.approx(
        [-1.432779654, -1.340008097, -0.771998681, -0.131733364, 1.285362798], abs=5e-10
    )
    assert z.sum() == pytest.approx(9.383049, abs=5e-7)
    assert (int(z.argmax()), z.max()) == (15, pytest.approx(3.475051, abs=5e-7))


def test_the_six_points_of_esda_s_own_documentation():
    points = np.array([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)], dtype=float)
    near = np.hypot(*(points[:, None] - points[None]).T) <= 15
    z = getis_ord_weights([2, 3, 3.2, 5, 8, 7], csr_array(near.astype(float)))
    printed = [-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331]
    assert z == pytest.approx(printed, abs=5e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3), st.floats(0.05, 20))
def test_random_counts_on_cells_have_the_z_of_esda(seed, k, rate):
    cells = disc(6)
    counts = pd.Series(np.random.default_rng(seed).poisson(rate, len(cells)).astype(float), index=cells)
    if counts.nunique() < 2:
        return
    ours = getis_ord(counts, k=k)
    theirs = esda_z(counts.to_numpy(), k_rings(cells, k))
    assert ours["z"].to_numpy() == pytest.approx(theirs, abs=1e-9)


def test_one_ring_and_any_matrix_are_the_same_statistic():
    cells = disc(9)
    counts = pd.Series(np.random.default_rng(3).negative_binomial(1, 0.2, len(cells)), index=cells)
    z = getis_ord(counts)["z"].to_numpy()
    assert z == pytest.approx(getis_ord_weights(counts.to_numpy(), k_rings(cells)), abs=1e-12)


def test_cells_without_incidents_belong_to_the_area_and_change_everything():
    counts = pd.Series([9.0, 4.0], index=disc(1)[:2])
    found = getis_ord(counts, cells=disc(6))
    filled = counts.reindex(disc(6), fill_value=0.0)
    pd.testing.assert_frame_equal(found, getis_ord(filled))
    assert len(found) == 127
    assert found.attrs["outside"] == 0


def test_what_lies_outside_the_area_is_told_and_not_counted():
    found = getis_ord(pd.Series(1.0, index=disc(3)), cells=disc(2))
    assert len(found) == 19
    assert found.attrs["outside"] == 18


def test_cells_at_the_edge_are_marked_as_such():
    found = getis_ord(pd.Series(np.arange(127.0), index=disc(6)), k=2)
    assert found["edge"].sum() == 6 * 6 + 6 * 5
    assert (found["neighbours"].to_numpy() == 19).sum() == 127 - 66
    assert (edge_cells(disc(6), 2) == found["edge"].to_numpy()).all()


def test_equal_counts_are_no_hotspot_and_no_error():
    found = getis_ord(pd.Series(4.0, index=disc(3)))
    assert (found["z"] == 0).all()
    assert (found["p"] == 1).all()
    assert not found["significant"].any()


def test_confidence_has_the_sign_of_z_and_agrees_with_significance_at_five_per_cent():
    counts = pd.Series(np.random.default_rng(5).poisson(3, 1261), index=disc(20)).astype(float)
    counts.loc[np.intersect1d(disc(3), counts.index)] += 9
    counts.loc[basic_int.grid_disk(basic_int.grid_ring(MIDDLE, 14)[0], 3)] = 0
    found = getis_ord(counts)
    assert set(found["confidence"]) >= {-99, 0, 99}
    assert ((found["confidence"].abs() >= 95) == found["significant"]).all()
    assert (np.sign(found["confidence"]) * found["z"] >= 0).all()


@pytest.mark.parametrize("method", ["analytic", "permutation"])
def test_without_hotspots_the_share_of_false_alarms_stays_at_q(method):
    # Any rejection is false here, so that the rate is the share of cities with one.
    cells, q, cities = disc(12), 0.05, 150
    draw = np.random.default_rng(8)
    alarms = sum(
        getis_ord(pd.Series(draw.poisson(8, len(cells)), index=cells), q=q, method=method)[
            "significant"
        ].any()
        for _ in range(cities)
    )
    assert alarms / cities <= q + 3 * np.sqrt(q * (1 - q) / cities)


def test_sparse_counts_make_no_hotspots_of_chance_by_permutation_but_do_by_the_normal_law():
    cells = disc(25)
    draw = np.random.default_rng(4)
    normal = exact = 0
    for _ in range(60):
        counts = pd.Series(draw.poisson(0.02, len(cells)), index=cells)
        normal += bool(getis_ord(counts)["significant"].any())
        exact += bool(getis_ord(counts, method="permutation")["significant"].any())
    assert normal > 30
    assert exact <= 3 + 3 * np.sqrt(3)


@pytest.mark.parametrize(
    "counts",
    [
        pd.Series([1.0, np.nan], index=disc(1)[:2]),
        pd.Series([1.0, 2.0], index=[disc(1)[0], disc(1)[0]]),
        pd.Series(
            [1.0, 2.0], index=np.array([disc(1)[0], h3.str_to_int("8a40b489028ffff")], dtype=np.uint64)
        ),
        pd.Series([1.0, 2.0], index=[1, 2]),
    ],
    ids=["missing", "twice", "two resolutions", "no cells"],
)
def test_counts_that_cannot_be_meant_are_refused(counts):
    with pytest.raises(BadInput):
        getis_ord(counts)


def test_neighbours_without_the_place_itself_are_refused_for_they_give_another_statistic(columbus):
    crime, queen = columbus
    with pytest.raises(BadInput, match="49 places"):
        getis_ord_weights(crime, queen)


@pytest.mark.parametrize("k", [0, 21, 1.5, True])
def test_a_k_that_is_no_number_of_rings_is_refused(k):
    with pytest.raises(BadInput):
        getis_ord(pd.Series(1.0, index=disc(1)), k=k)
