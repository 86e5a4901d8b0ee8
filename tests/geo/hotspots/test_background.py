"""Expected counts and their excess against statsmodels 0.15, SciPy's tails and planted excess."""

from __future__ import annotations

import h3
import numpy as np
import pandas as pd
import pytest
import shapely
from h3.api import basic_int
from scipy.sparse import eye_array
from scipy.stats import nbinom, norm
from statsmodels.api import GLM, families

from geo.cells import parents
from geo.errors import BadInput
from geo.hotspots import background, benjamini_hochberg, dispersion, excess, k_rings
from geo.hotspots.findings import Above, hotspots

MIDDLE = h3.str_to_int("8a40b489028ffff")


def disc(rings: int) -> np.ndarray:
    return np.sort(np.array(basic_int.grid_disk(MIDDLE, rings), dtype=np.uint64))


def test_the_fit_is_the_poisson_regression_of_statsmodels():
    draw = np.random.default_rng(1)
    others = draw.gamma(2.0, 5.0, (600, 3))
    counts = draw.poisson(others @ [0.5, 0.2, 1.0]).astype(float)
    ours = background(counts, others, eye_array(600))
    identity = GLM(counts, others, families.Poisson(families.links.Identity())).fit()
    assert ours == pytest.approx(identity.fittedvalues, rel=0.01)


def test_expected_counts_add_up_and_are_never_none():
    draw = np.random.default_rng(2)
    found = background(draw.poisson(0.1, 127), draw.poisson(2.0, (127, 2)), k_rings(disc(6)))
    assert (found > 0).all()
    assert found.sum() == pytest.approx(np.random.default_rng(2).poisson(0.1, 127).sum())


def test_dispersion_is_that_of_the_law_and_not_moved_by_hotspots():
    draw = np.random.default_rng(3)
    base = draw.uniform(5, 50, 20_000)
    seen = nbinom.rvs(1 / 0.3, 1 / (1 + 0.3 * base), random_state=draw).astype(float)
    seen[:200] += 500
    assert dispersion(seen, base) == pytest.approx(0.3, rel=0.15)
    assert dispersion(draw.poisson(base), base) <= 0.03


def test_p_is_twice_the_tail_of_the_negative_binomial_law():
    z, p = excess([30.0, 2.0, 10.0], [10.0, 10.0, 10.0], 0.1)
    law = nbinom(10, 0.5)
    assert p == pytest.approx([2 * law.sf(29), 2 * law.cdf(2), 1.0])
    assert (np.sign(z) == [1, -1, 0]).all()


@pytest.mark.parametrize("spread", [0.02, 0.3, 2.0])
def test_tails_are_those_of_scipy_from_nothing_to_far_out(spread):
    draw = np.random.default_rng(8)
    base = draw.gamma(1.0, 20.0, 5000)
    seen = draw.permutation(draw.poisson(base)).astype(float)
    z, p = excess(seen, base, spread)
    law = nbinom(1 / spread, 1 / (1 + spread * base))
    tail = np.minimum(law.sf(seen - 1), law.cdf(seen))
    assert (seen == 0).any()
    assert p == pytest.approx(np.minimum(1, 2 * tail), rel=1e-9)
    assert z[p < 1] == pytest.approx(
        (norm.isf(tail) * np.where(law.sf(seen - 1) <= law.cdf(seen), 1, -1))[p < 1]
    )


def test_a_busy_town_is_no_hotspot_but_an_excess_in_it_is():
    area = disc(20)
    rings = k_rings(area)
    draw = np.random.default_rng(4)
    town = np.where(np.isin(area, disc(8)), 8.0, 0.2)
    others = draw.poisson(np.outer(town, [3.0, 1.0, 2.0]))
    counts = draw.poisson(town)
    planted = np.array(basic_int.grid_disk(basic_int.grid_ring(MIDDLE, 4)[0], 1), dtype=np.uint64)
    counts[np.isin(area, planted)] += draw.poisson(40, 7)
    fitted = background(counts, others, rings)
    z, p = excess(rings @ counts, rings @ fitted, dispersion(rings @ counts, rings @ fitted))
    hot = area[benjamini_hochberg(p) & (z > 0)]
    middle = basic_int.grid_ring(MIDDLE, 4)[0]
    assert middle in hot.tolist()
    assert np.isin(hot, basic_int.grid_disk(middle, 3)).mean() >= 0.9


@pytest.mark.parametrize(
    "others", [np.zeros((7, 2)), np.full((7, 1), -1.0), np.ones((6, 1)), np.ones(7), np.full((7, 1), np.nan)]
)
def test_a_background_that_is_none_is_refused(others):
    with pytest.raises(BadInput):
        background(np.ones(7), others, k_rings(disc(1)))


def test_a_hotspot_tells_where_since_when_how_many_what_and_at_which_hours():
    area = disc(3)
    steps = pd.date_range("2020-01-01", periods=4, freq="MS")
    hot = np.zeros((len(area), 4), dtype=np.int8)
    two = [int(np.searchsorted(area, MIDDLE)), int(np.searchsorted(area, basic_int.grid_ring(MIDDLE, 1)[0]))]
    hot[two, 2:] = 1
    table = pd.DataFrame(
        {
            "category": "none", "trend_z": 0.0, "trend_p": 1.0, "share_hot": hot.mean(axis=1), "last_z": 0.0,
            "last_p": 1.0, "hot_since": -1, "n": 1.0, "expected": 0.5, "edge": False,
        },
        index=pd.Index(area, name="cell"),
    )  # fmt: skip
    table.iloc[two, table.columns.get_loc("category")] = "consecutive_hot"
    table.iloc[two, table.columns.get_loc("hot_since")] = 2
    table.iloc[two[0], table.columns.get_loc("last_z")] = 9.0
    events = pd.DataFrame(
        {
            "cell": np.array([MIDDLE, MIDDLE, MIDDLE, int(area[0])], dtype=np.uint64),
            "class": ["0501", "0501", "0504", "0101"],
            "local": pd.to_datetime(
                ["2020-03-02 07:10", "2020-04-03 07:50", "2020-04-03 18:00", "2020-04-04 01:00"]
            ),
        }
    )
    counts = pd.DataFrame(0.0, index=table.index, columns=steps)
    counts.iloc[two, 3] = [4.0, 1.0]
    above = pd.DataFrame(
        {"category": "sporadic_hot", "n": 8.0, "expected": 3.0, "whole": 1.0},
        index=np.unique(parents(area, 9)),
    )
    (found,) = hotspots(table, hot, counts, events, coarser=above)
    assert (found.cell, found.cells, found.category) == (h3.int_to_str(MIDDLE), 2, "consecutive_hot")
    assert (found.n, found.expected, found.since, found.until) == (2, 1.0, "2020-03-01", "2020-04-01")
    assert found.classes == (("0501", 2), ("0504", 1))
    assert found.hours == ((7, 2), (18, 1))
    assert (found.series, found.hot_steps) == ((0, 0, 0, 5), (0, 0, 1, 1))
    assert (found.coarser, found.above) == (True, Above("sporadic_hot", 8, 3.0))
    assert (found.resolution, found.edge) == (10, False)
    (ring,) = found.outline
    cells = shapely.union_all([shapely.Polygon(h3_ring(int(area[one]))) for one in two], grid_size=1e-7)
    assert shapely.Polygon(ring).symmetric_difference(cells).area < 0.01 * cells.area
    (alone,) = hotspots(table, hot, counts, events)
    assert (alone.coarser, alone.above) == (None, None)
    assert hotspots(table.assign(category="none"), hot, counts, events) == []


def h3_ring(cell):
    return [(lon, lat) for lat, lon in h3.cell_to_boundary(h3.int_to_str(cell))]
