"""What docs/sample_city.md says of a city in numbers: one function a row of its tables.

``python -m tests.sample_gis.measures`` prints the numbers of the whole sample city for the tables.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sample_gis.city import City

Measure = Callable[[City], float]
#: Directions of the orientation histogram: Boeing (2019) takes 36 bins of 10 degrees.
BINS = 36


def _built_up_km2(city: City) -> float:
    return float(shapely.area(city.towns["built_up"].to_numpy()).sum() / 1e6)


def _degrees(city: City) -> NDArray[np.int64]:
    """Return how many streets meet at each node of the towns' networks."""
    roads = city.roads
    degree = np.bincount(np.concatenate([roads["from_node"], roads["to_node"]]))
    streets = roads[roads["town"] != ""]
    return np.asarray(degree[np.unique(np.concatenate([streets["from_node"], streets["to_node"]]))])


def _street_density(city: City, lowest: int) -> float:
    streets = city.roads[(city.roads["town"] != "") & (city.roads["class"] <= lowest)]
    return float(streets.length.sum() / 1000 / _built_up_km2(city))


def orientation_entropy(city: City) -> float:
    """Return the entropy of the bearings of street pieces in towns, both ways, by length, in nats."""
    bearings, weights = [], []
    for line in city.roads.geometry[city.roads["town"] != ""]:
        across, up = np.diff(shapely.get_coordinates(line), axis=0).T
        bearings.append(np.degrees(np.arctan2(across, up)))
        weights.append(np.hypot(across, up))
    one_way, length = np.concatenate(bearings), np.concatenate(weights)
    both = np.concatenate([one_way, one_way + 180.0])
    # The first bin is centred on north.
    counts, _ = np.histogram(
        (both + 180.0 / BINS) % 360, BINS, (0, 360), weights=np.concatenate([length, length])
    )
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum())


def _block_area_ha(percent: float) -> Measure:
    return lambda city: float(np.percentile(city.blocks.area, percent) / 1e4)


def _coverage(use: str, *, floors: bool) -> Measure:
    def measure(city: City) -> float:
        blocks = city.blocks[city.blocks["use"] == use]
        own = city.buildings[city.buildings["block"].isin(blocks.index)]
        return float((own.area * (own["floors"] if floors else 1)).sum() / blocks.area.sum())

    return measure


def _floor_area_per_head(city: City) -> float:
    dwellings = city.buildings[city.buildings["use"].isin(["apartment", "house", "village"])]
    return float((dwellings.area * dwellings["floors"]).sum() / city.profile.count("residents"))


def _height_m(percent: float) -> Measure:
    return lambda city: float(np.percentile(city.buildings["height_m"], percent))


def _between_cameras_m(percent: float) -> Measure:
    def measure(city: City) -> float:
        at = shapely.get_coordinates(city.layers["cameras"].geometry.to_numpy())
        return float(np.percentile(cKDTree(at).query(at, k=2)[0][:, 1], percent))

    return measure


def _between_camera_sites_m(city: City) -> float:
    """Return the median distance between groups of cameras: those within 45 m are one junction."""
    at = shapely.get_coordinates(city.layers["cameras"].geometry.to_numpy())
    groups = shapely.get_parts(shapely.union_all(shapely.buffer(shapely.points(at), 22.5)))
    middles = shapely.get_coordinates(shapely.centroid(groups))
    return float(np.median(cKDTree(middles).query(middles, k=2)[0][:, 1]))


def _of_cameras(column: str, value: object) -> Measure:
    def measure(city: City) -> float:
        found = city.layers["cameras"][column]
        return float((found.isna() if value is None else found == value).mean())

    return measure


def _gravity(city: City) -> GeoDataFrame:
    """Return the gravity pipes in which no defect was planted."""
    pipes = city.layers["pipes"]
    planted = {one.get("pipe") for one in city.truth.get("pipe_defects", [])}
    return pipes[(pipes["pressure_level"] == "gravity") & ~pipes["code"].isin(planted)]


def _gravity_slope(percent: float) -> Measure:
    def measure(city: City) -> float:
        own = _gravity(city)
        return float(
            np.percentile((own["start_invert_m"] - own["end_invert_m"]) / own.length * 1000, percent)
        )

    return measure


def _gravity_depth_m(percent: float) -> Measure:
    def measure(city: City) -> float:
        return float(np.percentile(_gravity(city)["start_depth_m"], percent))

    return measure


def _metres_of_main_per(kind: str) -> Measure:
    def measure(city: City) -> float:
        pipes, nodes = city.layers["pipes"], city.layers["pipe_nodes"]
        mains = pipes[(pipes["medium"] == "water") & (pipes["kind"] != "service")]
        count = ((nodes["medium"] == "water") & (nodes["kind"] == kind)).sum()
        return float(mains.length.sum() / count)

    return measure


def _in_hours(first: int, end: int) -> Measure:
    def measure(city: City) -> float:
        hours = city.layers["incidents"]["occurred_at"].dt.hour
        return float(((hours >= first) & (hours < end)).mean())

    return measure


def _weekend_ratio(city: City) -> float:
    day = city.layers["incidents"]["occurred_at"].dt.day_of_week
    return float((day >= 5).sum() / 2 / ((day < 5).sum() / 5))


def _february_ratio(city: City) -> float:
    by_day = city.layers["incidents"].groupby(city.layers["incidents"]["occurred_at"].dt.day_of_year).size()
    return float(by_day.loc[32:60].mean() / by_day.mean())


def _day_dispersion(city: City) -> float:
    made = city.layers["incidents"]
    by_day = made.groupby(made["occurred_at"].dt.day_of_year).size()
    return float(by_day.var() / by_day.mean())


def _reporting_delay_minutes(percent: float) -> Measure:
    def measure(city: City) -> float:
        made = city.layers["incidents"]
        delay = (made["reported_at"] - made["occurred_at"]).dt.total_seconds() / 60
        return float(np.percentile(delay, percent))

    return measure


#: By the name in the first column of the tables.
MEASURES: dict[str, Measure] = {
    "hamlets per km²": lambda city: len(city.hamlets) / (city.outline.area / 1e6),
    "ponds per km²": lambda city: len(city.ponds) / (city.outline.area / 1e6),
    "pond, median, m²": lambda city: float(city.ponds.area.median()),
    "streams, km/km²": lambda city: (
        city.streams.intersection(city.outline).length.sum() / 1000 / (city.outline.area / 1e6)
    ),
    "nodes of three arms, share": lambda city: float((_degrees(city) == 3).mean()),
    "dead ends, share": lambda city: float((_degrees(city) == 1).mean()),
    "junctions per km²": lambda city: float((_degrees(city) >= 3).sum() / _built_up_km2(city)),
    "orientation entropy, nats": orientation_entropy,
    "all streets, km/km²": lambda city: _street_density(city, 4),
    "main and secondary streets, km/km²": lambda city: _street_density(city, 2),
    "block, 10 %, ha": _block_area_ha(10),
    "block, median, ha": _block_area_ha(50),
    "block, 90 %, ha": _block_area_ha(90),
    "one to three storeys, share": lambda city: float((city.buildings["floors"] <= 3).mean()),
    "eight storeys and more, share": lambda city: float((city.buildings["floors"] >= 8).mean()),
    "height, median, m": _height_m(50),
    "height, 90 %, m": _height_m(90),
    "height, highest, m": _height_m(100),
    "footprint, median, m²": lambda city: float(city.buildings.area.median()),
    "coverage, core": _coverage("core", floors=False),
    "coverage, self-built": _coverage("self_built", floors=False),
    "coverage, estate": _coverage("estate", floors=False),
    "coverage, industry": _coverage("industry", floors=False),
    "floor area ratio, core": _coverage("core", floors=True),
    "floor area ratio, estate": _coverage("estate", floors=True),
    "dwelling floor area per head, m²": _floor_area_per_head,
    "gravity pipe, least slope, ‰": _gravity_slope(0),
    "gravity pipe, median slope, ‰": _gravity_slope(50),
    "gravity pipe, cover, least, m": _gravity_depth_m(0),
    "gravity pipe, cover, 95 %, m": _gravity_depth_m(95),
    "metres of water main per valve": _metres_of_main_per("valve"),
    "metres of water main per hydrant": _metres_of_main_per("hydrant"),
    "camera to the next, median, m": _between_cameras_m(50),
    "camera to the next, 90 %, m": _between_cameras_m(90),
    "camera site to the next, median, m": _between_camera_sites_m,
    "cameras offline, share": _of_cameras("online", value=False),
    "cameras without a known direction, share": _of_cameras("azimuth_deg", None),
    "incidents from 7 to 11, share": _in_hours(7, 11),
    "incidents from 16 to 20, share": _in_hours(16, 20),
    "incidents from 0 to 5, share": _in_hours(0, 5),
    "weekend day to working day": _weekend_ratio,
    "day of February to mean day": _february_ratio,
    "variance to mean of days": _day_dispersion,
    "repeat reports, share": lambda city: float(city.layers["incidents"]["repeat_of"].notna().mean()),
    "reporting delay, median, minutes": _reporting_delay_minutes(50),
    "reporting delay, 90 %, minutes": _reporting_delay_minutes(90),
}


def main() -> None:
    """Print the numbers of the whole sample city."""
    from sample_gis.making import make_city
    from sample_gis.profile import read_profile

    city = make_city(read_profile("yeji"))
    for name, measure in MEASURES.items():
        print(f"{name}\t{measure(city):.4g}")


if __name__ == "__main__":
    main()
