"""Kept counts as the incidents of an analysis: those of a span of time, without default points.

Counts know no coordinates. What needs them is asked of the layer and is little: the points that hold many
incidents with what lies around them, and the places of one class in the span, for its repeats.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
from psycopg import sql

from geo.hotspots import Step, last_steps, local_time, pile_ups, repeats
from layers.counts.keeping import KEY, in_cells
from layers.counts.reading import Window, counts_here
from layers.counts.windows import local_hours
from layers.schema.counting import COUNTED, INCIDENTS, NOT_FILED, PRESENT
from layers.schema.names import CITY

#: Incidents among which repeats are looked for; of more that is not told.
MOST_FOR_REPEATS = 200_000
#: Incidents on one point from which it may be a default one, and metres around it that are looked at.
_MANY, _AROUND_M = 10, 320.0

_LATEST = """
SELECT hour FROM (
    SELECT hour, n FROM onemap.incident_count WHERE region_code ^@ %(prefix)s
    UNION ALL SELECT hour, n FROM onemap.incident_count_change WHERE region_code ^@ %(prefix)s
) AS both_of_them GROUP BY hour HAVING sum(n) > 0 ORDER BY hour DESC LIMIT 1
"""
_TABLE = sql.Identifier(CITY, INCIDENTS)
_COLUMNS = sql.SQL(
    "t.id, ST_X(t.geom) AS lon, ST_Y(t.geom) AS lat,"
    " floor(extract(epoch FROM t.occurred_at) / 3600)::integer AS hour, t.class_code AS class,"
    " coalesce(t.region_code, '') AS region_code"
)
_PILES = sql.SQL("""
WITH heavy AS (
    SELECT t.geom FROM {table} AS t WHERE {counted} AND coalesce(t.region_code, '') ^@ %(prefix)s
    GROUP BY t.geom HAVING count(*) >= %(many)s
)
SELECT {columns} FROM {table} AS t
WHERE {counted} AND coalesce(t.region_code, '') ^@ %(prefix)s AND EXISTS (
    SELECT FROM heavy AS h WHERE t.geom && ST_Expand(
        h.geom, %(around)s / (111320 * cos(radians(ST_Y(h.geom)))), %(around)s / 110000.0)
)
ORDER BY t.id
""").format(table=_TABLE, counted=COUNTED, columns=_COLUMNS)
_IN_SPAN = sql.SQL(
    "t.occurred_at >= to_timestamp(%(first)s) AND t.occurred_at < to_timestamp(%(end)s)"
    " AND coalesce(t.region_code, '') ^@ %(prefix)s"
)
_POINTS = sql.SQL("""
SELECT {columns}, t.occurred_at FROM {table} AS t
WHERE {counted} AND {in_span} AND t.class_code ^@ %(classes)s ORDER BY t.id LIMIT %(most)s
""").format(table=_TABLE, counted=COUNTED, columns=_COLUMNS, in_span=_IN_SPAN)
_LEFT_OUT = sql.SQL("""
SELECT count(*) FILTER (WHERE coalesce(t.state, '') = ANY ({not_filed})),
       count(*) FILTER (WHERE coalesce(t.state, '') <> ALL ({not_filed}) AND t.repeat_of IS NOT NULL)
FROM {table} AS t WHERE {present} AND {in_span}
""").format(table=_TABLE, not_filed=sql.Literal(list(NOT_FILED)), present=PRESENT, in_span=_IN_SPAN)


@dataclass(frozen=True, slots=True)
class Span:
    """Which incidents an analysis counts.

    Attributes
    ----------
    step, steps
        So many steps of local time, up to the one with the latest incident.
    until : date, optional
        The last day instead; steps end with the one that holds its end.
    timezone : str, optional
        Whose clock; the city's where left out.
    classes : str
        Beginning of the class codes whose repeats are looked for.
    """

    step: Step
    steps: int
    until: date | None = None
    timezone: str | None = None
    classes: str = ""

    def ends(self, latest: np.datetime64) -> tuple[np.datetime64, np.datetime64, np.datetime64]:
        """Return the beginnings of the first and the last step, and the end of the last, in local time."""
        if self.until is not None:
            latest = np.datetime64(self.until) + np.timedelta64(24 * 3600 - 1, "s")
        return last_steps(latest, self.step, self.steps)


@dataclass(frozen=True, slots=True)
class KeptIncidents:
    """Incidents of a span from the kept counts.

    Attributes
    ----------
    frame : DataFrame
        ``hour``, ``cell`` (int64, of the resolution that is kept), ``class``, ``region_code``, ``n``.
    latest : datetime64
        Local time of the latest incident of all; its hour.
    timezone : str
        Whose clock parts its days.
    facts : dict
        What was left out, and the repeats that are likely; the names of the note.
    """

    frame: pd.DataFrame
    latest: np.datetime64
    timezone: str
    facts: dict[str, int]


def whole_hours(timezone: str, moment: datetime) -> bool:
    """Tell whether local days and months part counts by the hour: offsets of the year are of whole hours.

    Examples
    --------
    >>> when = datetime(2020, 6, 1, tzinfo=UTC)
    >>> whole_hours("Asia/Shanghai", when), whole_hours("Asia/Kolkata", when)
    (True, False)
    """
    zone = ZoneInfo(timezone)
    offsets = (moment.replace(month=month, day=1).astimezone(zone).utcoffset() for month in (1, 7))
    return all(one is not None and one.total_seconds() % 3600 == 0 for one in offsets)


def read_incidents(
    connection: psycopg.Connection[Any], span: Span, timezone: str, *, prefix: str = ""
) -> KeptIncidents | None:
    """Read the incidents of a span inside a transaction that has its scope set.

    Parameters
    ----------
    connection : psycopg.Connection
        Of the application's role, all its reads at one moment.
    timezone : str
        The city's, where the span names none.
    prefix : str
        Beginning of the region codes.

    Returns
    -------
    KeptIncidents or None
        None where nothing is counted, or where local days begin between two counted hours.
    """
    zone = span.timezone or timezone
    row = connection.execute(_LATEST.encode(), {"prefix": prefix}).fetchone()
    if row is None or not whole_hours(zone, datetime.fromtimestamp(row[0] * 3600, UTC)):
        return None
    latest = local_hours(np.array([row[0]]), zone)[0]
    first, _, end = span.ends(latest)
    reach = 15  # of clocks from UTC, in hours
    early, late = (int(one.astype("datetime64[h]").astype(np.int64)) for one in (first, end))
    frame = counts_here(connection, Window(early - reach, late + reach), prefix=prefix)
    local = local_hours(frame["hour"].to_numpy(), zone)
    frame = frame[(local >= first) & (local < end)]
    hours = {"first": _utc_seconds(first, zone), "end": _utc_seconds(end, zone), "prefix": prefix}
    piled, piles = _default_points(connection, prefix)
    frame, taken = _without(frame, piled)
    left_out = connection.execute(_LEFT_OUT, hours).fetchone() or (0, 0)
    facts = {
        "not_filed": int(left_out[0]),
        "recorded_repeats": int(left_out[1]),
        "default_points": piles,
        "on_default_points": taken,
    }
    near = _near_repeats(connection, hours | {"classes": span.classes}, piled, zone)
    return KeptIncidents(frame, latest, zone, facts if near is None else {**facts, "near_repeats": near})


def _default_points(connection: psycopg.Connection[Any], prefix: str) -> tuple[pd.DataFrame, int]:
    """Return the incidents on default points, of all times, and how many such points there are."""
    rows = connection.execute(_PILES, {"prefix": prefix, "many": _MANY, "around": _AROUND_M}).fetchall()
    found = pd.DataFrame(rows, columns=["id", "lon", "lat", "hour", "class", "region_code"])
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(found["lon"], found["lat"]), crs=4326)
    piles = pile_ups(points, at_least=_MANY)
    return found.loc[[row for rows in piles["rows"] for row in rows]], len(piles)


def _without(frame: pd.DataFrame, piled: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return counts less some incidents, and how many of these were among them."""
    if not len(piled) or not len(frame):
        return frame, 0
    inside = piled[piled["hour"].between(frame["hour"].min(), frame["hour"].max())]
    less = in_cells(inside.assign(n=-1))
    summed = pd.concat([frame, less]).groupby(KEY, as_index=False)["n"].sum()
    return summed[summed["n"] > 0].reset_index(drop=True), len(inside)


def _near_repeats(
    connection: psycopg.Connection[Any], hours: dict[str, Any], piled: pd.DataFrame, zone: str
) -> int | None:
    """Return how many incidents of the span and the classes look like repeats; None of too many incidents."""
    rows = connection.execute(_POINTS, {**hours, "most": MOST_FOR_REPEATS + 1}).fetchall()
    if len(rows) > MOST_FOR_REPEATS:
        return None
    names = ["id", "lon", "lat", "hour", "class", "region_code", "occurred_at"]
    found = pd.DataFrame(rows, columns=names)
    found = found[~found["id"].isin(piled["id"])]
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(found["lon"], found["lat"]), crs=4326)
    return int(repeats(points, found["class"], local_time(found["occurred_at"], zone)).notna().sum())


def _utc_seconds(local: np.datetime64, zone: str) -> int:
    moment = pd.Timestamp(local).tz_localize(ZoneInfo(zone), ambiguous=True, nonexistent="shift_forward")
    return int(moment.timestamp())
