"""A town of simple shapes: a 5 by 5 grid of streets on a slope, a village road, one house a quarter block."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sample_gis.city import City, Terrain
from sample_gis.profile import Figure, Profile, read_profile
from sample_gis.shapes.raster import Grid

WEST, SOUTH, STEP, COUNT = 500_000.0, 3_520_000.0, 200.0, 5
TOWN = "341504001"
#: Fall of the ground to the north, a twentieth of a town's usual relief.
FALL = 0.004
WIDTHS = {0: 24.0, 1: 20.0, 2: 13.0, 3: 8.0, 4: 5.0}


def small_profile(**figures: int) -> Profile:
    """Return the profile of Yeji with other numbers of things."""
    profile = read_profile("yeji")
    counts = {
        "cameras": 90, "base_stations_5g": 4, "base_stations_4g": 12, "base_stations_pdt": 1,
        "lamp_posts": 60, "multi_use_poles": 5, "sensors": 300, **figures,
    }  # fmt: skip
    small = {name: Figure(value=value, origin="synthetic", source="test") for name, value in counts.items()}
    return profile.model_copy(update={"figures": {**profile.figures, **small}})


def small_town(**figures: int) -> City:
    """Return the town; figures replace those of the profile."""
    city = City(small_profile(**figures))
    size = STEP * (COUNT - 1)
    city.outline = shapely.box(WEST - 3000, SOUTH - 3000, WEST + size + 3000, SOUTH + size + 3000)
    grid = Grid.around(city.outline.bounds, step=50.0, margin=500.0)
    _, y = grid.centres
    height = 60.0 - FALL * (y - SOUTH)
    flat = np.zeros(grid.rows * grid.columns)
    city.terrain = Terrain(
        grid=grid, height_m=height, slope=np.full(grid.shape, FALL), hilliness=np.zeros(grid.shape),
        river_distance_m=np.full(grid.shape, 1e4), catchment_m2=flat, receiver=flat.astype(np.int32),
    )  # fmt: skip
    city.river = shapely.box(WEST - 3000, SOUTH + size + 900, WEST + size + 3000, SOUTH + size + 1000)
    city.river_line = shapely.LineString(
        [(WEST - 3000, SOUTH + size + 950), (WEST + size + 3000, SOUTH + size + 950)]
    )
    city.canal = shapely.LineString([(WEST - 3000, SOUTH - 2000), (WEST + size + 3000, SOUTH - 2000)])
    stream = shapely.LineString([(WEST - 2000, SOUTH + size + 120), (WEST + 3000, SOUTH + size + 120)])
    city.streams = _frame(city, [stream], width_m=[4.0], catchment_km2=[5.0])
    city.ponds = _frame(city, [shapely.Point(WEST + 1500, SOUTH - 600).buffer(20)])
    city.reservoirs = _frame(city, [shapely.Point(WEST + 2500, SOUTH - 900).buffer(90)])
    city.railways = _frame(
        city, [shapely.LineString([(WEST - 3000, SOUTH - 1500), (WEST + 3800, SOUTH - 1500)])], name=["铁路"]
    )
    built_up = shapely.box(WEST - 30, SOUTH - 30, WEST + size + 30, SOUTH + size + 30)
    seat = shapely.Point(WEST + size / 2, SOUTH + size / 2)
    city.towns = gpd.GeoDataFrame(
        {"name": ["叶集"], "kind": ["street"], "seat": [seat], "built_up": [built_up]},
        geometry=[city.outline], index=[TOWN], crs=city.crs,
    )  # fmt: skip
    village = shapely.Point(WEST + size + 1500, SOUTH + 400)
    city.communities = gpd.GeoDataFrame(
        {
            "name": ["东村村民委员会", "城中社区居民委员会"], "short_name": ["东村", "城中社区"],
            "town": [TOWN, TOWN], "urban": [False, True],
            "site": [village, shapely.Point(WEST + 300, SOUTH + 300)],
        },
        geometry=[
            shapely.box(WEST + size + 500, SOUTH - 3000, WEST + size + 3000, SOUTH + size + 3000),
            shapely.box(WEST - 3000, SOUTH - 3000, WEST + size + 500, SOUTH + size + 3000),
        ],
        index=[f"{TOWN}201", f"{TOWN}001"], crs=city.crs,
    )  # fmt: skip
    _add_roads(city)
    _add_blocks(city)
    rng = np.random.default_rng(1)
    city.hamlets = np.column_stack(
        [rng.uniform(WEST + size + 600, WEST + size + 2800, 40), rng.uniform(SOUTH - 900, SOUTH + size, 40)]
    )
    return city


def _frame(city: City, geometry: list[shapely.Geometry], **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=city.crs)


def _add_roads(city: City) -> None:
    number = {(i, j): i * COUNT + j for i in range(COUNT) for j in range(COUNT)}
    places = [(WEST + i * STEP, SOUTH + j * STEP) for i, j in number]
    rows = []
    for (i, j), node in number.items():
        for di, dj in ((1, 0), (0, 1)):
            other = number.get((i + di, j + dj))
            if other is not None:
                # The middle streets are main ones, the rim is secondary, the rest are residential or lanes.
                line = j if di else i
                rank = {0: 2, 2: 1 if di else 0, 4: 2}.get(line, 3 if (i + j) % 3 else 4)
                rows.append((rank, TOWN, node, other))
    # Out of the town a road leads east, with a fork in the country.
    east = number[COUNT - 1, 2]
    for x, y in ((1200.0, 0.0), (2600.0, 0.0), (1200.0, 700.0)):
        places.append((places[east][0] + x, places[east][1] + y))
    fork = len(places) - 3
    rows += [(1, "", east, fork), (2, "", fork, fork + 1), (3, "", fork, fork + 2)]
    lines = [shapely.LineString([places[a], places[b]]) for _, _, a, b in rows]
    city.roads = _frame(
        city, lines,
        **{
            "code": [f"R{at:03d}" for at in range(len(rows))], "class": [row[0] for row in rows],
            "ref": [""] * len(rows), "name": ["" if row[1] == "" else "长江路" for row in rows],
            "width_m": [WIDTHS[row[0]] for row in rows], "town": [row[1] for row in rows],
            "from_node": [row[2] for row in rows], "to_node": [row[3] for row in rows],
        },
    )  # fmt: skip
    city.road_nodes = pd.DataFrame(places, columns=["x", "y"])


def _add_blocks(city: City) -> None:
    uses = ["core", "estate", "school", "industry", "civic", "self_built", "park", "mixed"]
    kinds = {"core": "shop", "estate": "apartment", "industry": "factory"}
    blocks, houses, sites = [], [], []
    for i in range(COUNT - 1):
        for j in range(COUNT - 1):
            x, y = WEST + i * STEP, SOUTH + j * STEP
            block = shapely.box(x + 14, y + 14, x + STEP - 14, y + STEP - 14)
            use = uses[(i * 3 + j) % len(uses)]
            blocks.append((use, block, shapely.box(x, y, x + STEP, y + STEP)))
            if use == "school":
                sites.append((len(blocks) - 1, block))
            if use == "park":
                continue
            for a in (0, 1):
                for b in (0, 1):
                    house = shapely.box(x + 30 + 85 * a, y + 30 + 85 * b, x + 85 + 85 * a, y + 70 + 85 * b)
                    floors = 8 if use in {"estate", "industry"} else 3
                    houses.append((kinds.get(use, "house"), house, len(blocks) - 1, floors))
    rural = shapely.box(WEST + 2200, SOUTH + 340, WEST + 2230, SOUTH + 350)
    houses.append(("village", rural, -1, 2))
    city.blocks = _frame(
        city, [block for _, block, _ in blocks],
        use=[use for use, _, _ in blocks], town=[TOWN] * len(blocks), centrality=[0.5] * len(blocks),
        face=[face for _, _, face in blocks], name=[None] * len(blocks),
    )  # fmt: skip
    city.buildings = _frame(
        city, [house for _, house, _, _ in houses],
        code=[f"B{at:03d}" for at in range(len(houses))], use=[use for use, _, _, _ in houses],
        floors=[floors for _, _, _, floors in houses], height_m=[3.2 * floors for _, _, _, floors in houses],
        built=[1985 + at % 35 for at in range(len(houses))], block=[block for _, _, block, _ in houses],
        name=[None] * len(houses),
    )  # fmt: skip
    city.school_sites = _frame(
        city, [site for _, site in sites],
        name=["第一小学", "第二小学", "第三小学"][: len(sites)], kind=["primary"] * len(sites),
        block=[block for block, _ in sites], town=[TOWN] * len(sites),
    )  # fmt: skip
