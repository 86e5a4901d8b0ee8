"""From the sites of a plan to the changes of a scenario: features that would be added."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import shapely

from layers.runs.siting.cameras import CAMERA, HIGHEST_M
from layers.runs.siting.parameters import Device
from layers.runs.siting.shared_poles import MICRO
from layers.runs.siting.stations import SECTOR
from layers.scenarios.changes import Op, Proposed

#: What carries a station that is planned at a candidate of each source.
HOSTS = {
    "existing_4g": "tower", "towers": "tower", "poles": "pole", "roofs": "rooftop",
    "public_buildings": "rooftop", "key_places": "other", "grid": "other",
}  # fmt: skip


def planned_changes(sites: Iterable[Mapping[str, Any]], *, run: int) -> list[Proposed]:
    """Return what a scenario adds to stand for the sites of a plan.

    Parameters
    ----------
    sites : iterable of mapping
        Rows of the result of a run of kind ``site_plan``: its columns, and ``geometry``, a point in degrees.
    run : int
        Number of the run: codes of added features begin with it.

    Returns
    -------
    list of Proposed
        In the order of the plan. A station is one feature of ``base_stations`` and its three ``sectors``, a
        camera one of ``cameras``, a shared pole what hangs on it: a station with its sectors, and cameras.
        The cost of a site is that of its first feature.

    Examples
    --------
    >>> site = {"device": "stations", "rank": 1.0, "year": 2021.0, "source": "towers", "host": "TT01",
    ...     "name": None, "height_m": 35.0, "azimuth_deg": 90.0, "tilt_deg": 2.0,
    ...     "geometry": shapely.Point(115.9, 31.8)}
    >>> found = planned_changes([site], run=7)
    >>> [(one.layer, one.properties["code"], one.year) for one in found][:2]
    [('base_stations', 'P7-0001', 2021), ('sectors', 'P7-0001-1', 2021)]
    >>> [one.properties["azimuth_deg"] for one in found[1:]]
    [90.0, 210.0, 330.0]
    """
    found: list[Proposed] = []
    for one in sorted(sites, key=lambda site: float(site["rank"])):
        code = f"P{run}-{int(one['rank']):04d}"
        found += _MAKERS[Device(one["device"])](one, code)
    return found


def _station(
    site: Mapping[str, Any], code: str, equipment: Mapping[str, Any] = SECTOR, *, kind: str = "macro"
) -> list[Proposed]:
    host = {"host_kind": HOSTS.get(str(site["source"]), "other"), "host_code": site["host"]}
    # A 4G site is a station itself, not what carries it, and a place of a grid is nothing that stands.
    if site["source"] in ("existing_4g", "grid"):
        host["host_code"] = None
    station = {
        "code": code, "name": site["name"], "technology": "5g", "counting_unit": "site", "kind": kind,
        "build_mode": "upgraded" if site["source"] == "existing_4g" else "new",
        "height_m": site["height_m"], **host,
    }  # fmt: skip
    found = [_add("base_stations", station, site, cost=_cost(site))]
    for number in range(3):
        sector = {
            "code": f"{code}-{number + 1}", "site_code": code, "technology": "5g", "band": "n41",
            "duplex": "tdd", **equipment, "height_m": site["height_m"],
            "azimuth_deg": (float(site["azimuth_deg"]) + 120.0 * number) % 360.0,
            "mechanical_tilt_deg": site["tilt_deg"],
        }  # fmt: skip
        found.append(_add("sectors", sector, site))
    return found


def _camera(site: Mapping[str, Any], code: str) -> list[Proposed]:
    on_pole = {"pole_code": site["host"]} if site["source"] == "poles" else {}
    camera = {
        "code": code, "name": site["name"], **CAMERA, "azimuth_deg": site["azimuth_deg"],
        "height_m": site["height_m"], "online": True, **on_pole,
    }  # fmt: skip
    return [_add("cameras", camera, site, cost=_cost(site))]


def _pole(site: Mapping[str, Any], code: str) -> list[Proposed]:
    found: list[Proposed] = []
    if site["azimuth_deg"] is not None and not math.isnan(site["azimuth_deg"]):
        found += _station(site, code, MICRO, kind="micro")
    for number, azimuth in enumerate(str(site["camera_azimuths"] or "").split(","), 1):
        if azimuth:
            height = min(float(site["height_m"]), HIGHEST_M)
            turned = {**site, "azimuth_deg": float(azimuth), "height_m": height}
            found += _camera(turned if not found else {**turned, "cost": None}, f"{code}-C{number}")
    return found


def _cost(site: Mapping[str, Any]) -> float | None:
    cost = site.get("cost")
    return None if cost is None or math.isnan(cost) else float(cost)


_MAKERS: dict[Device, Callable[[Mapping[str, Any], str], list[Proposed]]] = {
    Device.STATIONS: _station,
    Device.CAMERAS: _camera,
    Device.POLES: _pole,
}


def _add(
    layer: str, properties: Mapping[str, Any], site: Mapping[str, Any], *, cost: float | None = None
) -> Proposed:
    known = {name: value for name, value in properties.items() if value is not None}
    point = shapely.Point(site["geometry"].x, site["geometry"].y)
    return Proposed(Op.ADD, layer, properties=known, geometry=point, year=int(site["year"]), cost=cost)
