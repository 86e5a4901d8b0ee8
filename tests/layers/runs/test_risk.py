"""Risk cells against shapely, cell by cell: worst class, products, coarser levels, regions."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.cells import parents, polygons, resolution_of
from layers.runs.kinds import Inputs
from layers.runs.people import people_by_cell
from layers.runs.risk import RANKS, RiskParameters, compute
from tests.layers.little_city import EAST, NORTH, SOUTH, WEST, WEST_TOWN
from tests.layers.runs.test_density import areas, people

BOX = shapely.box(WEST, SOUTH, EAST, NORTH)


def hazards(seed=4, number=12):
    """Return discs of all four classes, some over each other."""
    draw = np.random.default_rng(seed)
    x, y = draw.uniform(WEST, EAST, number), draw.uniform(SOUTH, NORTH, number)
    discs = shapely.buffer(shapely.points(x, y), draw.uniform(0.001, 0.006, number))
    return gpd.GeoDataFrame({"risk_class": np.resize(list(RANKS), number)}, geometry=discs, crs=4326)


def run(given, **parameters):
    return compute(RiskParameters(**parameters), given, lambda share: None)


def inputs(threats, *, region=None, prefix=""):
    frames = {
        "people": people(),
        "hazards": threats,
        "counties": areas("county"),
        "towns": areas("town"),
    }
    return Inputs(frames, region, prefix)


def at(outcome, resolution):
    cells = outcome.cells
    return cells[resolution_of(cells.index.to_numpy(dtype=np.uint64)) == resolution]


@pytest.mark.parametrize("resolution", [8, 9])
def test_each_cell_has_the_worst_class_that_touches_it_times_its_people(resolution):
    # Oracle: shapely 2.1 on GEOS, each cell against each area.
    threats = hazards()
    found = at(run(inputs(threats), resolution=resolution), resolution)
    cells = polygons(found.index.to_numpy(dtype=np.uint64)).to_numpy()
    touches = shapely.intersects(cells[:, None], threats.geometry.to_numpy()[None, :])
    ranks = threats["risk_class"].map(RANKS).to_numpy()
    worst = np.where(touches, ranks, 0).max(axis=1)
    assert set(worst) == {0, 1, 2, 3, 4}
    assert found["worst"].tolist() == worst.tolist()
    lived = people_by_cell(people(), resolution, None).reindex(found.index, fill_value=0.0).to_numpy()
    np.testing.assert_allclose(found["people"], lived)
    np.testing.assert_allclose(found["risk"], lived * worst)
    np.testing.assert_allclose(found["people_inside"], np.where(worst > 0, lived, 0))
    np.testing.assert_allclose(found["people_high"], np.where(worst >= 3, lived, 0))


def test_coarser_cells_have_the_worst_class_of_their_children_and_the_sum_of_their_products():
    outcome = run(inputs(hazards()), resolution=9)
    fine = at(outcome, 9)
    for resolution in (8, 5):
        above = parents(fine.index.to_numpy(dtype=np.uint64), resolution)
        coarse = at(outcome, resolution)
        sums = fine["risk"].groupby(above).sum()
        pd.testing.assert_series_equal(coarse["risk"], sums, check_names=False, check_index_type=False)
        assert coarse["worst"].to_dict() == fine["worst"].groupby(above).max().to_dict()


def test_towns_share_the_products_and_together_have_those_of_the_county():
    outcome = run(inputs(hazards()))
    table = outcome.areas.set_index(["layer", "code"])
    for name in ("people", "people_inside", "people_high", "risk"):
        towns, county = table.loc["towns"][name].sum(), table.loc["counties"][name].sum()
        assert 0 < towns == pytest.approx(county, rel=1e-4)
        assert county <= at(outcome, 9)[name].sum() * (1 + 1e-9)


def test_a_run_of_a_region_looks_at_the_hazards_inside_it_only():
    towns = areas("town")
    west = towns.geometry[towns["code"] == WEST_TOWN].iloc[0]
    beyond = gpd.GeoDataFrame(
        {"risk_class": ["red"]}, geometry=[shapely.box(EAST - 0.002, SOUTH, EAST, NORTH)], crs=4326
    )
    assert not west.intersects(beyond.geometry.iloc[0])
    outcome = run(inputs(beyond, region=west, prefix=WEST_TOWN))
    assert (outcome.cells["worst"] == 0).all()
    assert outcome.cells["people"].sum() > 0


def test_without_any_hazard_nobody_is_at_risk_and_the_note_says_so():
    outcome = run(inputs(hazards().iloc[:0]))
    assert outcome.cells["risk"].sum() == 0
    assert outcome.note.facts["hazard_areas"] == 0
    assert outcome.note.facts["residents"] == round(at(outcome, 9)["people"].sum())
