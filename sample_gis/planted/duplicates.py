"""Double registrations: a camera in two departments' books, a key place twice.

The number of cameras is the plan's, so the second record of a camera is one that stood at a country junction;
key places get more rows. A door with two addresses is of `double_addresses`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import translate

from sample_gis.devices import poles
from sample_gis.devices.places import Ground
from sample_gis.planted.double_addresses import THEME, apart, append
from sample_gis.planted.moving import renumber
from sample_gis.planted.truth import change, entry, read_causes

if TYPE_CHECKING:
    from sample_gis.city import City

#: From planted blind spots, farther than any camera reaches.
_KEEP_FROM_M = 700.0
_CAMERAS_APART_M = (4.0, 9.0)
_PLACES_APART_M = 12.0
#: What the second record of a camera takes over: it is the same thing.
_SAME = ("kind", "view_angle_deg", "pixels_horizontal", "setting", "high_point", "infrared_range_m")
_OTHER_OWNER = {"public_security": "transport"}


def make(city: City) -> None:
    """Plant the duplicates; reads cameras, key places and the planted blind spots."""
    causes = read_causes()[THEME]
    cameras = _cameras(city, causes["camera"].count)
    city.truth[THEME] = cameras + city.truth[THEME] + _key_places(city, causes["key_place"].count)


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
    chosen = apart(xy, firsts, count)
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


def _key_places(city: City, count: int) -> list[dict[str, Any]]:
    places = city.layers["key_places"]
    xy = shapely.get_coordinates(shapely.centroid(places.geometry.to_numpy()))
    kinds = places["class"].isin(["hospital", "transport_hub", "crowded_place"]).to_numpy()
    chosen = apart(xy, city.random("duplicates: key places").permutation(np.flatnonzero(kinds)), count)
    more = places.iloc[chosen].copy()
    more["name"] = "叶集区" + more["name"].str.removeprefix("叶集")
    more["register_version"] = "样例名册 2019.2"
    more["target_geometry"] = [
        None if shape is None else translate(shape, _PLACES_APART_M) for shape in more["target_geometry"]
    ]
    append(city, "key_places", more, _PLACES_APART_M)
    made = city.layers["key_places"].iloc[-len(more) :] if len(more) else more
    return [
        entry(
            city, THEME, "key_place", at=(float(xy[row][0]), float(xy[row][1])), radius_m=_PLACES_APART_M,
            changed={}, place=places["name"].iloc[row], place_code=places["code"].iloc[row],
            other=name, other_code=code, distance_m=_PLACES_APART_M,
        )
        for row, code, name in zip(chosen, made["code"], made["name"], strict=True)
    ]  # fmt: skip
