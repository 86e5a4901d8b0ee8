"""A small city for the browser: a few streets with everything that the map must show."""

from __future__ import annotations

from itertools import product

import geopandas as gpd
from shapely import LineString, Point, box

from layers.city import CityCard, store_card
from layers.database import Addresses, admin_connection
from layers.definitions.loading import Catalog
from layers.definitions.words import Words
from layers.importing.loading import load
from layers.scope import Scope
from layers.search.index import rebuild

WEST, SOUTH, EAST, NORTH = 115.86, 31.82, 115.94, 31.88
CENTRE = (115.9, 31.85)
STEP = 0.002
"""Distance of streets in degrees: about 190 m by 220 m."""

STREETS = 7
CAMERAS = STREETS * STREETS
NORTHWARD = f"SXT{0:04d}"
"""Camera that looks due north: zero is a direction."""
UNDIRECTED = f"SXT{1:04d}"
"""Camera whose direction is not known."""
COMMUNITY = "花园社区居民委员会"


def _frame(rows: list[dict[str, object]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326")


def _regions() -> gpd.GeoDataFrame:
    x, y = CENTRE
    areas = [
        ("341504", "county", "叶集区", "叶集区", "341500", box(WEST, SOUTH, EAST, NORTH)),
        ("341504001", "town", "史河街道", "史河街道", "341504", box(WEST, SOUTH, x, NORTH)),
        ("341504100", "town", "姚李镇", "姚李镇", "341504", box(x, SOUTH, EAST, NORTH)),
        ("341504001001", "community", COMMUNITY, "花园", "341504001", box(WEST, y, x, NORTH)),
        ("341504001002", "community", "顺河社区居民委员会", "顺河", "341504001", box(WEST, SOUTH, x, y)),
        ("341504100001", "community", "长岗村村民委员会", "长岗", "341504100", box(x, SOUTH, EAST, y)),
        ("341504100002", "community", "桥店村村民委员会", "桥店", "341504100", box(x, y, EAST, NORTH)),
    ]
    rows: list[dict[str, object]] = [
        {
            "code": code,
            "system": "admin",
            "level": level,
            "name": name,
            "short_name": short,
            "parent_code": parent,
            "code_prefix": code,
            "legal": False,
            "geometry": area,
        }
        for code, level, name, short, parent, area in areas
    ]
    for column, row in product(range(4), range(3)):
        west, south = WEST + column * 0.01, CENTRE[1] + row * 0.01
        number = column * 3 + row + 1
        rows.append(
            {
                "code": f"341504001001{number:03d}",
                "system": "governance_grid",
                "level": "governance_grid",
                "kind": "base",
                "name": f"花园第{number}网格",
                "parent_code": "341504001001",
                "code_prefix": f"341504001001{number:03d}",
                "legal": False,
                "worker_count": 1,
                "geometry": box(west, south, west + 0.01, south + 0.01),
            }
        )
    return _frame(rows)


def _corners() -> list[tuple[float, float]]:
    half = STREETS // 2
    x0, y0 = CENTRE[0] - half * STEP, CENTRE[1] - half * STEP
    return [(x0 + i * STEP, y0 + j * STEP) for i, j in product(range(STREETS), range(STREETS))]


def _streets() -> list[tuple[str, LineString]]:
    half = (STREETS // 2 + 0.6) * STEP
    x, y = CENTRE
    offsets = [(i - STREETS // 2) * STEP for i in range(STREETS)]
    across = [
        (f"民强{n}路", LineString([(x - half, y + d), (x + half, y + d)])) for n, d in enumerate(offsets)
    ]
    along = [
        (f"观山{n}路", LineString([(x + d, y - half), (x + d, y + half)])) for n, d in enumerate(offsets)
    ]
    return across + along


def _frames() -> dict[str, gpd.GeoDataFrame]:
    streets = _streets()
    corners = _corners()
    return {
        "regions": _regions(),
        "water": _frame(
            [{"code": "SX1", "name": "史河", "kind": "river", "geometry": box(115.866, SOUTH, 115.87, NORTH)}]
        ),
        "roads": _frame(
            [
                {
                    "code": f"DL{n}",
                    "name": name,
                    "class": "trunk" if n == 3 else "secondary",
                    "ref": "G312" if n == 3 else None,
                    "geometry": line,
                }
                for n, (name, line) in enumerate(streets)
            ]
        ),
        "buildings": _frame(
            [
                {
                    "code": f"JZ{n:04d}",
                    "use": "apartment",
                    "height_m": 18.0,
                    "floors": 6,
                    "geometry": box(x + 0.0004, y + 0.0006, x + 0.0016, y + 0.0008),
                }
                for n, (x, y) in enumerate(corners)
            ]
        ),
        "pipes": _frame(
            [
                {
                    "code": f"GX{n}",
                    "kind": "trunk",
                    "medium": "water" if n % 2 else "gas",
                    "diameter_mm": 300.0,
                    "geometry": line,
                }
                for n, (_, line) in enumerate(streets)
            ]
        ),
        "cameras": _frame(
            [
                {
                    "code": f"SXT{n:04d}",
                    "name": f"路口{n}号",
                    "kind": "fixed",
                    "online": n % 10 != 9,
                    "azimuth_deg": None if n == 1 else float(n * 30 % 360),
                    "view_angle_deg": 60.0,
                    "pixels_horizontal": 1920,
                    "height_m": 5.0,
                    "tilt_deg": 8.0,
                    "geometry": Point(x + 0.0001, y + 0.0001),
                }
                for n, (x, y) in enumerate(corners)
            ]
        ),
        "base_stations": _frame(
            [
                {
                    "code": f"JZHAN{n}",
                    "name": f"叶集{n}站",
                    "technology": "5g" if n % 2 else "4g",
                    "status": "planned" if n == 0 else "in_service",
                    "geometry": Point(x + 0.001, y + 0.0014),
                }
                for n, (x, y) in enumerate(corners[::6])
            ]
        ),
    }


def fill(addresses: Addresses, catalog: Catalog) -> None:
    """Load the city, its card and its search entries."""
    scope = Scope.everything("tests")
    with admin_connection(addresses) as connection:
        for name, frame in _frames().items():
            load(
                connection,
                catalog.layer(name),
                catalog.code_lists,
                frame,
                scope=scope,
                source="tests",
                provenance="synthetic",
            )
        card = CityCard(
            name=Words(zh="六安市叶集区", en="Yeji, Lu'an"),
            region="341504",
            bbox=(WEST, SOUTH, EAST, NORTH),
            as_of="2020-12-31",
            sample=True,
        )
        with connection.transaction():
            store_card(connection, card)
        rebuild(connection, catalog)
