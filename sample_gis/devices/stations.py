"""Base station sites of 4G and 5G: layer ``base_stations``; in towns on roofs and poles, else on towers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from sample_gis.devices import poles, sectors
from sample_gis.devices.clock import days_of
from sample_gis.devices.places import Ground, Points, crowd, nearest, spread_out
from sample_gis.finishing import finished
from sample_gis.shares import apportion

if TYPE_CHECKING:
    from sample_gis.city import City

SOURCE = "位置与参数为样例合成；站数引自叶集区规划（基站现状）"
#: Share of the sites of each operator; synthetic.
_SHARES_5G = {"cmcc": 0.51, "ctcc": 0.25, "cucc": 0.225, "cbn": 0.015}
_SHARES_4G = {"cmcc": 0.45, "ctcc": 0.29, "cucc": 0.26}
#: Share of each operator's 4G sites that stand in the country.
_COUNTRY_4G = 0.55
#: Who shares a site of whom: 电信 and 联通 built 5G together from 2019.
_SHARED_5G = {"ctcc": ["cucc"], "cucc": ["ctcc"], "cmcc": [], "cbn": ["cmcc"]}
_ON_POLES = 12
_POLE_REACH_M = 120.0


@dataclass(frozen=True)
class Hosts:
    """What an antenna can stand on: roofs in towns, then all towers.

    Attributes
    ----------
    xy : ndarray of float, shape (n, 2)
    height_m : ndarray of float
        Height of an antenna there.
    kind : ndarray of str
        ``rooftop`` or ``tower``.
    code : ndarray of str
        Code of the building or tower.
    urban : ndarray of bool
    crowd : ndarray of float
        Floor area around, hundreds of m².
    """

    xy: Points
    height_m: NDArray[np.float64]
    kind: NDArray[np.object_]
    code: NDArray[np.object_]
    urban: NDArray[np.bool_]
    crowd: NDArray[np.float64]


def make(city: City) -> None:
    """Place exactly the profile's 5G and 4G sites and their sectors; reads buildings, towers and poles."""
    random = city.random("stations")
    hosts = _hosts(city)
    jitter = np.round(random.uniform(0.9, 1.1, len(hosts.xy)), 3)
    new = _sites_5g(hosts, city.profile.count("base_stations_5g"), jitter)
    count_5g = len(new)
    operator_5g = _dealt(_SHARES_5G, count_5g, random)
    old, operator_4g = _sites_4g(hosts, city.profile.count("base_stations_4g"), jitter, new, operator_5g)

    row = np.concatenate([new, old])
    five = np.arange(len(row)) < count_5g
    operator = np.concatenate([operator_5g, operator_4g])
    xy, height = hosts.xy[row].copy(), hosts.height_m[row].copy()
    host_kind, host_code = hosts.kind[row].copy(), hosts.code[row].copy()
    moved = _to_poles(city, xy, host_kind, five)
    pole_rows = [at for at, _ in moved]
    stand = city.layers["poles"]
    for at, pole in moved:
        xy[at] = shapely.get_coordinates(stand.geometry.iloc[pole])[0]
        host_kind[at], host_code[at], height[at] = "pole", stand["code"].iloc[pole], 11.0
    poles.mount(city, [str(host_code[at]) for at in pole_rows], "base_station")
    _rent(city, operator, host_kind, host_code)

    # An operator's antennas on one tower hang at different heights.
    slot = np.array([["cmcc", "ctcc", "cucc", "cbn"].index(name) for name in operator.tolist()])
    height = np.round(height - np.where(host_kind == "tower", 2.5 * slot, 0.0), 1)
    tower_owner = _owners(city, host_kind, host_code, operator)
    own_4g = {
        (name, code) for name, code in zip(operator_4g.tolist(), host_code[count_5g:].tolist(), strict=True)
    }
    upgraded = np.array(
        [
            f and (o, c) in own_4g
            for f, o, c in zip(five.tolist(), operator.tolist(), host_code.tolist(), strict=True)
        ]
    )
    year = np.where(
        five, random.choice([2019, 2020], len(row), p=[0.12, 0.88]), random.integers(2014, 2020, len(row))
    )
    commissioned = days_of(city, year.astype(np.int64), random)
    early = np.array(
        [f and day.month < 11 and day.year == 2019 for f, day in zip(five, commissioned, strict=True)]
    )
    commissioned[early] = [day.replace(month=12, day=min(day.day, 28)) for day in commissioned[early]]
    names = _names(city, xy, five, operator)
    numbers = np.concatenate([np.arange(1, count_5g + 1), np.arange(1, len(old) + 1)])
    sites = finished(
        city,
        {
            "code": [f"JZ{'5' if f else '4'}G{n:04d}" for f, n in zip(five, numbers, strict=True)],
            "name": names,
            "technology": np.where(five, "5g", "4g").astype(object),
            "operator": operator,
            "sharing_operators": [
                _SHARED_5G[name] if f else []
                for f, name in zip(five.tolist(), operator.tolist(), strict=True)
            ],
            "tower_owner": tower_owner,
            "counting_unit": np.where(five, "site", "logical_station").astype(object),
            "build_mode": np.where(upgraded, "upgraded", "new").astype(object),
            "kind": np.where(host_kind == "pole", "pole", "macro").astype(object),
            "commissioned_on": commissioned,
            "host_kind": host_kind,
            "host_code": host_code,
            "height_m": height,
            "online": random.random(len(row)) >= 0.012,
        },
        shapely.points(xy),
        source=SOURCE,
    )
    city.layers["base_stations"] = sites
    city.layers["sectors"] = sectors.of_sites(city, sites, Ground(city).urban(xy))


def _hosts(city: City) -> Hosts:
    buildings, towers = city.buildings, city.layers["towers"]
    ground = Ground(city)
    middle = np.round(shapely.get_coordinates(shapely.point_on_surface(buildings.geometry.to_numpy())), 2)
    tall = np.flatnonzero(ground.urban(middle) & (buildings["height_m"].to_numpy() >= 9))
    tower_xy = shapely.get_coordinates(towers.geometry.to_numpy())
    xy = np.vstack([middle[tall], tower_xy])
    return Hosts(
        xy=xy,
        height_m=np.concatenate(
            [
                buildings["height_m"].to_numpy(dtype=float)[tall] + 4.0,
                towers["height_m"].to_numpy(dtype=float) - 2.0,
            ]
        ),
        kind=np.array(["rooftop"] * len(tall) + ["tower"] * len(towers), dtype=object),
        code=np.concatenate(
            [buildings["code"].to_numpy(dtype=object)[tall], towers["code"].to_numpy(dtype=object)]
        ),
        urban=ground.urban(xy),
        crowd=crowd(city, xy, 320.0),
    )


def _spacing(hosts: Hosts, scale: float) -> NDArray[np.float64]:
    """Return the distance to the next site: closer where many live, wide in the country."""
    packed = np.minimum(hosts.crowd / 12, 120.0)
    return scale * (330.0 + np.where(hosts.urban, 0.0, 900.0) + 5000.0 / (packed + 8.0))


def _ordered(hosts: Hosts, jitter: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    score = hosts.crowd * (1 + hosts.height_m / 60) * jitter
    # Towers are there to be used.
    score = np.where(hosts.kind == "tower", score * 1.5 + 20, score)
    return rows[np.lexsort([rows, -np.round(score[rows], 2)])]


def _sites_5g(hosts: Hosts, count: int, jitter: NDArray[np.float64]) -> NDArray[np.int64]:
    order = _ordered(hosts, jitter, np.arange(len(hosts.xy)))
    return spread_out(hosts.xy, order, _spacing(hosts, 1.0), count)


def _sites_4g(
    hosts: Hosts,
    count: int,
    jitter: NDArray[np.float64],
    new: NDArray[np.int64],
    operator_5g: NDArray[np.object_],
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Return hosts and operators of the 4G sites; each operator plans alone, with its own 5G roofs first."""
    country = np.flatnonzero((hosts.kind == "tower") & ~hosts.urban)
    rows, names = [], []
    left = count
    for number, (name, share) in enumerate(_SHARES_4G.items()):
        mine = left if number == len(_SHARES_4G) - 1 else round(count * share)
        left -= mine
        outside = min(round(mine * _COUNTRY_4G), len(country))
        chosen = spread_out(hosts.xy, _ordered(hosts, jitter, country), 900.0 + 250.0 * number, outside)
        own = new[(operator_5g == name) & hosts.urban[new]]
        town = np.flatnonzero(hosts.urban)
        # The next operator prefers other roofs.
        order = _ordered(hosts, np.roll(jitter, 131 * number), town[~np.isin(town, own)])
        inside = spread_out(
            hosts.xy,
            np.concatenate([own, order]),
            _spacing(hosts, 0.8),
            mine - len(chosen),
            near=hosts.xy[chosen],
        )
        rows.append(np.concatenate([chosen, inside]))
        names.append(np.full(mine, name, dtype=object))
    return np.concatenate(rows), np.concatenate(names)


def _dealt(shares: dict[str, float], count: int, random: np.random.Generator) -> NDArray[np.object_]:
    """Deal operators out in exact shares (largest remainder), in random order."""
    whole = apportion(count, list(shares.values()))
    return np.asarray(
        random.permutation(np.repeat(np.array(list(shares), dtype=object), whole)), dtype=object
    )


def _to_poles(
    city: City, xy: Points, host_kind: NDArray[np.object_], five: NDArray[np.bool_]
) -> list[tuple[int, int]]:
    """Return which 5G sites in town move from their roof to which multi-use pole nearby."""
    stand = city.layers["poles"]
    # A pole on the outer side of a town's last street counts as country.
    inside = Ground(city).urban(shapely.get_coordinates(stand.geometry.to_numpy()))
    several = np.flatnonzero(stand["multi_use"].to_numpy(dtype=bool) & inside)
    roofs = np.flatnonzero(five & (host_kind == "rooftop"))
    if not len(several) or not len(roofs):
        return []
    at = shapely.get_coordinates(stand.geometry.to_numpy()[several])
    distance, pole = nearest(xy[roofs], at)
    taken: dict[int, int] = {}
    for number in np.lexsort([roofs, np.round(distance, 1)]).tolist():
        if len(taken) == _ON_POLES or distance[number] > _POLE_REACH_M:
            break
        taken.setdefault(int(several[pole[number]]), int(roofs[number]))
    return [(site, pole_row) for pole_row, site in taken.items()]


def _rent(
    city: City, operator: NDArray[np.object_], host_kind: NDArray[np.object_], host_code: NDArray[np.object_]
) -> None:
    """Write the tenants of each tower and the platforms left free."""
    towers = city.layers["towers"]
    row_of = {code: row for row, code in enumerate(towers["code"])}
    tenants: list[list[str]] = [[] for _ in row_of]
    used = np.zeros(len(towers), dtype=np.int64)
    on_tower = host_kind == "tower"
    for name, code in zip(operator[on_tower].tolist(), host_code[on_tower].tolist(), strict=True):
        row = row_of[code]
        used[row] += 1
        if name not in tenants[row]:
            tenants[row] = sorted([*tenants[row], name])
    towers["tenants"] = tenants
    towers["free_slots"] = np.maximum(towers["free_slots"].to_numpy() - used, 0)


def _owners(
    city: City, host_kind: NDArray[np.object_], host_code: NDArray[np.object_], operator: NDArray[np.object_]
) -> NDArray[np.object_]:
    towers = city.layers["towers"]
    of_tower = dict(zip(towers["code"], towers["owner"], strict=True))
    found = []
    for kind, code, name in zip(host_kind.tolist(), host_code.tolist(), operator.tolist(), strict=True):
        if kind == "tower":
            found.append(of_tower[code])
        elif kind == "pole":
            found.append("government")
        else:
            found.append("china_tower" if name != "cmcc" else "cmcc")
    return np.array(found, dtype=object)


def _names(city: City, xy: Points, five: NDArray[np.bool_], operator: NDArray[np.object_]) -> list[str]:
    tree = shapely.STRtree(city.communities.geometry.to_numpy())
    places = city.communities["short_name"].to_numpy(dtype=object)[tree.nearest(shapely.points(xy))]
    titles = {"cmcc": "移动", "ctcc": "电信", "cucc": "联通", "cbn": "广电"}
    seen: dict[str, int] = {}
    found = []
    for place, is_5g, name in zip(places.tolist(), five.tolist(), operator.tolist(), strict=True):
        stem = f"{place}{titles[name]}{'5G' if is_5g else '4G'}"
        seen[stem] = seen.get(stem, 0) + 1
        found.append(f"{stem}-{seen[stem]}")
    return found
