"""Cameras taken from one place and put up at another, so that their number stays that of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sample_gis.devices import poles
from sample_gis.devices.camera_sites import Site, country_sites
from sample_gis.devices.cameras import place_of
from sample_gis.devices.clock import days_of
from sample_gis.devices.identity import GOVERNMENT_NETWORK, IP_CAMERA, device_ids
from sample_gis.devices.junctions import legs_of
from sample_gis.devices.places import Ground

if TYPE_CHECKING:
    from sample_gis.city import City

#: From every other camera, metres.
_APART_M = 60.0


def move_cameras(city: City, rows: Sequence[int], keep_from: NDArray[np.float64], distance_m: float) -> None:
    """Put cameras up at country junctions that have none, on poles of their own, as a town office would.

    Parameters
    ----------
    rows : sequence of int
        Rows of the layer ``cameras``.
    keep_from : ndarray of float, shape (n, 2)
        Places that no camera may come near.
    distance_m : float
        How near.

    Raises
    ------
    ValueError
        Where there are too few junctions left.
    """
    if not rows:
        return
    ground, random = Ground(city), city.random("moved cameras")
    found = _free_sites(city, ground, len(rows), keep_from, distance_m)
    cameras, count = city.layers["cameras"], len(rows)
    xy = np.array([site.xy for site in found])
    old_poles = cameras["pole_code"].to_numpy(dtype=object)[list(rows)]
    codes = _new_poles(city, found, xy)
    height = np.round(random.uniform(4.2, 5.5, count), 1)
    azimuth = np.round((np.array([site.azimuth_deg for site in found]) + random.normal(0, 6, count)) % 360, 1)
    taken = set(cameras["name"])
    geometry = cameras.geometry.to_numpy().copy()
    for at, row in enumerate(rows):
        stem = place_of(found[at].name, "country")
        number = next(n for n in range(1, len(cameras)) if f"{stem}{n}" not in taken)
        taken.add(f"{stem}{number}")
        values = {
            "name": f"{stem}{number}", "place": stem, "pole_code": codes[at], "height_m": height[at],
            "azimuth_deg": azimuth[at] % 360, "setting": "rural", "tier": "2", "owner_department": "town",
            "using_departments": ["town", "public_security"], "build_mode": "accessed", "high_point": False,
        }  # fmt: skip
        for name, value in values.items():
            cameras.at[row, name] = value
        geometry[row] = shapely.Point(xy[at])
    city.layers["cameras"] = cameras.set_geometry(geometry, crs=city.crs)
    renumber(city, ground, rows)
    poles.unmount(city, [code for code in old_poles if code is not None], "camera", "cameras")


def _free_sites(
    city: City, ground: Ground, count: int, keep_from: NDArray[np.float64], distance_m: float
) -> list[Site]:
    stand = shapely.get_coordinates(city.layers["cameras"].geometry.to_numpy())
    known, forbidden = cKDTree(stand), cKDTree(keep_from)
    chosen: list[Site] = []
    for site in country_sites(city, ground, legs_of(city)):
        if len(chosen) == count:
            return chosen
        near = known.query(site.xy)[0] < _APART_M or forbidden.query(site.xy)[0] < distance_m
        if near or any(np.hypot(site.xy[0] - s.xy[0], site.xy[1] - s.xy[1]) < _APART_M for s in chosen):
            continue
        chosen.append(site)
    if len(chosen) < count:
        raise ValueError(f"there are {len(chosen)} junctions without a camera for {count} cameras to move")
    return chosen


def _new_poles(city: City, found: list[Site], xy: NDArray[np.float64]) -> list[str]:
    count = len(found)
    stand = city.layers["poles"]["code"]
    last = int(stand[stand.str.startswith("JK")].str.slice(2).astype(int).max())
    codes = [f"JK{last + number:05d}" for number in range(1, count + 1)]
    random = city.random("moved cameras: poles")
    year = np.full(count, city.as_of.year, dtype=np.int64)
    poles.add(
        city,
        poles.frame(
            city,
            code=codes,
            kind=np.full(count, "camera", dtype=object),
            modules=[["camera"] for _ in range(count)],
            xy=xy,
            road_code=np.array([site.road for site in found], dtype=object),
            height_m=np.full(count, 6.5),
            owner="视频监控建设单位（样例）",
            power=np.full(count, "mains", dtype=object),
            backhaul=np.full(count, "fibre", dtype=object),
            installed_on=days_of(city, year, random),
        ),
    )
    return codes


def renumber(city: City, ground: Ground, rows: Sequence[int]) -> None:
    """Give moved cameras the identifier of their new town and owner; their number in it stays."""
    cameras = city.layers["cameras"]
    xy = shapely.get_coordinates(cameras.geometry.to_numpy())
    owner = cameras["owner_department"].to_numpy(dtype=object)
    identity = device_ids(city.profile.county, ground.town_number(xy), owner, IP_CAMERA, GOVERNMENT_NETWORK)
    for row in rows:
        cameras.at[row, "device_id"] = identity[row]
        cameras.at[row, "stream_reference"] = f"gb28181:{identity[row]}"
