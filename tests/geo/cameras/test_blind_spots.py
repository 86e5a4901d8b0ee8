"""Which cells are blind, how they join, and what ranks them."""

from __future__ import annotations

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.cameras import blind_cells, blind_spots, sample, spread_people, trafficked
from geo.cells import parse
from geo.errors import BadInput
from tests.geo.cameras.scenes import ZONE, X, Y

CENTRE = h3.latlng_to_cell(31.74, 115.88, 12)
CELLS = np.sort(parse(sorted(h3.grid_disk(CENTRE, 3))))


def frames(**exposure: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return cells that nobody sees, and what is there."""
    index = pd.Index(CELLS, name="cell")
    covered = pd.DataFrame({"considered_m2": 300.0, "seen_1": 0.0}, index=index)
    usual: dict[str, object] = {
        "people": 1.0, "trafficked": False, "key_places": 0.0, "incidents": 0.0, "road_m": 0.0
    }  # fmt: skip
    return covered, pd.DataFrame(usual | exposure, index=index)


def test_fields_water_and_rooms_are_no_blind_spots() -> None:
    covered, empty = frames(people=0.0)
    assert not blind_cells(covered, empty).any()
    _, road = frames(people=0.0, trafficked=True)
    assert blind_cells(covered, road).all()
    assert not blind_cells(covered.assign(considered_m2=0.0, seen_1=np.nan), road).any()


def test_what_is_seen_is_not_blind_but_for_a_key_place_that_asks_for_more() -> None:
    covered, people = frames()
    seen = covered.assign(seen_1=0.3)
    assert not blind_cells(seen, people).any()
    assert blind_cells(seen, people, most_seen=0.3).all()
    _, place = frames(key_places=0.1)
    assert blind_cells(seen, place).all()


def test_a_spot_ends_where_another_grid_begins_and_its_parts_add_up() -> None:
    covered, exposure = frames(people=np.arange(len(CELLS), dtype=float) + 1, incidents=2.0)
    within = pd.Series(np.where(np.median(CELLS) > CELLS, "west", "east"), index=covered.index)
    one, two = blind_spots(covered, exposure), blind_spots(covered, exposure, within=within)
    assert len(one) == 1 and len(two) >= 2
    for found in (one, two):
        assert found["score"].sum() == pytest.approx(0.6)  # no roads and no key places there
        assert found["cells"].sum() == len(CELLS)
        assert found["people"].sum() == pytest.approx(exposure["people"].sum())
        assert found["rank"].tolist() == list(range(1, len(found) + 1))
        assert found["score"].is_monotonic_decreasing
    areas = within[two.attrs["cells"].index].groupby(two.attrs["cells"]).nunique()
    assert (areas == 1).all()
    assert one.geometry.iloc[0].geom_type == "Polygon"


def test_a_spot_that_shrinks_keeps_its_name() -> None:
    covered, exposure = frames()
    before = blind_spots(covered, exposure)
    smaller = covered.assign(seen_1=[1.0] * 8 + [0.0] * (len(CELLS) - 8))
    after = blind_spots(smaller, exposure, previous=before.attrs["cells"])
    assert before.index[0] in after.index


def test_weights_change_the_order_and_nonsense_is_refused() -> None:
    people = np.where(CELLS[0] == CELLS, 50.0, 0.0)
    roads = np.where(CELLS[-1] == CELLS, 50.0, 0.0)
    covered, exposure = frames(people=people, road_m=roads, trafficked=roads > 0)
    by_people = blind_spots(covered, exposure, weights={"people": 1.0})
    by_roads = blind_spots(covered, exposure, weights={"road_m": 2.0})
    assert by_people.index.tolist() == by_roads.index.tolist()[::-1]
    for wrong in ({"noise": 1.0}, {"people": 0.0}, {"people": -1.0, "road_m": 2.0}):
        with pytest.raises(BadInput):
            blind_spots(covered, exposure, weights=wrong)


def test_people_live_in_the_residential_buildings_of_their_area() -> None:
    homes = gpd.GeoDataFrame(
        {"floor_area_m2": [100.0, 300.0, np.nan]},
        geometry=[shapely.box(X + dx, Y, X + dx + 10, Y + 10) for dx in (0, 100, 5000)],
        crs=ZONE,
    )
    areas = gpd.GeoSeries(
        [shapely.box(X - 50, Y - 50, X + 200, Y + 50), shapely.box(X, Y + 900, X + 9, Y + 909)], crs=ZONE
    )
    found, homeless = spread_people(pd.Series([80.0, 7.0]), areas, homes, 12)
    assert found.sum() == pytest.approx(80.0)
    assert homeless == 7.0
    west = gpd.GeoSeries([shapely.box(X - 20, Y - 20, X + 40, Y + 30)], crs=ZONE).to_crs(4326).iloc[0]
    from geo.cells import polygons

    near = polygons(found.index.to_numpy()).intersects(west)
    assert found[near.to_numpy()].sum() == pytest.approx(20.0)


def test_traffic_is_within_fifteen_metres_of_a_road() -> None:
    points = sample(CELLS)
    middle = gpd.GeoSeries([shapely.Point(115.88, 31.74)], crs=4326).to_crs(points.crs).iloc[0]
    road = shapely.LineString([(middle.x - 500, middle.y), (middle.x + 500, middle.y)])
    found = trafficked(points, gpd.GeoDataFrame(geometry=[road], crs=points.crs))
    near = np.zeros(len(CELLS), dtype=bool)
    near[points.cell[np.abs(points.y - middle.y) <= 15]] = True
    assert (found == near).all() and found.any() and not found.all()
