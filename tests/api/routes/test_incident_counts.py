"""Incidents of a window over HTTP: by step, cell (h3-py 4), class and hour of the week."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import h3
import numpy as np
import pytest

from layers.city import CityCard, store_card
from layers.database import admin_connection, set_scope
from layers.definitions.words import Words
from layers.scope import Scope

pytestmark = pytest.mark.postgis

ZONE = ZoneInfo("Asia/Shanghai")
FIRST = datetime(2020, 12, 1, tzinfo=ZONE)
ROW = """
INSERT INTO city.incidents (geom, class_code, channel, occurred_at, state, provenance, source)
VALUES (ST_SetSRID(ST_MakePoint(%s, %s), 4326), %s, 'patrol', %s, 'closed', 'synthetic', 'tests')
"""


@pytest.fixture(scope="module")
def incidents(city):
    draw = np.random.default_rng(4)
    rows = [
        (115.80 + float(x) / 100, 31.70 + float(y) / 100, str(code), FIRST + timedelta(minutes=int(minute)))
        for x, y, code, minute in zip(
            draw.random(900), draw.random(900), draw.choice(["T01", "T02", "0101"], 900),
            draw.integers(0, 31 * 1440, 900), strict=True,
        )
    ]  # fmt: skip
    with admin_connection(city) as connection, connection.transaction():
        set_scope(connection, Scope.everything("tests"))
        with connection.cursor() as cursor:
            cursor.executemany(ROW.encode(), rows)
        name = Words(zh="叶集", en="Yeji")
        store_card(connection, CityCard(name=name, as_of=datetime(2020, 12, 31, tzinfo=ZONE).date()))
    return rows


@pytest.mark.parametrize(("window", "hours"), [("1h", 1), ("6h", 6), ("24h", 24), ("7d", 168)])
async def test_a_window_ends_with_the_citys_own_day_and_its_steps_add_up(client, incidents, window, hours):
    found = (await client.get("/incidents/counts", params={"window": window})).json()
    end = datetime(2021, 1, 1, tzinfo=ZONE)
    inside = [row for row in incidents if end - timedelta(hours=hours) <= row[3] < end]
    assert (found["hours"], found["n"], found["to"]) == (hours, len(inside), "2021-01-01T00:00:00+08:00")
    assert sum(step["n"] for step in found["steps"]) == found["steps"][-1]["cumulative"] == len(inside)
    assert sum(n for _, _, n in found["bins"]) == np.sum(found["profile"]) == len(inside)


async def test_days_cells_classes_and_hours_of_the_week_are_those_of_the_incidents(client, incidents):
    asked = {"datetime": "2020-12-03/2020-12-20", "step": "day", "classes": "T", "resolution": "9"}
    found = (await client.get("/incidents/counts", params=asked)).json()
    inside = [row for row in incidents if row[2] > "T" and 3 <= row[3].day <= 20]
    by_day = Counter(f"{row[3]:%Y-%m-%d}T00:00" for row in inside)
    assert {step["start"]: step["n"] for step in found["steps"]} == dict(by_day)
    # cells are those of the kept counts, added up
    by_bin = Counter(
        (h3.cell_to_parent(h3.latlng_to_cell(y, x, 10), 9), row_at.day - 3) for x, y, _, row_at in inside
    )
    assert {(found["cells"][cell], step): n for cell, step, n in found["bins"]} == dict(by_bin)
    outline = np.reshape(found["outlines"][0], (-1, 2))
    wanted_outline = [(lng, lat) for lat, lng in h3.cell_to_boundary(found["cells"][0])]
    assert {tuple(one) for one in outline.round(5)} == {tuple(np.round(one, 5)) for one in wanted_outline}
    assert {one["code"]: one["n"] for one in found["classes"]} == Counter(row[2] for row in inside)
    assert found["classes"][0]["title"]["zh"]
    by_class = Counter((row[2], row[3].day - 3) for row in inside)
    codes = [one["code"] for one in found["classes"]]
    assert {(codes[place], step): n for place, step, n in found["class_bins"]} == dict(by_class)
    assert len(found["regions"]) == len(found["cells"])
    week = Counter((row[3].weekday(), row[3].hour) for row in inside)
    assert {(day, hour): found["profile"][day][hour] for day, hour in week} == dict(week)


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({"window": "2h"}, "window"),
        ({"window": "1h", "datetime": "2020-12-01/2020-12-02"}, "datetime"),
        ({"datetime": "2020-12-02/2020-12-01"}, "datetime"),
        ({"datetime": "../2020-12-01"}, "datetime"),
        ({"datetime": "2018-01-01/2020-12-01"}, "datetime"),
        ({"datetime": "soon"}, "datetime"),
        ({"step": "minute"}, "step"),
        ({"datetime": "2020-01-01/2020-12-31", "step": "hour"}, "step"),
        ({"classes": "Q"}, "classes"),
        ({"resolution": "11"}, "resolution"),
    ],
)
async def test_what_makes_no_window_is_refused_with_what_would(client, incidents, asked, parameter):
    answer = await client.get("/incidents/counts", params=asked)
    assert answer.status_code == 400
    problem = answer.json()
    assert problem["code"] == "bad-parameter"
    assert problem["details"]["parameter"] == parameter
    assert "{" not in problem["detail"]


async def test_a_region_is_counted_alone_and_one_that_is_not_there_is_refused(client, incidents):
    assert (await client.get("/incidents/counts", params={"region": "999999"})).status_code == 404
