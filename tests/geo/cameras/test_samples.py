"""Points inside shapes wherever these lie, against shapely (GEOS), and never a look beside the arrays."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cameras import samples

FAR = st.floats(-500, 500)


@st.composite
def boxes(draw: st.DrawFn) -> shapely.Polygon:
    west, south = draw(FAR), draw(FAR)
    return shapely.box(west, south, west + draw(st.floats(1, 300)), south + draw(st.floats(1, 300)))


@settings(max_examples=60, deadline=None)
@given(st.lists(boxes(), min_size=1, max_size=4), st.integers(0, 99))
def test_a_point_is_in_a_shape_as_geos_has_it(shapes, seed):
    # Compiled code does not look whether an index is one: here Python does, and says so.
    points = np.random.default_rng(seed).uniform(-100, 100, (60, 2))
    compiled = samples._count
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(samples, "_count", compiled.py_func)
        found = samples.inside_any(points, np.array(shapes, dtype=object))
    expected = shapely.contains_xy(shapely.union_all(shapes), points)
    assert found.tolist() == expected.tolist()


@pytest.mark.parametrize("away", [(400, 0), (-400, 0), (0, 400), (0, -400), (400, 400)])
def test_a_shape_beside_all_points_holds_none(away):
    points = np.random.default_rng(1).uniform(-100, 100, (60, 2))
    shape = shapely.transform(shapely.box(-20, -20, 20, 20), lambda at: at + np.array(away))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(samples, "_count", samples._count.py_func)
        assert not samples.inside_any(points, np.array([shape], dtype=object)).any()
