"""Street-side cameras: layer ``cameras``, and the camera poles that they need in ``poles``.

Each camera stands outdoors and off the carriageway. No stream, no picture and no person is ever part of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from sample_gis.devices import poles
from sample_gis.devices.camera_sites import Site, sites
from sample_gis.devices.clock import before_now, days_of
from sample_gis.devices.identity import (
    GOVERNMENT_NETWORK,
    IP_CAMERA,
    SOCIAL_NETWORK,
    VIDEO_NETWORK,
    device_ids,
)
from sample_gis.devices.junctions import bearing_of
from sample_gis.devices.places import Ground, nearest
from sample_gis.finishing import finished, numbered

if TYPE_CHECKING:
    from sample_gis.city import City

SOURCE = "位置与参数为样例合成；总数引自叶集区规划（视频监控现状）"
_OFFLINE = 0.03
#: A camera goes on an existing pole within this reach, metres.
_POLE_REACH_M = 9.0
_TIER = {
    "junction": ("1", "public_security"), "school": ("2", "education"), "office": ("2", "town"),
    "estate": ("3", "social"), "factory": ("3", "enterprise"), "community": ("2", "town"),
    "gate": ("3", "social"), "shop": ("3", "enterprise"), "checkpoint": ("1", "public_security"),
    "entry": ("1", "transport"), "high_point": ("1", "public_security"), "country": ("2", "town"),
}  # fmt: skip
_PLACE = {
    "junction": "路口", "school": "门口", "office": "单位门口", "estate": "小区出入口",
    "factory": "厂区门口", "entry": "出入道路", "high_point": "高点",
    "country": "路口", "gate": "", "shop": "门前", "checkpoint": "",
}  # fmt: skip
_KINDS = ("fixed", "dome", "ptz", "fisheye", "multi")
_KIND_SHARES = {
    "junction": (0.6, 0.08, 0.27, 0.0, 0.05), "high_point": (0.0, 0.0, 1.0, 0.0, 0.0),
    "entry": (0.9, 0.0, 0.1, 0.0, 0.0), "gate": (0.6, 0.27, 0.08, 0.05, 0.0),
}  # fmt: skip
#: Horizontal view angles of 4, 6, 8 and 12 mm lenses on a 1/2.8" sensor, degrees.
_LENSES = (79.0, 52.0, 39.0, 25.0)


def make(city: City) -> None:
    """Place the profile's number of cameras; reads roads, blocks, schools, communities, poles and towers."""
    random = city.random("cameras")
    ground = Ground(city)
    found = sites(city, ground, city.random("cameras: sites"), city.profile.count("cameras"))
    xy = np.array([site.xy for site in found])
    group = np.array([site.group for site in found], dtype=object)
    count = len(found)
    carrier, xy = _carriers(city, found, xy)

    tier = np.array([_TIER[name][0] for name in group], dtype=object)
    owner = np.array([_TIER[name][1] for name in group], dtype=object)
    traffic = (group == "junction") & (random.random(count) < 0.22)
    owner[traffic] = "transport"
    year = np.where(tier == "1", random.integers(2014, 2021, count), random.integers(2011, 2021, count))
    kind = _kinds(group, random)
    view = np.where(kind == "dome", 98.0, random.choice(_LENSES, count, p=[0.4, 0.3, 0.2, 0.1]))
    view = np.select([kind == "fisheye", kind == "multi", kind == "ptz"], [360.0, 180.0, 58.0], default=view)
    azimuth = np.array([site.azimuth_deg for site in found]) + random.normal(0, 6, count)
    aimed = np.array([site.target is not None for site in found])
    target = np.array([site.xy if site.target is None else site.target for site in found])
    kind[aimed] = "fixed"
    view[aimed] = np.array([site.view_deg for site in found])[aimed]
    azimuth[aimed] = bearing_of(target[aimed] - xy[aimed]) + random.normal(0, 1.5, aimed.sum())
    azimuth = np.round(azimuth % 360, 1) % 360
    # Nobody wrote down where these look; a fisheye looks everywhere.
    unknown = (kind == "fisheye") | ((tier != "1") & (random.random(count) < 0.09))
    azimuth[unknown] = np.nan
    pixels = np.where(
        year >= 2018,
        random.choice([1920, 2560, 3840], count, p=[0.35, 0.45, 0.2]),
        random.choice([1280, 1920, 2560], count, p=[0.2, 0.65, 0.15]),
    )
    pixels[aimed] = np.array([site.pixels for site in found])[aimed]
    high = group == "high_point"
    on_mast = np.array([site.height_m for site in found])
    street, village = random.uniform(5.8, 6.6, count), random.uniform(4.2, 5.5, count)
    height = np.select(
        [high, np.isin(group, ["junction", "entry"]), np.isin(group, ["country", "community"])],
        [on_mast, street, village],
        default=random.uniform(3.0, 4.2, count),
    )
    online = np.ones(count, dtype=bool)
    online[random.permutation(count)[: round(count * _OFFLINE)]] = False
    tilt = np.where(high, random.uniform(4, 9, count), random.uniform(9, 24, count))
    # Nobody tilts a long lens until it looks at its own feet: the horizon stays in the picture.
    tilt = np.minimum(tilt, _half_height(view))
    away = np.maximum(np.hypot(*(target - xy).T), 1.0)
    single = aimed & ~np.isin(group, ["junction", "country"])
    tilt = np.where(single, np.degrees(np.arctan2(height - 1.6, away)), tilt)
    since = np.where(
        online, random.integers(86_400, 200 * 86_400, count), random.integers(600, 20 * 86_400, count)
    )
    network = np.select([tier == "1", tier == "2"], [VIDEO_NETWORK, GOVERNMENT_NETWORK], SOCIAL_NETWORK)
    identity = device_ids(city.profile.county, ground.town_number(xy), owner, IP_CAMERA, network)
    # Whether a camera is online is seen over the network: what is online is networked.
    networked = online | (random.random(count) < np.select([tier == "1", tier == "2"], [0.9, 0.7], 0.4))
    urban = ground.urban(xy)
    named = [site.name for site in found]
    titles = _numbered(named, group)
    city.layers["cameras"] = finished(
        city,
        {
            "code": numbered("SXJ", count),
            "name": titles,
            "device_id": identity,
            "kind": kind,
            "tier": tier,
            "owner_department": owner,
            "using_departments": _users(owner, tier, random),
            "share_grade": _grades(tier, random),
            "build_mode": np.where(tier == "1", "self_built", "accessed").astype(object),
            "networked": networked,
            "online": online,
            "online_changed_at": before_now(city, since),
            "azimuth_deg": azimuth,
            "view_angle_deg": view,
            "pixels_horizontal": pixels,
            "height_m": np.round(height, 1),
            "tilt_deg": np.round(tilt, 1),
            "range_m": np.nan,
            "infrared_range_m": np.where(high, 150.0, random.choice([30.0, 50.0, 80.0], count)),
            "capabilities": _capabilities(group, traffic, high, year, random),
            "high_point": high,
            "setting": np.where(urban, "urban", "rural").astype(object),
            "pole_code": carrier,
            "place": [place_of(name, kind_of) for name, kind_of in zip(named, group, strict=True)],
            "installed_on": days_of(city, year.astype(np.int64), random),
            "stream_reference": [f"gb28181:{number}" for number in identity],
        },
        shapely.points(xy),
        source=SOURCE,
    )


def _half_height(view_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return half the vertical view angle of pictures of 16 to 9, degrees; at most that of 120."""
    half = np.tan(np.radians(np.minimum(view_deg, 120.0) / 2)) * 9 / 16
    return np.asarray(np.degrees(np.arctan(half)))


def _carriers(
    city: City, found: list[Site], xy: NDArray[np.float64]
) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Return what each camera hangs on (a pole's or tower's code, None for a wall) and where that stands."""
    xy = xy.copy()
    code = np.full(len(found), None, dtype=object)
    on_pole = np.array([site.carrier in {"pole", "own_pole"} for site in found])
    borrows = np.array([site.carrier == "pole" for site in found])
    distance, row = nearest(xy, city.layers["poles"])
    borrowed = borrows & (distance <= _POLE_REACH_M)
    stand = shapely.get_coordinates(city.layers["poles"].geometry.to_numpy())
    code[borrowed] = city.layers["poles"]["code"].to_numpy(dtype=object)[row[borrowed]]
    xy[borrowed] = stand[row[borrowed]]

    own = np.flatnonzero(on_pole & ~borrowed)
    # Cameras of one place share their pole.
    spots, first, back = np.unique(xy[own], axis=0, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    codes = np.array([f"JK{number:05d}" for number in range(1, len(spots) + 1)], dtype=object)[rank]
    code[own] = codes[back]
    order = np.argsort(first)
    road = np.array([found[own[first[at]]].road for at in order], dtype=object)
    random = city.random("cameras: poles")
    poles.add(
        city,
        poles.frame(
            city,
            code=codes[order].tolist(),
            kind=np.full(len(order), "camera", dtype=object),
            modules=[["camera"] for _ in order],
            xy=spots[order],
            road_code=road,
            height_m=np.full(len(order), 6.5),
            owner="视频监控建设单位（样例）",
            power=np.full(len(order), "mains", dtype=object),
            backhaul=np.full(len(order), "fibre", dtype=object),
            installed_on=days_of(city, random.integers(2012, 2021, len(order)), random),
        ),
    )
    poles.mount(city, code[borrowed].tolist(), "camera")
    for at, site in enumerate(found):
        if site.carrier == "tower":
            code[at] = site.carrier_code
    return code, xy


def _kinds(group: NDArray[np.object_], random: np.random.Generator) -> NDArray[np.object_]:
    draw = random.random(len(group))
    kind = np.empty(len(group), dtype=object)
    for name in sorted({*group}):
        shares = _KIND_SHARES.get(name, _KIND_SHARES["gate"])
        mine = group == name
        kind[mine] = np.array(_KINDS, dtype=object)[
            np.minimum(np.searchsorted(np.cumsum(shares), draw[mine], side="right"), len(_KINDS) - 1)
        ]
    return kind


def _users(
    owner: NDArray[np.object_], tier: NDArray[np.object_], random: np.random.Generator
) -> list[list[str]]:
    draw = random.random((len(owner), 3))
    found = []
    for name, level, chance in zip(owner.tolist(), tier.tolist(), draw.tolist(), strict=True):
        users = [name]
        if name != "public_security" and (level != "3" or chance[0] < 0.5):
            users.append("public_security")
        if level == "1" and chance[1] < 0.5:
            users.append("urban_management")
        if level != "3" and chance[2] < 0.35:
            users.append("emergency")
        found.append(users)
    return found


def _grades(tier: NDArray[np.object_], random: np.random.Generator) -> NDArray[np.object_]:
    count = len(tier)
    grades = np.array(["open", "conditional", "approval", "closed"], dtype=object)
    return np.asarray(
        np.select(
            [tier == "1", tier == "2"],
            [
                random.choice(grades, count, p=[0.25, 0.55, 0.2, 0.0]),
                random.choice(grades, count, p=[0.4, 0.4, 0.15, 0.05]),
            ],
            random.choice(grades, count, p=[0.1, 0.35, 0.35, 0.2]),
        ),
        dtype=object,
    )


def _capabilities(
    group: NDArray[np.object_],
    traffic: NDArray[np.bool_],
    high: NDArray[np.bool_],
    year: NDArray[np.int64],
    random: np.random.Generator,
) -> list[list[str]]:
    draw = random.random((len(group), 2))
    found = []
    for at, name in enumerate(group.tolist()):
        able = []
        if traffic[at] or name == "entry":
            able += ["vehicle", "plate"]
        elif name == "junction" and year[at] >= 2017 and draw[at, 0] < 0.4:
            able.append("vehicle")
        if name in {"school", "estate", "gate"} and year[at] >= 2018 and draw[at, 0] < 0.3:
            able.append("face")
        if high[at]:
            able.append("thermal")
        if name == "entry" and draw[at, 1] < 0.25:
            able.append("radar")
        if name == "factory" and draw[at, 1] < 0.1:
            able.append("pollution")
        found.append(able)
    return found


def place_of(name: str, kind: str) -> str:
    """Return what the place of a camera is called, without saying a word twice.

    Examples
    --------
    >>> place_of("育才小学", "school"), place_of("史河小区", "estate"), place_of("洪集社区", "community")
    ('育才小学门口', '史河小区出入口', '洪集社区居委会')
    """
    if kind == "community":
        return f"{name}居委会" if name.endswith("社区") else f"{name}村委会"
    suffix = _PLACE[kind]
    shared = next((size for size in range(len(suffix), 0, -1) if name.endswith(suffix[:size])), 0)
    return name + suffix[shared:]


def _numbered(names: list[str], group: NDArray[np.object_]) -> list[str]:
    seen: dict[str, int] = {}
    found = []
    for name, kind in zip(names, group.tolist(), strict=True):
        title = place_of(name, kind)
        seen[title] = seen.get(title, 0) + 1
        found.append(f"{title}{seen[title]}")
    return found
