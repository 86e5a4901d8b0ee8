"""The hotspots that the sample city plants are found, by their categories, and hardly any others."""

from __future__ import annotations

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
from h3.api import basic_int

from geo.cells import groups, index, resolution_of
from geo.hotspots import pile_ups
from layers.runs.hotspot_compute import compute
from layers.runs.hotspot_parameters import HotspotParameters
from layers.runs.kinds import Inputs, Outcome
from sample_gis.city import City

pytestmark = pytest.mark.soak  # a run for each planted class: a minute and more

#: What is planted, and the category of Esri that it must be given; a seasonal spot is none of them.
NAMED = {
    "persistent": "persistent_hot",
    "intensifying": "intensifying_hot",
    "diminishing": "diminishing_hot",
    "new": "new_hot",
    "consecutive": "consecutive_hot",
    "sporadic": "sporadic_hot",
    "historical": "historical_hot",
}
RESOLUTION = 10
#: Its cells are some 130 m apart: the reach of the largest spot and the ring of the test.
NEAR = 4


@pytest.fixture(scope="module")
def inputs(yeji: City) -> Inputs:
    """Return what a run reads of the sample city."""
    made = yeji.layers["incidents"].to_crs(4326)
    made.index = np.arange(1, len(made) + 1)
    roads = yeji.layers["roads"].to_crs(4326)
    outline = gpd.GeoSeries([yeji.outline], crs=yeji.crs).to_crs(4326).iloc[0]
    return Inputs({"incidents": made, "roads": roads}, city=outline)


@pytest.fixture(scope="module")
def found(yeji: City, inputs: Inputs) -> dict[str, Outcome]:
    """Return the result for the class of each planted hotspot."""
    classes = {spot["class"] for spot in yeji.truth["incident_hotspots"]}
    return {
        one: compute(HotspotParameters(classes=one, against="incidents"), inputs, lambda share: None)
        for one in sorted(classes)
    }


def around(spot: dict) -> set[int]:
    middle = int(index([spot["lon"]], [spot["lat"]], RESOLUTION)[0])
    return set(basic_int.grid_disk(middle, NEAR))


def ever_hot(outcome: Outcome) -> pd.Series:
    """Return the groups of cells that were hot in some step or over the whole period.

    The run has the cells of a coarser resolution too, for small scales; planted spots are of the fine ones.
    """
    cells = outcome.cells[resolution_of(outcome.cells.index.to_numpy()) == RESOLUTION]
    hot = (cells["share_hot"] > 0) | (cells["whole"] > 0)
    return groups(cells.index.to_numpy()[hot])


def test_nine_of_ten_planted_hotspots_are_found_and_hardly_any_other(yeji, found):
    hits, told, false = 0, 0, 0
    spots = yeji.truth["incident_hotspots"]
    for spot in spots:
        hits += not around(spot).isdisjoint(ever_hot(found[spot["class"]]).index.tolist())
    for one, outcome in found.items():
        planted = set().union(*(around(spot) for spot in spots if spot["class"] == one))
        member = ever_hot(outcome)
        for _, cells in member.groupby(member):
            told += 1
            false += planted.isdisjoint(cells.index.tolist())
    print(f"recall: {hits} of {len(spots)} planted hotspots; precision: {told - false} of {told} groups")
    assert hits / len(spots) >= 0.9
    assert false / told <= 0.1


@pytest.mark.parametrize("planted", NAMED)
def test_the_category_planted_is_the_category_named(yeji, found, planted):
    spot = next(one for one in yeji.truth["incident_hotspots"] if one["category"] == planted)
    near = {h3.int_to_str(cell) for cell in around(spot)}
    told = [one for one in found[spot["class"]].findings if one["cell"] in near]
    assert [one["category"] for one in told][:1] == [NAMED[planted]]
    assert told[0]["n"] > 1.5 * told[0]["expected"]
    assert told[0]["classes"][0][0] == spot["class"]


def test_a_spot_of_summer_evenings_that_is_over_is_no_category(yeji, found):
    spot = next(one for one in yeji.truth["incident_hotspots"] if one["category"] == "seasonal")
    cells = found[spot["class"]].cells
    near = cells[cells.index.isin(list(around(spot)))]
    assert (near["category"] == 0).all()
    assert near["share_hot"].max() >= 0.25


def test_default_points_are_detected_as_planted(yeji, inputs):
    planted = yeji.truth["incident_default_points"]
    piles = pile_ups(inputs.frames["incidents"])
    known = {(round(one["lon"], 5), round(one["lat"], 5)) for one in planted}
    told = {(round(lon, 5), round(lat, 5)) for lon, lat in zip(piles["lon"], piles["lat"], strict=True)}
    heavy = sum(one["incidents"] for one in planted)
    assert piles["events"].sum() == pytest.approx(heavy, rel=0.05)
    assert len(told & known) >= 0.75 * len(told)
