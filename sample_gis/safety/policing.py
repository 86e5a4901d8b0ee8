"""Police posts, checkpoints at the entrances of the county, and patrol routes along the main streets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from sample_gis.finishing import finished, numbered
from sample_gis.places.streets import named_streets
from sample_gis.shapes.locating import nearest

if TYPE_CHECKING:
    from typing import Any

    from sample_gis.city import City

#: Every so manieth community has a police room.
ROOM_EACH = 6
STREET_POSTS = 4
ROUTES = 15
#: Checkpoints are due at the end of the plan (Yeji has four of them; the fifth entrance has none yet).
DUE_YEAR = 2020
SHIFTS = ("day", "evening", "night")
SHIFT_WORDS = {"day": "日巡", "evening": "晚巡", "night": "夜巡"}


def make(city: City) -> None:
    """Add the layers ``police_posts``, ``checkpoints`` and ``patrol_routes``."""
    city.layers["police_posts"] = _posts(city)
    city.layers["checkpoints"] = _checkpoints(city)
    city.layers["patrol_routes"] = _routes(city)


def _posts(city: City) -> Any:
    rows: list[tuple[str, str, Any, str, str]] = []
    for town in city.towns.itertuples():
        at = shapely.get_coordinates(town.seat)[0] + np.array([-55.0, -40.0])
        rows.append((f"{town.name}派出所", "station", at, "24 小时", "large"))
    junctions = city.layers["key_places"]
    junctions = junctions[junctions["class"] == "junction"].head(STREET_POSTS)
    for junction in junctions.itertuples():
        at = shapely.get_coordinates(shapely.point_on_surface(junction.geometry))[0] + np.array([14.0, 14.0])
        rows.append((f"{junction.name}警务站", "street_post", at, "07:00-23:00", "medium"))
    for community in city.communities.iloc[::ROOM_EACH].itertuples():
        at = shapely.get_coordinates(community.site)[0] + np.array([10.0, -12.0])
        rows.append((f"{community.short_name}警务室", "community_room", at, "08:00-18:00", "small"))
    frame = pd.DataFrame(rows, columns=["name", "kind", "at", "hours", "staff_class"])
    at = np.round(np.vstack(frame["at"].to_list()), 2)
    known = city.layers["addresses"]
    address, _ = nearest(known.geometry.to_numpy(), at)
    columns = {name: frame[name] for name in ("name", "kind", "hours", "staff_class")}
    columns |= {
        "code": numbered("JW", len(frame), 3),
        "address": [f"{text}附近" for text in known["full_text"].to_numpy()[address]],
    }
    return finished(city, columns, shapely.points(at))


def _checkpoints(city: City) -> Any:
    """Return a checkpoint at each entrance: in service where the register has one, else planned."""
    places = city.layers["key_places"]
    entrances = places[places["class"] == "county_entrance"]
    built = places[places["class"] == "police_checkpoint"]
    middles = shapely.get_coordinates(shapely.point_on_surface(entrances.geometry.to_numpy()))
    guarded: dict[int, int] = {}
    if len(built) and len(entrances):
        of, away = nearest(
            shapely.points(middles),
            shapely.get_coordinates(shapely.point_on_surface(built.geometry.to_numpy())),
        )
        order = np.argsort(away, kind="stable")
        for row in order:
            guarded.setdefault(int(of[row]), int(row))
    rows = []
    for number, entrance in enumerate(entrances.itertuples()):
        at = guarded.get(number)
        ref = entrance.name.partition("县域")[0]
        name = f"{ref}公安检查站（拟建）" if at is None else built["name"].iloc[at]
        status = "planned" if at is None else "in_service"
        due = DUE_YEAR + 2 if at is None else DUE_YEAR
        rows.append((name, ref or None, "进入本区", due, entrance.code, status))
    names = ["name", "road_ref", "direction", "due_year", "entrance_code", "status"]
    frame = pd.DataFrame(rows, columns=names)
    columns = {name: frame[name] for name in names}
    columns["code"] = numbered("JC", len(frame), 2)
    return finished(city, columns, shapely.points(np.round(middles, 2)))


def _routes(city: City) -> Any:
    streets = named_streets(city)
    streets = streets.assign(long=streets.length.round(1)).sort_values(
        ["class", "long"], ascending=[True, False], kind="stable"
    )
    chosen = streets.drop_duplicates("name").head(ROUTES)
    lines = chosen.geometry.map(_one_line).to_numpy()
    shifts = [SHIFTS[number % len(SHIFTS)] for number in range(len(chosen))]
    towns = [city.towns.loc[code, "name"] for code in chosen["town"]]
    columns = {
        "code": numbered("XF", len(chosen), 2),
        "name": [f"{name}{SHIFT_WORDS[shift]}" for name, shift in zip(chosen["name"], shifts, strict=True)],
        "unit": [f"{town}派出所" for town in towns],
        "shift": shifts,
        "length_m": np.round(shapely.length(lines), 1),
    }
    return finished(city, columns, lines)


def _one_line(shape: Any) -> Any:
    """Return a street as one line: of one in several parts the longest."""
    merged = shapely.line_merge(shape)
    return max(shapely.get_parts(merged), key=lambda part: round(part.length, 2))
