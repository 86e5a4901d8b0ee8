"""A 5G site taken from one tower and put up on another, so that their number stays that of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sample_gis.devices.places import crowd
from sample_gis.planted.truth import change

if TYPE_CHECKING:
    from sample_gis.city import City

_CROWD_WITHIN_M = 900.0


def move_site(
    city: City, code: str, keep_from: NDArray[np.float64], distance_m: float, changed: dict[str, Any]
) -> str:
    """Move a 5G site, with its sectors, to the tower without 5G that most people live around.

    Parameters
    ----------
    keep_from : ndarray of float, shape (n, 2)
        Places that it may not come near.
    distance_m : float
        How near.
    changed : dict
        Of `sample_gis.planted.truth.entry`; gets the changes.

    Returns
    -------
    str
        Code of the tower.
    """
    stations, sectors, towers = (city.layers[name] for name in ("base_stations", "sectors", "towers"))
    row = int(np.flatnonzero(stations["code"] == code)[0])
    new = _free_tower(city, keep_from, distance_m)
    point = towers.geometry.iloc[new]
    lower = 2.0
    if stations.at[row, "host_kind"] == "tower":
        lower = _leave(city, row)
    operator = stations.at[row, "operator"]
    towers.at[new, "tenants"] = sorted({*towers.at[new, "tenants"], operator})
    towers.at[new, "free_slots"] = int(towers.at[new, "free_slots"]) - 1
    height = round(float(towers.at[new, "height_m"]) - lower, 1)
    change(
        city, "base_stations", row, changed,
        host_kind="tower", host_code=towers.at[new, "code"], tower_owner=towers.at[new, "owner"],
        height_m=height, name=_name(city, row, point),
    )  # fmt: skip
    stations.loc[[row], "geometry"] = point
    own = np.flatnonzero(sectors["site_code"] == code)
    for sector in own.tolist():
        change(city, "sectors", sector, changed, height_m=height)
    sectors.loc[own, "geometry"] = point
    return str(towers.at[new, "code"])


def _free_tower(city: City, keep_from: NDArray[np.float64], distance_m: float) -> int:
    """Return the row of the tower with a free platform and no 5G that most people live around."""
    stations, towers = city.layers["base_stations"], city.layers["towers"]
    stand = shapely.get_coordinates(towers.geometry.to_numpy())
    hosting = set(stations.loc[stations["technology"] == "5g", "host_code"])
    free = cKDTree(keep_from).query(stand)[0] > distance_m
    free &= ~towers["code"].isin(hosting).to_numpy() & (towers["free_slots"].to_numpy() > 0)
    rows = np.flatnonzero(free)
    if not len(rows):
        raise ValueError(f"no tower without 5G is free farther than {distance_m:.0f} m from planted places")
    return int(rows[np.lexsort([rows, -crowd(city, stand[rows], _CROWD_WITHIN_M)])[0]])


def _leave(city: City, station: int) -> float:
    """Take a station off its tower and return how far under the top it hung.

    Its operator stays a tenant where it has another station there.
    """
    stations, towers = city.layers["base_stations"], city.layers["towers"]
    code, operator = stations.at[station, "host_code"], stations.at[station, "operator"]
    tower = int(np.flatnonzero(towers["code"] == code)[0])
    others = stations.drop(index=station)
    if not ((others["host_code"] == code) & (others["operator"] == operator)).any():
        towers.at[tower, "tenants"] = [name for name in towers.at[tower, "tenants"] if name != operator]
    towers.at[tower, "free_slots"] = int(towers.at[tower, "free_slots"]) + 1
    return float(towers.at[tower, "height_m"]) - float(stations.at[station, "height_m"])


def _name(city: City, station: int, point: shapely.Point) -> str:
    """Return the name of a station at its new place: community, operator, generation and a free number."""
    stations, communities = city.layers["base_stations"], city.communities
    tree = shapely.STRtree(communities.geometry.to_numpy())
    places = communities["short_name"].to_numpy(dtype=object)
    old = stations.geometry.iloc[station]
    title = str(stations.at[station, "name"]).rsplit("-", 1)[0].removeprefix(places[int(tree.nearest(old))])
    stem = f"{places[int(tree.nearest(point))]}{title}"
    taken = set(stations["name"])
    return next(f"{stem}-{n}" for n in range(1, len(stations) + 1) if f"{stem}-{n}" not in taken)
