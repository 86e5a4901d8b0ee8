"""Groups near each other as one: what is joined, what is not, and ids that stay."""

import itertools

import h3
import numpy as np
import pandas as pd
import pyproj
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cells import centres, groups, index, parse

ORIGIN = h3.latlng_to_cell(31.75, 115.9, 10)
GEOD = pyproj.Geod(ellps="WGS84")
#: Middles of touching cells of resolution 10 near there, by h3.
TOUCHING = float(
    np.mean([h3.great_circle_distance(h3.cell_to_latlng(ORIGIN), h3.cell_to_latlng(one), unit="m")
             for one in h3.grid_ring(ORIGIN, 1)])
)  # fmt: skip


def hamlet(steps: int, size: int = 1) -> np.ndarray:
    """Return a hamlet so many cells east of the origin."""
    lat, lon = h3.cell_to_latlng(ORIGIN)
    east, _, _ = GEOD.fwd(lon, lat, 90, steps * TOUCHING)
    return parse(sorted(h3.grid_disk(h3.latlng_to_cell(lat, east, 10), size)))


def far(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the metres between the middles of all pairs, by the ellipsoid."""
    (x, y), (u, v) = centres(one), centres(other)
    pairs = np.array(list(itertools.product(range(len(one)), range(len(other)))))
    return np.asarray(GEOD.inv(x[pairs[:, 0]], y[pairs[:, 0]], u[pairs[:, 1]], v[pairs[:, 1]])[2])


def test_hamlets_with_a_field_between_them_are_one_and_one_far_off_is_another() -> None:
    cells = np.concatenate([hamlet(0), hamlet(4), hamlet(14)])
    assert groups(cells).nunique() == 3
    near = groups(cells, join_m=300)
    assert near.nunique() == 2
    assert near[hamlet(0)].iloc[0] == near[hamlet(4)].iloc[0] != near[hamlet(14)].iloc[0]
    # Of the ground between the first two there is one cell, of that to the third seven.
    assert groups(cells, join_m=0.3 * TOUCHING).nunique() == 3
    assert groups(cells, join_m=8 * TOUCHING).nunique() == 1


def test_a_chain_of_hamlets_ends_where_it_grows_too_wide_and_nothing_that_touches_is_parted() -> None:
    chain = np.concatenate([hamlet(4 * at) for at in range(8)])
    assert groups(chain, join_m=300).nunique() == 1
    parts = groups(chain, join_m=300, widest_m=1200)
    assert parts.nunique() > 2
    for _, cells in parts.groupby(parts).groups.items():
        assert far(cells.to_numpy(), cells.to_numpy()).max() <= 1200 * 1.005
    whole = hamlet(0, 12)
    assert groups(whole, join_m=300, widest_m=500).nunique() == 1


@given(st.integers(0, 2**32 - 1), st.integers(50, 500), st.integers(500, 3000))
@settings(max_examples=25, deadline=None)
def test_what_stays_apart_is_too_far_off_or_would_be_too_wide(seed: int, join: int, widest: int) -> None:
    draw = np.random.default_rng(seed)
    lon, lat = draw.uniform(115.88, 115.92, 40), draw.uniform(31.73, 31.77, 40)
    cells = np.unique(index(lon, lat, 10))
    touching = groups(cells)
    found = groups(cells, join_m=join, widest_m=widest)
    # Each group is made of whole ones of those that touch.
    assert found.groupby(touching).nunique().max() == 1
    members = [np.asarray(one) for one in found.groupby(found).groups.values()]
    for one, other in itertools.combinations(members, 2):
        near = far(one, other).min() - TOUCHING <= join * 0.99
        both = np.concatenate([one, other])
        assert not near or far(both, both).max() > widest * 0.99
    for one in members:
        assert touching[one].nunique() == 1 or far(one, one).max() <= widest * 1.01


def test_areas_are_not_joined_over_their_border() -> None:
    cells = np.concatenate([hamlet(0), hamlet(4)])
    sort = pd.Series([True] * 7 + [False] * 7, index=cells)
    assert groups(cells, within=sort, join_m=300).nunique() == 2


def test_a_joined_group_keeps_the_id_of_the_one_that_it_shares_most_cells_with() -> None:
    small, large = hamlet(0), hamlet(5, 2)
    before = groups(np.concatenate([small, large]))
    after = groups(np.concatenate([small, large]), before, join_m=300)
    assert after.unique().tolist() == [before[large].iloc[0]]
    # Covered but for the small one, it is still the gap that it was part of.
    later = groups(small, after, join_m=300)
    assert later.unique().tolist() == after.unique().tolist()
