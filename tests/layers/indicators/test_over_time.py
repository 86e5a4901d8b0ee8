"""Indicators day by day: each day of a series is what the day itself tells; what was kept is told as kept."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest

from layers.city import CityCard, store_card
from layers.database import admin_connection, open_reading_pool, set_scope
from layers.definitions import Words
from layers.definitions.indicator import Indicator
from layers.indicators.adding_up import Asking, Kept
from layers.indicators.clock import Clock
from layers.indicators.compute import tell
from layers.indicators.days import read_days
from layers.indicators.keeping import keep_today
from layers.indicators.known import views_of
from layers.indicators.places import read_family
from layers.indicators.series import KeptSeries, TooManySteps, tell_series
from layers.indicators.sums import KeptSums, Sum
from layers.indicators.telling import tell_all
from layers.scope import Classification, Scope, Verb
from tests.layers.little_city import ALL, COUNTY, WEST_TOWN, fill, points

pytestmark = pytest.mark.postgis

DAY = date(2020, 12, 31)
ZONE = ZoneInfo("Asia/Shanghai")
CLOCK = Clock(DAY, DAY, ZONE)
WORDS = {"zh": "甲", "en": "A"}
TEXTS = dict.fromkeys(("title", "short_title", "definition", "source"), WORDS)
DAYS = [DAY - timedelta(days=back) for back in range(39, -1, -1)]


def indicator(name, numerator, denominator=None, **more):
    parts = {"numerator": numerator, "denominator": denominator}
    return Indicator.model_validate({"name": name, **TEXTS, **parts, "past": True, **more})


def amount(layer, **more):
    return {"title": WORDS, "layer": layer, **more}


def incidents(**window):
    return amount("incidents", window={"field": "occurred_at", **window})


RATIO = indicator(
    "ratio", incidents(days=7), {**incidents(days=28, ends_days_ago=7), "factor": 0.25}, per=100
)
HOURS = indicator(
    "hours",
    {**incidents(days=7), "measure": "hours", "field": "closed_at", "since": "occurred_at"},
    incidents(days=7),
    missing="closed_at IS NULL",
)
PERMITTED = indicator("permitted", amount("cameras", where="days_before_today(installed_on) >= 0"))
PLAIN = indicator("plain", amount("cameras"))
PRESENT = indicator("cameras_online", amount("cameras", where="online = true"), past=False)


@pytest.fixture(scope="module")
def city(module_database, catalog):
    events = points(300, seed=5, code="s")
    begin = datetime(2020, 12, 31, 15, 59, tzinfo=UTC)  # the last minute of the day in Shanghai
    events["occurred_at"] = [begin - timedelta(hours=7 * n) for n in range(300)]
    events["closed_at"] = [None if n % 5 == 0 else begin - timedelta(hours=7 * n - n % 4) for n in range(300)]
    cameras = points(40).assign(
        name="机", online=[n % 3 > 0 for n in range(40)],
        installed_on=[DAY - timedelta(days=2 * n) for n in range(40)],
    )  # fmt: skip
    fill(
        module_database, catalog, incidents=events.assign(class_code="0101", channel="12345"), cameras=cameras
    )
    with admin_connection(module_database) as connection:
        words = Words(zh="叶集区", en="Yeji")
        store_card(connection, CityCard(name=words, region=COUNTY, sample=True, as_of=DAY))
    return module_database


@pytest.fixture
async def reading(city):
    pool = await open_reading_pool(city, size=1)
    async with pool.acquire() as connection:
        yield connection
    await pool.close()


async def of(reading, catalog, level="community", scope=ALL):
    family = await read_family(reading, ALL, COUNTY, level)
    return Asking(scope, catalog, CLOCK, COUNTY, Kept()), [family.place, *family.parts]


async def test_each_day_of_a_series_is_what_the_day_itself_tells(reading, catalog):
    asking, places = await of(reading, catalog)
    for one in (RATIO, HOURS, PERMITTED, PLAIN):
        told = await tell_series(reading, asking, one, places, DAYS, kept=KeptSeries())
        assert list(told.days) == DAYS
        assert not any(told.kept)
        for row in range(0, len(DAYS), 13):
            that_day = replace(asking, clock=CLOCK.on(DAYS[row]))
            figures = (await tell(reading, that_day, [one], places)).figures
            for place in places:
                own, other = told.figures[place.code][row], figures[place.code][one.name]
                assert own.value == pytest.approx(other.value), (one.name, place.code, DAYS[row])
                assert own.numerator.value == pytest.approx(other.numerator.value)
                assert own.missing_share == pytest.approx(other.missing_share)
                assert (own.reason and own.reason.code) == (other.reason and other.reason.code)


async def test_a_series_down_to_grids_adds_up_to_its_communities(reading, catalog):
    one = indicator("few", incidents(days=7))
    asking, grids = await of(reading, catalog, "governance_grid")
    told = await tell_series(reading, asking, one, grids, DAYS, kept=KeptSeries())
    for row in range(len(DAYS)):
        below = sum(told.figures[place.code][row].value for place in grids[1:])
        assert below == told.figures[COUNTY][row].value > 0


async def test_a_year_in_which_little_changes_is_what_each_day_tells(reading, city, catalog):
    asking, places = await of(reading, catalog, "town")
    year = [DAY - timedelta(days=back) for back in range(364, -1, -1)]
    noon = datetime(2020, 3, 1, 12, tzinfo=ZONE)
    changes = [  # within a day, with the last microsecond of a day, with the first one of the next
        (1, noon, noon + timedelta(days=60)),
        (2, None, datetime(2020, 6, 1, tzinfo=ZONE) - timedelta(microseconds=1)),
        (3, None, datetime(2020, 9, 1, tzinfo=ZONE)),
    ]
    with admin_connection(city) as connection, connection.transaction():
        set_scope(connection, ALL)
        for number, begin, end in changes:
            values = [begin, end, f"p{number}"]
            connection.execute(
                "UPDATE city.cameras SET valid_from = %s, valid_to = %s WHERE code = %s", values
            )
    told = await tell_series(reading, asking, PLAIN, places, year, kept=KeptSeries())
    numbers = [figure.value for figure in told.figures[COUNTY]]
    assert [later - one for one, later in pairwise(numbers) if later != one] == [1, -1, -1, -1]
    near = [date(2020, 2, 29), date(2020, 3, 1), date(2020, 4, 29), date(2020, 4, 30),
            date(2020, 5, 30), date(2020, 5, 31), date(2020, 8, 31), date(2020, 9, 1)]  # fmt: skip
    for day in near:
        that_day = replace(asking, clock=CLOCK.on(day))
        figures = (await tell(reading, that_day, [PLAIN], places)).figures
        assert told.figures[COUNTY][year.index(day)].value == figures[COUNTY][PLAIN.name].value, day
    with admin_connection(city) as connection, connection.transaction():
        set_scope(connection, ALL)
        connection.execute("UPDATE city.cameras SET valid_from = NULL, valid_to = NULL")


async def test_what_must_be_computed_day_by_day_is_refused_for_a_year_and_says_how_many(reading, catalog):
    asking, places = await of(reading, catalog, "town")
    year = [DAY - timedelta(days=back) for back in range(364, -1, -1)]
    with pytest.raises(TooManySteps) as refused:
        await tell_series(reading, asking, PERMITTED, places, year, kept=KeptSeries())
    assert refused.value.details == {"steps": 365, "most": 62}
    assert len((await tell_series(reading, asking, RATIO, places, year, kept=KeptSeries())).days) == 365


async def test_a_series_is_kept_until_its_layer_changes(reading, city, catalog):
    asking, places = await of(reading, catalog, "town")
    kept, one = KeptSeries(), indicator("few", incidents(days=7))
    first = await tell_series(reading, asking, one, places, DAYS, kept=kept)
    assert await tell_series(reading, asking, one, places, DAYS, kept=kept) is first
    with admin_connection(city) as connection, connection.transaction():
        set_scope(connection, ALL)
        connection.execute("UPDATE city.incidents SET status = 'removed' WHERE code = 's0'")
    second = await tell_series(reading, asking, one, places, DAYS, kept=kept)
    with admin_connection(city) as connection, connection.transaction():
        set_scope(connection, ALL)
        connection.execute("UPDATE city.incidents SET status = 'in_service' WHERE code = 's0'")
    assert second.figures[COUNTY][-1].value == first.figures[COUNTY][-1].value - 1


async def test_the_day_is_kept_once_told_later_and_hidden_from_who_may_not_see_it(reading, city, catalog):
    kept = Kept()
    with admin_connection(city) as own:
        assert await keep_today(reading, own, kept) > 10
        assert await keep_today(reading, own, kept) == 0, "nothing has changed"
    views = views_of(catalog)
    one = views.indicators["cameras_online"]
    asking, places = await of(reading, catalog, "town")
    now = (await tell(reading, asking, [one], places)).figures
    later = replace(asking, clock=Clock(DAY, DAY + timedelta(days=5), ZONE))
    told = await tell_all(reading, later, views, [one], places)
    assert told.kept == {"cameras_online"}
    assert {code: found["cameras_online"] for code, found in told.figures.items()} == {
        code: found["cameras_online"] for code, found in now.items()
    }
    other = one.model_copy(update={"per": 1000.0})
    assert not await read_days(reading, ALL, [other], [DAY], [COUNTY]), "another definition is another number"
    internal = Scope("p", frozenset({Verb.READ}), frozenset({Classification.PUBLIC, Classification.INTERNAL}))
    assert not await read_days(reading, internal, [one], [DAY], [COUNTY]), "cameras are restricted"


async def test_a_series_of_the_present_has_the_kept_days_and_says_of_the_others_that_they_are_not_known(
    reading, city, catalog
):
    with admin_connection(city) as own:
        await keep_today(reading, own, Kept())
    one = views_of(catalog).indicators["cameras_online"]
    _, places = await of(reading, catalog, "town")
    tomorrow = DAY + timedelta(days=1)
    asking = Asking(ALL, catalog, Clock(tomorrow, tomorrow, ZONE), COUNTY)
    days = [DAY - timedelta(days=1), DAY, tomorrow]
    told = await tell_series(reading, asking, one, places, days, kept=KeptSeries())
    figures = told.figures[WEST_TOWN]
    assert figures[0].reason.code == "not-kept"
    assert figures[1].value == figures[2].value is not None
    assert list(told.kept) == [False, True, False]


async def test_a_window_from_before_the_first_event_has_no_figure(reading, catalog):
    """The first event is of 5 October: 60 days that end before 2 December begin before it."""
    one = indicator("long", incidents(days=60))
    first = date(2020, 10, 5)
    asking, places = await of(reading, catalog, "town")
    own_region = Scope("w", frozenset({Verb.READ}), ALL.classifications, (WEST_TOWN,))
    for scope, code in ((ALL, COUNTY), (own_region, WEST_TOWN)):
        own = replace(asking, scope=scope)
        told = await tell_series(reading, own, one, places, DAYS, kept=KeptSeries())
        for day, figure in zip(DAYS, told.figures[code], strict=True):
            begins = day - timedelta(days=59)
            assert (figure.value is None) == (begins < first - timedelta(days=1)), day
            if figure.value is None:
                assert figure.reason.code == "window-before-data"
                assert figure.reason.facts == {"layer": "incidents", "since": first.isoformat()}
        early = (await tell(reading, replace(own, clock=CLOCK.on(DAYS[0])), [one], places)).figures[code]
        assert early["long"].reason.code == "window-before-data"
        assert told.figures[code][-1].value > 0


async def test_another_process_finds_the_sums_of_the_day_until_a_layer_changes(reading, city, catalog):
    with admin_connection(city) as own:
        await keep_today(reading, own, Kept())
    views = views_of(catalog)
    asking, places = await of(reading, catalog, "town")
    names = ("cameras_online", "incidents_7_days")
    asked = [views.indicators[name] for name in names]

    def change():
        with admin_connection(city) as own, own.transaction():
            set_scope(own, ALL)
            own.execute("UPDATE city.cameras SET online = NOT online WHERE code = 'p0'")

    first = (await tell(reading, asking, asked, places)).figures[COUNTY]
    # what another one has added up has no day of its own here
    assert {one.day for one in asking.kept.sums.found.values()} == {date.max}
    change()
    try:
        later = replace(asking, kept=Kept())
        second = (await tell(reading, later, asked, places)).figures[COUNTY]
        assert second["cameras_online"].numerator.value == first["cameras_online"].numerator.value + 1
        assert second["incidents_7_days"] == first["incidents_7_days"]
        fresh = {one.tables for one in later.kept.sums.found.values() if one.day == DAY}
        assert fresh == {frozenset({"cameras", "regions"})}
    finally:
        change()
    internal = Scope("p", frozenset({Verb.READ}), frozenset({Classification.PUBLIC, Classification.INTERNAL}))
    of_few = replace(asking, kept=Kept(), scope=internal)
    await tell(reading, of_few, asked[1:], places)
    assert {one.day for one in of_few.kept.sums.found.values()} == {DAY}, "sums of all are not for everybody"


async def test_those_who_ask_together_add_up_once(city, catalog):
    class Noting(KeptSums):
        noted: ClassVar[list[tuple[str, Sum]]] = []

        def put(self, scope, key, found):
            self.noted.append((key, found))
            super().put(scope, key, found)

    pool = await open_reading_pool(city, size=3)
    one = views_of(catalog).indicators["hours_to_close"]
    clock = CLOCK.on(DAY - timedelta(days=1))  # of which nothing is stored
    kept = Kept(sums=Noting())

    async def ask():
        async with pool.acquire() as reading:
            _, places = await of(reading, catalog, "town")
            return await tell(reading, Asking(ALL, catalog, clock, COUNTY, kept), [one], places)

    told = await asyncio.gather(*(ask() for _ in range(3)))
    await pool.close()
    assert told[0].figures == told[1].figures == told[2].figures
    assert len({id(found) for _, found in Noting.noted}) == len({key for key, _ in Noting.noted}) > 0


def test_runs_and_ways_have_no_computed_past():
    with pytest.raises(ValueError, match="of the present"):
        indicator("run", {"title": WORDS, "run": "camera_coverage", "column": "key_places"})


async def test_what_an_earlier_day_does_not_know_is_not_added_up_for_it(reading, catalog):
    asking, places = await of(reading, catalog, "town")
    asking = replace(asking, clock=CLOCK.on(DAY - timedelta(days=1)), kept=Kept())
    told = await tell(reading, asking, [PRESENT], places)
    assert told.figures[COUNTY][PRESENT.name].reason.code == "not-kept"
    assert not asking.kept.sums.found
