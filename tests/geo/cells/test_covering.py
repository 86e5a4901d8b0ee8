"""Geometry to cells, against h3-py 4.5 and the geometry itself."""

import h3
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cells import Containment, cover, index, polygons, to_text
from geo.errors import BadInput

HOLED = shapely.box(115.8, 31.7, 116.0, 31.9).difference(shapely.box(115.85, 31.75, 115.9, 31.82))


@pytest.mark.parametrize("resolution", [6, 8, 9])
@pytest.mark.parametrize("shape", [HOLED, shapely.Point(115.9, 31.8).buffer(0.1)])
def test_the_centre_rule_gives_the_cells_that_h3_gives(shape: shapely.Polygon, resolution: int) -> None:
    assert set(to_text(cover(shape, resolution))) == set(h3.geo_to_cells(shape, resolution))


def test_areas_that_tile_share_no_cell_and_lose_none() -> None:
    whole = shapely.box(115.8, 31.7, 116.0, 31.9)
    parts = [shapely.box(115.8 + 0.05 * k, 31.7, 115.85 + 0.05 * k, 31.9) for k in range(4)]
    together = np.concatenate([cover(part, 9) for part in parts])
    assert len(together) == len(np.unique(together))
    assert set(together) == set(cover(whole, 9))


@pytest.mark.parametrize("resolution", [7, 9])
def test_each_rule_says_what_its_cells_are(resolution: int) -> None:
    rules = {rule: set(cover(HOLED, resolution, rule).tolist()) for rule in Containment}
    assert rules[Containment.WITHIN] <= rules[Containment.CENTRE] <= rules[Containment.INTERSECTS]
    touched = polygons(sorted(rules[Containment.INTERSECTS]))
    assert touched.intersects(HOLED).all()
    inside = polygons(sorted(rules[Containment.WITHIN]))
    assert inside.within(HOLED.buffer(1e-9)).all()


@given(st.floats(73, 135), st.floats(18, 53), st.integers(4, 11))
@settings(max_examples=40, deadline=None)
def test_a_point_and_a_line_take_the_cells_they_touch(lon: float, lat: float, resolution: int) -> None:
    assert cover(shapely.Point(lon, lat), resolution).tolist() == index([lon], [lat], resolution).tolist()
    line = shapely.LineString([(lon, lat), (lon + 0.01, lat + 0.01)])
    ends = set(index([lon, lon + 0.01], [lat, lat + 0.01], resolution).tolist())
    assert ends <= set(cover(line, resolution).tolist())


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (shapely.Polygon(), "empty"),
        (shapely.box(-179, 10, 179, 11), "antimeridian"),
        (shapely.box(500000, 3500000, 500100, 3500100), "degrees"),
        (shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), "invalid"),
    ],
)
def test_a_geometry_that_has_no_honest_cover_is_refused(shape: shapely.Polygon, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        cover(shape, 7)


def test_more_cells_than_memory_holds_are_refused_before_they_are_made() -> None:
    with pytest.raises(BadInput, match="coarser"):
        cover(shapely.box(70, 15, 135, 54), 13)
