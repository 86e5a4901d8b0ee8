"""A year of incidents: uneven over place, class, hour, day and weather, with planted hotspots.

Besides what really happened the record has what records have: reports that come in again, reports without a
place that pile up on default points, rounded times, late reports, cases that are still open or overdue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sample_gis.finishing import finished
from sample_gis.incidents import planted
from sample_gis.incidents.course import channels_of, run
from sample_gis.incidents.details import details
from sample_gis.incidents.ground import UNEVENNESS, Ground, grounds
from sample_gis.incidents.rules import ClassRule, Rules, is_holiday, quiet_factor, read_rules
from sample_gis.incidents.weather import Weather, weather_of
from sample_gis.shares import apportion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sample_gis.city import City

REPEATED = 0.045
REPEAT_WITHIN_M, REPEAT_WITHIN_DAYS = 140.0, 7
AT_DEFAULT_POINTS = 0.08
# Channels in which the caller is asked for a place and may not know it.
WITHOUT_PLACE = ("12345", "12319", "wanshitong", "wechat", "grid_worker", "neighbour_chief")


def make(city: City) -> None:
    """Add the layer ``incidents``, and what was planted to ``city.truth``."""
    rules, weather = read_rules(), weather_of(city)
    spots = grounds(city)
    total = city.profile.count("incidents")
    scale = total / 120_000
    middles = [
        spots[one.ground].at[spot]
        for one, spot in zip(planted.read_planted(), planted.anchors(spots), strict=True)
    ]
    counts = [max(3, round(one.count * scale)) for one in planted.read_planted()]
    again = round(total * REPEATED)
    drawn = pd.concat(
        [
            _background(city, rules, weather, spots, total - again - sum(counts)),
            _hotspots(city, rules, weather, middles, counts),
        ],
        ignore_index=True,
    )
    table = pd.concat([drawn, _repeats(city, drawn, again)], ignore_index=True)
    table[["x", "y"]] = _inside(city, table[["x", "y"]].to_numpy())
    channels = channels_of(rules, table["class_code"].to_numpy(dtype=object), city.random("channels"))
    points = _to_default_points(city, table, channels)
    now = np.datetime64(city.as_of, "s") + np.timedelta64(86_399, "s")
    course = run(
        rules,
        table["class_code"].to_numpy(dtype=object),
        channels,
        np.minimum(table["happened"].to_numpy().astype("datetime64[s]"), now),
        now=now,
        random=city.random("course"),
    )
    table = pd.concat([table, course.times], axis=1).assign(channel=channels, state=course.state)
    table = table.sort_values(["reported_at", "x", "y"], kind="stable")
    codes = np.array(
        [f"SJ{city.as_of.year}{number:06d}" for number in range(1, len(table) + 1)], dtype=object
    )
    code_of = pd.Series(codes, index=table.index)
    original = table["repeat_of"].to_numpy()
    table["repeat_of"] = [code_of[int(row)] if row >= 0 else None for row in original]
    table = table.reset_index(drop=True)
    for name in course.times:
        table[name] = table[name].dt.tz_localize(city.profile.timezone)
    geometry = shapely.points(np.round(table[["x", "y"]].to_numpy(), 2))
    columns = {
        "code": codes,
        **{name: table[name] for name in ("class_code", "channel", "state", *course.times, "repeat_of")},
        **details(city, rules, table),
    }
    city.layers["incidents"] = finished(city, columns, geometry)
    city.truth["incident_hotspots"] = planted.truth(city, middles, counts)
    city.truth["incident_default_points"] = points


def _day_weights(rule: ClassRule, weather: Weather) -> NDArray[np.float64]:
    """Return how much of a class each day brings: weekday, holiday, weather, quiet weeks."""
    weekday = (weather.days.astype("datetime64[D]").astype(int) + 3) % 7
    weight = np.where(weekday >= 5, rule.weekend, 1.0) * quiet_factor(weather.days)
    weight = weight * np.where(is_holiday(weather.days), rule.holiday, 1.0)
    weight = weight * rule.rain ** np.minimum(weather.rain_mm / 10, 6.0)
    for factor, days in ((rule.frost, weather.frost), (rule.heat, weather.heat), (rule.dry, weather.dry)):
        weight = weight * np.where(days, factor, 1.0)
    return np.asarray(weight)


def _times(
    days: NDArray[np.float64],
    hours: list[float],
    weather: Weather,
    count: int,
    random: np.random.Generator,
    *,
    evenly: bool = False,
) -> NDArray[np.datetime64]:
    """Draw times by the weights of days and hours; evenly: one in each of equal parts of the weight."""
    day_edges, hour_edges = np.cumsum(days), np.cumsum(hours)
    place = random.random(count)
    if evenly:
        place = random.permutation((np.arange(count) + place) / count)
    day = np.searchsorted(day_edges, place * day_edges[-1], side="right")
    hour = np.searchsorted(hour_edges, random.random(count) * hour_edges[-1], side="right")
    second = hour * 3600 + np.floor(random.random(count) * 3600).astype(np.int64)
    return np.asarray(weather.days[day].astype("datetime64[s]") + second.astype("timedelta64[s]"))


def _background(
    city: City, rules: Rules, weather: Weather, spots: dict[str, Ground], total: int
) -> pd.DataFrame:
    """Draw what the city brings by itself, class by class."""
    random = city.random("incidents")
    shapely.prepare(city.outline)
    codes = sorted(rules.classes)
    numbers = apportion(total, [rules.classes[code].weight for code in codes])
    cells = np.unique(np.concatenate([ground.cell for ground in spots.values()]))
    groups = sorted({code[:2] if code[0].isdigit() else code[0] for code in codes})
    factors = {
        group: dict(
            zip(
                cells.tolist(),
                np.round(np.exp(random.normal(0, UNEVENNESS, len(cells))), 6).tolist(),
                strict=True,
            )
        )
        for group in groups
    }
    parts = []
    for code, number in zip(codes, numbers, strict=True):
        rule = rules.classes[code]
        ground = spots[rule.where]
        group = code[:2] if code[0].isdigit() else code[0]
        major = code[2:] if rule.where == "parts" and code[:2] == "06" else ""
        spot = ground.draw(int(number), factors[group], random, major)
        at = ground.at[spot] + random.normal(0, 1, (int(number), 2)) * ground.spread_m
        at = np.where(shapely.contains_xy(city.outline, at[:, 0], at[:, 1])[:, None], at, ground.at[spot])
        parts.append(
            pd.DataFrame(
                {
                    "class_code": code,
                    "x": at[:, 0],
                    "y": at[:, 1],
                    "happened": _times(
                        _day_weights(rule, weather), rules.hours[rule.hours], weather, int(number), random
                    ),
                    "road_code": ground.road[spot],
                    "place": ground.label[spot],
                    "part_code": ground.part[spot],
                }
            )
        )
    return pd.concat(parts, ignore_index=True).assign(repeat_of=-1, planted=False)


def _hotspots(
    city: City, rules: Rules, weather: Weather, middles: list[NDArray[np.float64]], counts: list[int]
) -> pd.DataFrame:
    random = city.random("planted")
    parts = []
    for one, middle, count in zip(planted.read_planted(), middles, counts, strict=True):
        at = planted.around(middle, one, count, random)
        hours = rules.hours[rules.classes[one.class_code].hours]
        parts.append(
            pd.DataFrame(
                {
                    "class_code": one.class_code,
                    "x": at[:, 0],
                    "y": at[:, 1],
                    "happened": _times(
                        planted.day_weights(one, weather), hours, weather, count, random, evenly=True
                    ),
                    "road_code": "",
                    "place": "",
                    "part_code": "",
                }
            )
        )
    return pd.concat(parts, ignore_index=True).assign(repeat_of=-1, planted=True)


def _repeats(city: City, drawn: pd.DataFrame, count: int) -> pd.DataFrame:
    """Report some incidents again, a little later and a little beside; accidents and alarms are not."""
    random = city.random("repeats")
    end = np.datetime64(city.as_of, "s") + np.timedelta64(86_400, "s")
    last = end - np.timedelta64(8, "D")
    told_again = drawn["class_code"].str[0].isin(list("0H")) & (drawn["happened"].to_numpy() < last)
    rows = random.choice(np.flatnonzero(told_again & ~drawn["planted"]), count, replace=False)
    again = drawn.iloc[rows].copy()
    shift = np.clip(random.normal(0, 35, (count, 2)), -REPEAT_WITHIN_M / 1.5, REPEAT_WITHIN_M / 1.5)
    # On a later day at about the same hour; on the same day some hours later.
    days = np.floor(REPEAT_WITHIN_DAYS * random.random(count) ** 1.6)
    hours = random.normal(0, 1.2, count)
    hours = np.where(days == 0, 0.5 + 2 * np.abs(hours), np.clip(hours, -3, 3))
    again["x"] += shift[:, 0]
    again["y"] += shift[:, 1]
    again["happened"] = again["happened"].to_numpy() + np.rint(days * 86_400 + hours * 3_600).astype(
        "timedelta64[s]"
    )
    return again.assign(repeat_of=rows, planted=False)


def _inside(city: City, at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return places with the few that fell beyond the district moved to just inside its outline."""
    within = shapely.buffer(city.outline, -1.0)
    shapely.prepare(within)
    beyond = ~shapely.contains_xy(within, at[:, 0], at[:, 1])
    ways = shapely.shortest_line(within, shapely.points(at[beyond]))
    at[beyond] = shapely.get_coordinates(ways)[::2]
    return at


def _to_default_points(
    city: City, table: pd.DataFrame, channels: NDArray[np.object_]
) -> list[dict[str, object]]:
    """Move reports without a place to the default point of their community or town; return those points."""
    random = city.random("default points")
    free = (
        np.isin(channels, WITHOUT_PLACE) & ~table["planted"].to_numpy() & (table["repeat_of"] < 0).to_numpy()
    )
    told_again = np.zeros(len(table), dtype=bool)
    repeats = table["repeat_of"].to_numpy()
    told_again[repeats[repeats >= 0]] = True
    candidates = np.flatnonzero(free & ~told_again)
    count = min(round(len(table) * AT_DEFAULT_POINTS), len(candidates))
    rows = np.sort(random.choice(candidates, count, replace=False))
    seats = shapely.get_coordinates(np.array(city.towns["seat"].to_list(), dtype=object))
    sites = shapely.get_coordinates(np.array(city.communities["site"].to_list(), dtype=object))
    points = np.round(np.vstack([seats, sites]), 2)
    names = [*city.towns["name"], *city.communities["short_name"]]
    at = table[["x", "y"]].to_numpy()[rows]
    to_town = random.random(count) < 0.5
    away_towns = np.array([np.hypot(*(at - seat).T) for seat in seats])
    away_sites = np.array([np.hypot(*(at - site).T) for site in sites])
    chosen = np.where(to_town, away_towns.argmin(axis=0), len(seats) + away_sites.argmin(axis=0))
    table.loc[rows, ["x", "y"]] = points[chosen]
    table.loc[rows, "road_code"] = ""
    table.loc[rows, "part_code"] = ""
    table.loc[rows, "place"] = [f"{names[k]}（地址不详，默认点位）" for k in chosen]
    used, numbers = np.unique(chosen, return_counts=True)
    lon_lat = shapely.get_coordinates(np.array(_geographic(city, points[used]), dtype=object))
    return [
        {"name": names[k], "lon": round(float(lon), 6), "lat": round(float(lat), 6), "incidents": int(number)}
        for k, (lon, lat), number in zip(used, lon_lat, numbers, strict=True)
    ]


def _geographic(city: City, points: NDArray[np.float64]) -> list[shapely.Point]:
    return list(gpd.GeoSeries(shapely.points(points), crs=city.crs).to_crs(4326))
