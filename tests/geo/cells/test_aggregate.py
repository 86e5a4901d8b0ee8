"""Roll-up and transfer to regions keep every count."""

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cells import Containment, cover, index, parse, polygons, rollup, to_regions
from geo.errors import BadInput

BOX = shapely.box(115.85, 31.75, 115.95, 31.85)


@given(st.integers(0, 2**32 - 1), st.integers(4, 9))
@settings(max_examples=25, deadline=None)
def test_a_rollup_keeps_the_sum_and_each_parent_has_its_own_childrens(seed: int, coarse: int) -> None:
    rng = np.random.default_rng(seed)
    cells = np.unique(index(rng.uniform(115.5, 116.2, 300), rng.uniform(31.5, 32, 300), 10))
    frame = pd.DataFrame({"n": rng.integers(0, 100, len(cells))}, index=cells)
    rolled = rollup(frame, coarse)
    assert rolled["n"].sum() == frame["n"].sum()
    expected: dict[str, int] = {}
    for cell, n in frame["n"].items():
        key = h3.cell_to_parent(h3.int_to_str(cell), coarse)
        expected[key] = expected.get(key, 0) + int(n)
    assert {h3.int_to_str(cell): int(n) for cell, n in rolled["n"].items()} == expected


def test_columns_may_be_rolled_up_by_their_own_rule() -> None:
    children = parse(sorted(h3.cell_to_children("8928308280fffff", 10)))
    frame = pd.DataFrame({"n": range(7), "worst": [3, 9, 1, 0, 2, 5, 4]}, index=children)
    assert rollup(frame, 9, {"worst": "max"}).iloc[0].to_dict() == {"n": 21, "worst": 9}
    for rules in ({"worst": "median"}, {"best": "max"}):
        with pytest.raises(BadInput):
            rollup(frame, 9, rules)


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 0.9))
@settings(max_examples=20, deadline=None)
def test_regions_and_what_lies_outside_add_up_to_the_whole(seed: int, cut: float) -> None:
    rng = np.random.default_rng(seed)
    cells = cover(BOX.buffer(0.01), 9)
    values = pd.DataFrame({"people": rng.uniform(0, 500, len(cells))}, index=cells)
    west, south, east, north = BOX.bounds
    at = west + (east - west) * cut
    halves = gpd.GeoDataFrame(
        {"name": ["west", "east"]},
        geometry=[shapely.box(west, south, at, north), shapely.box(at, south, east, north)],
        crs=4326,
    )
    found = to_regions(values, halves)
    assert found["people"].sum() + found.attrs["outside"]["people"] == pytest.approx(
        values["people"].sum(), rel=1e-6
    )
    assert found["covered_share"].to_numpy() == pytest.approx(1, abs=2e-3)


def test_an_even_density_gives_regions_their_share_by_area() -> None:
    cells = cover(BOX.buffer(0.02), 10)
    metric = polygons(cells).to_crs(4548).area.to_numpy()
    values = pd.DataFrame({"m2": metric}, index=cells)
    region = gpd.GeoDataFrame(geometry=[BOX], crs=4326)
    assert to_regions(values, region)["m2"][0] == pytest.approx(region.to_crs(4548).area[0], rel=1e-4)


def test_what_was_counted_up_to_a_boundary_is_not_cut_there_again() -> None:
    cells = cover(BOX, 9, Containment.INTERSECTS)
    inside = shapely.area(
        shapely.intersection(
            polygons(cells).to_crs(4548).to_numpy(),
            gpd.GeoSeries([BOX], crs=4326).to_crs(4548).iloc[0],
        )
    )
    values = pd.DataFrame({"m2": inside, "people": 1.0}, index=cells)
    west, south, east, north = BOX.bounds
    middle = (west + east) / 2
    halves = [shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)]
    found = to_regions(values, gpd.GeoDataFrame(geometry=halves, crs=4326), within=BOX)
    assert found["m2"].sum() == pytest.approx(inside.sum(), rel=1e-4)
    assert found["people"].sum() == pytest.approx(len(cells), rel=1e-3)
    assert to_regions(values, gpd.GeoDataFrame(geometry=halves, crs=4326))["m2"].sum() < 0.99 * inside.sum()


def test_what_cannot_be_added_up_is_refused() -> None:
    cells = cover(BOX, 8)
    region = gpd.GeoDataFrame(geometry=[BOX], crs=4326)
    with pytest.raises(BadInput, match="numbers"):
        to_regions(pd.DataFrame({"n": [np.nan] * len(cells)}, index=cells), region)
    with pytest.raises(BadInput, match="twice"):
        to_regions(pd.DataFrame({"n": [1, 2]}, index=[cells[0]] * 2), region)
    with pytest.raises(BadInput, match="CRS"):
        to_regions(pd.DataFrame({"n": 1}, index=cells), gpd.GeoDataFrame(geometry=[BOX]))
