"""The planted gaps of 5G, looked for by the prediction: found or not, and for which cause."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import pytest

from geo.crs import metric_crs
from geo.radio import Heights, Settings, Surface, explain
from sample_gis.city import City
from sample_gis.planted.radio_field import REACH_M

#: As far as the planter looks for sectors.
REACH = Settings(cutoff_m=REACH_M)

#: What `geo.radio.explain` answers to each planted cause.
REMEDY = {
    "no_site_near": "new_site", "sector_off": "repair", "wrong_azimuth": "azimuth", "wrong_tilt": "tilt",
    "building_shadow": "building", "terrain": "terrain",
}  # fmt: skip
#: Planted with sight past buildings or hills; the others by the usual models, as their truth says: in free
#: sight a neighbour 2 km away still serves.
PAST_BUILDINGS, PAST_HILLS = ("building_shadow",), ("terrain",)


@pytest.fixture(scope="module")
def sectors(yeji: City) -> gpd.GeoDataFrame:
    every = yeji.layers["sectors"].to_crs(4326)
    every = every[every["technology"] == "5g"]
    return every.assign(in_service=every["status"] == "in_service")


def relief_of(yeji: City) -> Heights:
    grid = yeji.terrain.grid
    south = grid.north - grid.rows * grid.step
    heights = np.ascontiguousarray(yeji.terrain.height_m[::-1], dtype=np.float32)
    return Heights(heights, grid.west, south, grid.step)


@pytest.mark.soak
@pytest.mark.parametrize("cause", REMEDY)
def test_planted_gaps_are_found_with_their_cause(yeji: City, sectors: gpd.GeoDataFrame, cause: str) -> None:
    past = cause in PAST_BUILDINGS
    surface = Surface(yeji.layers["buildings"].to_crs(metric_crs(sectors))) if past else None
    terrain = relief_of(yeji) if cause in PAST_HILLS else None
    planted = [one for one in yeji.truth["radio_gaps"] if one["cause"] == cause]
    found, named = 0, 0
    for gap in planted:
        told = explain(gap["lon"], gap["lat"], sectors, settings=REACH, surface=surface, terrain=terrain)
        found += not told.covered
        named += REMEDY[cause] in {remedy.kind for remedy in told.remedies[:2]}
    print(f"{cause}: {found} of {len(planted)} found, {named} with their cause")
    assert (found, named) == (len(planted), len(planted))


@pytest.mark.soak
def test_people_beside_the_sites_are_no_gap(yeji: City, sectors: gpd.GeoDataFrame) -> None:
    # Precision: 150 m in front of every twentieth working sector nobody may be told that there is no signal.
    working = sectors[sectors["in_service"]].iloc[::20]
    geod = pyproj.Geod(ellps="GRS80")
    wrong = 0
    for point, azimuth in zip(working.geometry, working["azimuth_deg"], strict=True):
        lon, lat, _ = geod.fwd(point.x, point.y, azimuth, 150)
        wrong += not explain(lon, lat, sectors).covered
    print(f"{wrong} of {len(working)} places in front of a sector told as gaps")
    assert wrong <= 0.1 * len(working)
