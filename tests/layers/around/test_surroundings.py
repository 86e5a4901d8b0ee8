"""What lies around a place, held against PROJ's geodesic lengths and shapely's own areas."""

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from geo.reach import road_graph
from layers.around.area import MOST_VERTICES, BadArea, make_area
from layers.around.kept import Rows
from layers.around.subjects import Subject
from layers.around.surroundings import Ways, look_around, nearest_stock

AT = (115.92, 31.83)
GEOD = pyproj.Geod(ellps="WGS84")


def rows_of(area, shapes, **columns):
    """Return rows in the metric system of an area."""
    metric = (
        gpd.GeoSeries(shapes, crs=4326).to_crs(area.crs).to_numpy() if len(shapes) else np.array([], object)
    )
    size = len(shapes) or max((len(one) for one in columns.values()), default=0)
    made = {name: np.array(values, dtype=object) for name, values in columns.items()}
    made.setdefault("code", np.array([f"c{number}" for number in range(size)], dtype=object))
    return Rows(np.arange(size), made, metric, shapely.STRtree(metric), area.crs, "")


def point(lon, lat):
    """Return a GeoJSON point."""
    return {"type": "Point", "coordinates": [lon, lat]}


def away(bearing, metres):
    """Return a point at a geodesic distance."""
    lon, lat, _ = GEOD.fwd(*AT, bearing, metres)
    return shapely.Point(lon, lat)


def test_rings_hold_what_is_within_their_geodesic_distance_and_the_list_is_in_its_order():
    random = np.random.default_rng(3)
    metres = random.uniform(10, 3000, 200)
    metres = metres[np.abs(metres[:, None] - [500, 1000, 2000]).min(axis=1) > 5]
    area = make_area(point(*AT))
    rows = rows_of(area, [away(random.uniform(0, 360), one) for one in metres], name=["x"] * len(metres))
    found = look_around(area, Subject("things", "things", shown=("name",)), rows, Ways(area, None))
    assert found.within == tuple(float((metres <= radius).sum()) for radius in (500, 1000, 2000))
    told = [met.distance_m for met in found.nearest]
    assert told == pytest.approx(sorted(metres)[: len(told)], rel=1e-3)


def test_people_of_a_cell_count_by_its_share_of_area_and_pipes_by_their_length_inside():
    area = make_area(point(*AT), radii_m=[300])
    ring = gpd.GeoSeries([area.rings[0]], crs=area.crs).to_crs(4326).iloc[0]
    west, south, east, north = ring.bounds
    half = shapely.box(west - (east - west), south, (west + east) / 2, north)
    people = rows_of(area, [half], residents=[100.0])
    found = look_around(area, Subject("people", "p", measure="sum", of="residents"), people, Ways(area, None))
    metric = people.shapes[0]
    assert found.within[0] == pytest.approx(100 * metric.intersection(area.rings[0]).area / metric.area)
    line = shapely.LineString([away(270, 1000), shapely.Point(*AT), away(90, 100)])
    pipes = rows_of(area, [line], medium=["gas"])
    told = look_around(area, Subject("pipes", "p", measure="length", split="medium"), pipes, Ways(area, None))
    assert told.within[0] == pytest.approx(0.4, rel=2e-3)
    assert told.parts == {"gas": told.within}


def test_teams_are_ordered_by_the_road_and_not_by_the_line_and_one_way_roads_count_towards_the_place():
    area = make_area(point(*AT))
    near, far = away(90, 400), away(0, 900)
    detour = shapely.LineString([near, away(90, 5000), away(180, 4000), shapely.Point(*AT)])
    straight = shapely.LineString([far, shapely.Point(*AT)])
    roads = gpd.GeoDataFrame(
        {"class": ["main", "main"], "oneway": [True, True]}, geometry=[detour, straight], crs=4326
    )
    teams = rows_of(area, [near, far], kind=["fire_team"] * 2, name=["近", "远"])
    subject = Subject("teams", "t", only={"kind": ("fire_team",)}, by_road=True, shown=("name",))
    by_road = look_around(area, subject, teams, Ways(area, road_graph(roads)))
    assert [met.facts["name"] for met in by_road.nearest] == ["远", "近"]
    assert by_road.nearest[0].minutes == pytest.approx(0.9 / 45 * 60, rel=1e-2)
    by_line = look_around(area, subject, teams, Ways(area, None))
    assert [met.facts["name"] for met in by_line.nearest] == ["近", "远"]


def test_an_item_comes_from_the_first_store_that_has_any_of_it():
    area = make_area(point(*AT))
    stores = rows_of(
        area, [away(0, 300), away(0, 3000)], code=["A", "B"], kind=["store"] * 2, name=["甲", "乙"]
    )
    supplies = rows_of(
        area, [], store_code=["A", "B", "B", "C"], item_code=["tent", "tent", "boat", "boat"],
        item=["帐篷", "帐篷", "冲锋舟", "冲锋舟"], quantity=[0.0, 4.0, 2.0, 9.0],
        unit=["顶", "顶", "艘", "艘"], minimum=[5.0, 5.0, None, 1.0], stage=["stored"] * 4,
    )  # fmt: skip
    subject = Subject("stores", "s", only={"kind": ("store",)}, shown=("name",))
    found = nearest_stock(subject, stores, supplies, Ways(area, None))
    assert [(one.item, one.store.code, one.quantity, one.below_minimum) for one in found] == [
        ("boat", "B", 2.0, False), ("tent", "B", 4.0, True),
    ]  # fmt: skip
    assert [one.item for one in nearest_stock(subject, stores, supplies, Ways(area, None), item="boat")] == [
        "boat"
    ]


def ring_of(vertices):
    """Return a polygon that is nearly round."""
    turn = np.linspace(0, 2 * np.pi, vertices)
    return [[AT[0] + 0.01 * np.cos(one), AT[1] + 0.01 * np.sin(one)] for one in turn]


def test_a_line_with_a_width_is_as_wide_as_told():
    line = {"type": "LineString", "coordinates": [list(AT), [away(45, 2000).x, away(45, 2000).y]]}
    area = make_area(line, width_m=80)
    assert area.shape.area == pytest.approx(2000 * 80, rel=2e-3)
    assert area.radii_m == (0.0,)


@pytest.mark.parametrize(
    ("geometry", "more", "expected"),
    [
        (None, {}, "area-kind"),
        ({"type": "GeometryCollection", "geometries": []}, {}, "area-kind"),
        ({"type": "Point"}, {}, "area-coordinates"),
        ({"type": "Point", "coordinates": []}, {}, "area-coordinates"),
        ({"type": "Point", "coordinates": ["a", 2]}, {}, "area-coordinates"),
        ({"type": "Point", "coordinates": [31.8, 115.9]}, {}, "area-degrees"),
        ({"type": "Polygon", "coordinates": [[[115, 31], [116, 32], [116, 31], [115, 32], [115, 31]]]}, {},
         "area-crosses"),
        ({"type": "Polygon", "coordinates": [ring_of(100_000)]}, {}, "area-vertices"),
        ({"type": "Polygon", "coordinates": [[[]] * 100_000]}, {}, "area-vertices"),
        ({"type": "Polygon", "coordinates": [[[110, 25], [120, 25], [120, 35], [110, 35], [110, 25]]]}, {},
         "area-area"),
        ({"type": "LineString", "coordinates": [[115, 31], [115.1, 31]]}, {}, "area-width"),
        (point(*AT), {"radii_m": []}, "area-radii"),
        (point(*AT), {"radii_m": [0]}, "area-radii"),
        (point(*AT), {"radii_m": [float("nan")]}, "area-radii"),
        (point(*AT), {"radii_m": [1, 2, 3, 4, 5, 6]}, "area-radii"),
    ],
)  # fmt: skip
def test_a_place_that_cannot_be_used_is_refused_with_its_reason(geometry, more, expected):
    with pytest.raises(BadArea) as refusal:
        make_area(geometry, **more)
    assert refusal.value.details["expected"] == expected


def test_a_polygon_of_as_many_vertices_as_allowed_is_taken():
    ring = ring_of(MOST_VERTICES)
    ring[-1] = ring[0]
    assert make_area({"type": "Polygon", "coordinates": [ring]}).kind == "polygon"
