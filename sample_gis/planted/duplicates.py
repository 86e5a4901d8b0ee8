"""Double registrations: a camera in two departments' books, a door with two addresses, a key place twice.

The number of cameras is the plan's, so the second record of a camera is one that stood at a country junction;
addresses and key places get more rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.affinity import translate

from sample_gis.devices import poles
from sample_gis.devices.places import Ground
from sample_gis.planted.moving import renumber
from sample_gis.planted.truth import change, entry, read_causes

if TYPE_CHECKING:
    from sample_gis.city import City

THEME = "duplicates"
#: From planted blind spots, farther than any camera reaches.
_KEEP_FROM_M = 700.0
_CAMERAS_APART_M = (4.0, 9.0)
_ADDRESSES_APART_M = {"address_other_words": 5.0, "address_same_words": 35.0}
_PLACES_APART_M = 12.0
_APART_M = 600.0
_DIGITS = "〇一二三四五六七八九"
#: What the second record of a camera takes over: it is the same thing.
_SAME = ("kind", "view_angle_deg", "pixels_horizontal", "setting", "high_point", "infrared_range_m")
_OTHER_OWNER = {"public_security": "transport"}


def make(city: City) -> None:
    """Plant the duplicates; reads cameras, addresses, key places and the planted blind spots."""
    causes = read_causes()[THEME]
    found = _cameras(city, causes["camera"].count)
    for cause in _ADDRESSES_APART_M:
        found += _addresses(city, cause, causes[cause].count)
    found += _key_places(city, causes["key_place"].count)
    city.truth[THEME] = found


def _cameras(city: City, count: int) -> list[dict[str, Any]]:
    cameras, random = city.layers["cameras"], city.random("duplicates: cameras")
    xy = shapely.get_coordinates(cameras.geometry.to_numpy())
    planted = city.truth["camera_blind_spots"]
    spots = city.project([(one["lon"], one["lat"]) for one in planted])
    away = np.min(np.hypot(*(xy[:, None] - spots[None]).transpose(2, 0, 1)), axis=1) > _KEEP_FROM_M
    usable = away & cameras["online"].to_numpy(bool) & cameras["azimuth_deg"].notna().to_numpy()
    usable &= cameras["kind"].isin(["fixed", "dome"]).to_numpy()
    # Those that made room for a blind spot stand where its truth says.
    moved = {code for one in planted for code in one["moved_cameras"]}
    usable &= ~cameras["code"].isin(moved).to_numpy()
    real = usable & (cameras["owner_department"] == "public_security").to_numpy()
    spare = usable & (cameras["owner_department"] == "town").to_numpy()
    firsts = random.permutation(np.flatnonzero(real & (cameras["setting"] == "urban").to_numpy()))
    seconds = random.permutation(np.flatnonzero(spare & (cameras["setting"] == "rural").to_numpy()))
    chosen = _apart(xy, firsts, count)
    ground = Ground(city)
    spot = ground.clear_spot(xy[chosen], tuple(random.uniform(*_CAMERAS_APART_M, 8).round(2).tolist()), 0.3)
    pairs = [
        (first, int(second), at)
        for first, second, at in zip(chosen, seconds, spot, strict=False)
        if not np.isnan(at[0])
    ]
    for first, second, at in pairs:
        _register_again(city, first, second, at)
    renumber(city, ground, [second for _, second, _ in pairs])
    return [
        entry(
            city, THEME, "camera", at=(float(xy[first][0]), float(xy[first][1])),
            radius_m=_CAMERAS_APART_M[1], changed={},
            camera=cameras["code"].iloc[first], other=cameras["code"].iloc[second],
            owner=cameras["owner_department"].iloc[first],
            other_owner=cameras["owner_department"].iloc[second],
            distance_m=round(float(np.hypot(*(at - xy[first]))), 1),
        )
        for first, second, at in pairs
    ]  # fmt: skip


def _register_again(city: City, first: int, second: int, at: NDArray[np.float64]) -> None:
    """Turn one record of a camera into a second one of another, a few metres beside it."""
    cameras = city.layers["cameras"]
    pole = cameras.at[second, "pole_code"]
    values = {name: cameras.at[first, name] for name in _SAME}
    place = cameras.at[first, "place"]
    values |= {
        "owner_department": _OTHER_OWNER[cameras.at[first, "owner_department"]],
        "name": f"交警-{place}-{cameras.at[first, 'code'][-3:]}", "place": place, "pole_code": None,
        "azimuth_deg": round((float(cameras.at[first, "azimuth_deg"]) + 3.0) % 360, 1),
        "tilt_deg": cameras.at[first, "tilt_deg"],
        "height_m": round(float(cameras.at[first, "height_m"]) + 0.2, 1),
    }  # fmt: skip
    change(city, "cameras", second, {}, **values)
    cameras.loc[[second], "geometry"] = shapely.Point(at)
    if isinstance(pole, str):
        poles.unmount(city, [pole], "camera", "cameras")


def _addresses(city: City, cause: str, count: int) -> list[dict[str, Any]]:
    addresses = city.layers["addresses"]
    xy = shapely.get_coordinates(addresses.geometry.to_numpy())
    plain = addresses["number"].str.fullmatch(r"[1-9]\d?号").fillna(value=False)
    usable = (
        plain & (addresses["precision_class"] == "number") & ~addresses["full_text"].duplicated(keep=False)
    )
    rows = city.random(f"duplicates: {cause}").permutation(np.flatnonzero(usable.to_numpy(bool)))
    chosen = _apart(xy, rows, count)
    more = addresses.iloc[chosen].copy()
    if cause == "address_other_words":
        words = [f"{_in_words(int(number[:-1]))}号" for number in more["number"]]
        more["full_text"] = [
            text.removesuffix(number) + word
            for text, number, word in zip(more["full_text"], more["number"], words, strict=True)
        ]
        more["number"] = words
    distance = _ADDRESSES_APART_M[cause]
    _append(city, "addresses", more, distance)
    made = city.layers["addresses"].iloc[-len(more) :] if len(more) else more
    return [
        entry(
            city, THEME, cause, at=(float(xy[row][0]), float(xy[row][1])), radius_m=distance, changed={},
            address=addresses["code"].iloc[row], other=code, text=addresses["full_text"].iloc[row],
            other_text=text, distance_m=distance,
        )
        for row, code, text in zip(chosen, made["code"], made["full_text"], strict=True)
    ]  # fmt: skip


def _key_places(city: City, count: int) -> list[dict[str, Any]]:
    places = city.layers["key_places"]
    xy = shapely.get_coordinates(shapely.centroid(places.geometry.to_numpy()))
    kinds = places["class"].isin(["hospital", "transport_hub", "crowded_place"]).to_numpy()
    chosen = _apart(xy, city.random("duplicates: key places").permutation(np.flatnonzero(kinds)), count)
    more = places.iloc[chosen].copy()
    more["name"] = "叶集区" + more["name"].str.removeprefix("叶集")
    more["register_version"] = "样例名册 2019.2"
    more["target_geometry"] = [
        None if shape is None else translate(shape, _PLACES_APART_M) for shape in more["target_geometry"]
    ]
    _append(city, "key_places", more, _PLACES_APART_M)
    made = city.layers["key_places"].iloc[-len(more) :] if len(more) else more
    return [
        entry(
            city, THEME, "key_place", at=(float(xy[row][0]), float(xy[row][1])), radius_m=_PLACES_APART_M,
            changed={}, place=places["name"].iloc[row], place_code=places["code"].iloc[row],
            other=name, other_code=code, distance_m=_PLACES_APART_M,
        )
        for row, code, name in zip(chosen, made["code"], made["name"], strict=True)
    ]  # fmt: skip


def _append(city: City, layer: str, more: gpd.GeoDataFrame, east_m: float) -> None:
    """Add rows to a layer, moved to the east and numbered on."""
    own = city.layers[layer]
    stem, last = (
        own["code"].iloc[0].rstrip("0123456789"),
        int(own["code"].str.extract(r"(\d+)$")[0].astype(int).max()),
    )
    width = len(own["code"].iloc[0]) - len(stem)
    more["code"] = [f"{stem}{last + number:0{width}d}" for number in range(1, len(more) + 1)]
    more = more.set_geometry(more.geometry.translate(east_m), crs=city.crs)
    joined = pd.concat([own, more], ignore_index=True)
    city.layers[layer] = gpd.GeoDataFrame(joined, geometry="geometry", crs=city.crs)


def _apart(xy: NDArray[np.float64], rows: NDArray[np.int64], count: int) -> list[int]:
    """Return the first rows that lie apart."""
    chosen: list[int] = []
    for row in rows.tolist():
        if len(chosen) == count:
            break
        if all(np.hypot(*(xy[row] - xy[other])) > _APART_M for other in chosen):
            chosen.append(row)
    return chosen


def _in_words(number: int) -> str:
    """Return a number under 100 in Chinese words.

    Examples
    --------
    >>> [_in_words(number) for number in (7, 10, 15, 40, 51)]
    ['七', '十', '十五', '四十', '五十一']
    """
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")
