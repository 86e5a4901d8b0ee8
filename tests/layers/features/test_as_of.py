"""Layers as of a moment: after many changes, at every moment, against the record that the test keeps."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import mapbox_vector_tile
import morecantile
import orjson
import psycopg
import pytest
import shapely

from geo.errors import NotFound
from layers.database import connect_application, scoped
from layers.features.moments import Moment
from layers.features.reading import Query, read_item, read_items, read_thinned_tile, read_tile
from layers.features.records import read_records
from layers.scope import LayerScope, Scope
from tests.layers.little_city import EAST, NORTH, SOUTH, WEST, WEST_TOWN, fill, points, reading, working

pytestmark = pytest.mark.postgis

ZONE = ZoneInfo("Asia/Shanghai")
MIDDLE = 115.64
BOX = (WEST, SOUTH, MIDDLE - 0.01, NORTH)
EARLY, LATE = date(2015, 3, 1), date(2019, 6, 1)


@dataclass(frozen=True)
class State:
    """What one version of a camera says."""

    lon: float
    installed: date | None
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@dataclass
class Told:
    """A camera as the test remembers it: when it got which state; the last None where it is gone."""

    changes: list[tuple[datetime, State | None]] = field(default_factory=list)

    def at(self, moment: Moment, loaded: datetime) -> State | None:
        """Return the state at a moment, or None where the camera was not there."""
        # of several changes in one transaction only the last one was ever seen
        seen = dict(self.changes)
        times = sorted(seen)
        recorded = moment.recorded or datetime.max.replace(tzinfo=UTC)
        known = [one for one in times if one <= recorded]
        since = known[-1] if known else times[0]
        state = seen[since]
        if state is None:
            return None
        if state.valid_to is not None and state.valid_to <= moment.valid:
            return None
        if state.valid_from is not None:
            return state if state.valid_from <= moment.valid else None
        if state.installed is not None:
            return state if state.installed <= moment.day else None
        return state if since <= max(recorded, loaded) else None


@dataclass
class City:
    """What was done to the cameras of a city, and when."""

    addresses: object
    loaded: datetime
    told: dict[int, Told] = field(default_factory=dict)
    times: list[datetime] = field(default_factory=list)

    def there(self, moment: Moment) -> dict[int, State]:
        found = {number: told.at(moment, self.loaded) for number, told in self.told.items()}
        return {number: state for number, state in found.items() if state is not None}


def _changed(city: City, connection: psycopg.Connection, draw: random.Random) -> None:
    """Add, move, date, end or delete cameras in one transaction."""
    (now,) = connection.execute("SELECT now()").fetchone()
    city.times.append(now)
    for _ in range(draw.choice([1, 1, 1, 3])):
        present = [number for number, told in city.told.items() if told.changes[-1][1] is not None]
        what = draw.choice(["add", "move", "move", "date", "end", "delete"]) if present else "add"
        state = State(round(draw.uniform(WEST, EAST), 6), draw.choice([None, None, EARLY, LATE]))
        if what == "add":
            if draw.random() < 0.3:
                state = replace(state, valid_from=datetime(2018, 1, 1, tzinfo=UTC))
            (number,) = connection.execute(
                "INSERT INTO city.cameras (code, geom, provenance, source, installed_on, valid_from) VALUES"
                " (%s, ST_SetSRID(ST_Point(%s, 31.72), 4326), 'synthetic', 'tests', %s, %s) RETURNING id",
                [f"new{len(city.told)}", state.lon, state.installed, state.valid_from],
            ).fetchone()
            city.told[number] = Told([(now, state)])
            continue
        number = draw.choice(present)
        before = city.told[number].changes[-1][1]
        assert before is not None
        if what == "delete":
            connection.execute("DELETE FROM city.cameras WHERE id = %s", [number])
            city.told[number].changes.append((now, None))
            continue
        after = {
            "move": replace(before, lon=state.lon),
            "date": replace(before, installed=state.installed),
            "end": replace(before, valid_to=draw.choice([now, datetime(2019, 9, 9, tzinfo=UTC)])),
        }[what]
        connection.execute(
            "UPDATE city.cameras SET geom = ST_SetSRID(ST_Point(%s, 31.72), 4326),"
            " installed_on = %s, valid_to = %s WHERE id = %s",
            [after.lon, after.installed, after.valid_to, number],
        )
        city.told[number].changes.append((now, after))


@pytest.fixture(scope="module")
def city(module_database, catalog):
    dated = [EARLY, LATE, None]
    cameras = points(12).assign(installed_on=dated * 4)
    cameras.geometry = shapely.points(cameras.geometry.x.round(6), 31.72)
    fill(module_database, catalog, cameras=cameras)
    with working(module_database) as connection:
        rows = connection.execute(
            "SELECT id, ST_X(geom), installed_on, updated_at FROM city.cameras ORDER BY id"
        ).fetchall()
    made = City(module_database, rows[0][3])
    made.told = {number: Told([(at, State(lon, installed))]) for number, lon, installed, at in rows}
    made.times.append(made.loaded)
    draw = random.Random(20201231)  # noqa: S311 - a sequence of changes, no secret
    with connect_application(module_database) as connection:
        for _ in range(60):
            with scoped(connection, Scope.everything("tests")):
                _changed(made, connection, draw)
    return made


@pytest.fixture
async def connection(city):
    async with reading(city.addresses) as found:
        yield found


@pytest.fixture
def layer(catalog):
    return catalog.layer("cameras")


ALL = LayerScope("cameras", True)
IN_WEST = LayerScope("cameras", False, (WEST_TOWN,))


def moments(city):
    """Yield each moment of a change, the moments around it, and days from long before to long after."""
    step = timedelta(microseconds=1)
    for at in city.times:
        for moment in (at - step, at, at + step):
            yield Moment.of(moment, ZONE)
    for year in (2010, 2015, 2018, 2019, 2020, 2100):
        yield Moment.end_of(date(year, 3, 1), ZONE)


async def found(connection, layer, moment, scope=ALL, **query):
    page = await read_items(connection, layer, scope, Query(limit=10_000, moment=moment, **query))
    features = map(orjson.loads, page.features)
    return {one["id"]: round(one["geometry"]["coordinates"][0], 6) for one in features}


async def test_every_moment_shows_what_was_there_then(city, connection, layer):
    states = set()
    for moment in moments(city):
        expected = {number: round(state.lon, 6) for number, state in city.there(moment).items()}
        assert await found(connection, layer, moment) == expected, moment
        states.add(tuple(sorted(expected.items())))
    assert len(states) > 35


async def test_a_box_and_a_scope_of_regions_show_their_part_of_it(city, connection, layer):
    for moment in list(moments(city))[::7]:
        there = {number: round(state.lon, 6) for number, state in city.there(moment).items()}
        inside = {number: lon for number, lon in there.items() if BOX[0] <= lon <= BOX[2]}
        assert await found(connection, layer, moment, box=BOX) == inside
        west = {number: lon for number, lon in there.items() if lon < MIDDLE}
        assert await found(connection, layer, moment, IN_WEST) == west


async def test_tiles_of_a_moment_hold_the_same_features(city, connection, layer):
    matrix = morecantile.tms.get("WebMercatorQuad")
    tiles = list(matrix.tiles(WEST, SOUTH, EAST, NORTH, zooms=[11]))
    for moment in list(moments(city))[::11]:
        for thin in (False, True):
            seen = set()
            for tile in tiles:
                where = (tile.z, tile.x, tile.y)
                drawn = (
                    await read_thinned_tile(connection, layer, ALL, *where, 64, moment)
                    if thin
                    else await read_tile(connection, layer, ALL, *where, moment)
                )
                decoded = mapbox_vector_tile.decode(drawn.data) if drawn.data else {}
                seen |= {one["id"] for one in decoded.get("cameras", {}).get("features", [])}
            assert seen == set(city.there(moment)), moment


async def test_pages_of_a_moment_follow_their_cursor_and_filters_apply(city, connection, layer):
    moment = Moment.of(city.times[30], ZONE)
    ids, after = [], None
    for _ in range(100):
        page = await read_items(connection, layer, ALL, Query(limit=3, after=after, moment=moment))
        ids += [orjson.loads(one)["id"] for one in page.features]
        after = page.next_after
        if after is None:
            break
    assert ids == sorted(city.there(moment))
    dated = {number for number, state in city.there(moment).items() if state.installed == EARLY}
    assert dated
    assert set(await found(connection, layer, moment, equals={"installed_on": EARLY.isoformat()})) == dated


async def test_one_feature_is_told_as_it_was_and_not_where_it_was_not_there(city, connection, layer):
    step = timedelta(microseconds=1)
    deleted = {
        number: told.changes[-1][0] for number, told in city.told.items() if told.changes[-1][1] is None
    }
    gone, at = next((n, at) for n, at in deleted.items() if n in city.there(Moment.of(at - step, ZONE)))
    before = Moment.of(at - step, ZONE)
    was = orjson.loads(await read_item(connection, layer, ALL, gone, moment=before))
    assert was["geometry"]["coordinates"][0] == pytest.approx(city.there(before)[gone].lon, abs=1e-6)
    with pytest.raises(NotFound):
        await read_item(connection, layer, ALL, gone, moment=Moment.of(at, ZONE))


async def test_where_the_citys_clock_stands_its_day_is_the_present(city, connection, layer):
    today = date(2020, 12, 31)
    moment = Moment.end_of(today, ZONE, stands_on=today)
    then = await found(connection, layer, moment)
    present = await read_items(connection, layer, ALL, Query(limit=10_000))
    assert then.keys() == city.there(moment).keys()
    assert then.keys() <= {orjson.loads(one)["id"] for one in present.features}
    assert set(city.told) - then.keys()
    yesterday = Moment.end_of(today - timedelta(days=1), ZONE, stands_on=today)
    assert (await found(connection, layer, yesterday)).keys() == city.there(yesterday).keys()


async def test_the_record_of_a_layer_says_since_when_it_is_known(city, connection, catalog):
    layers = [one for one in catalog.layers.values() if one.part_of is None]
    records = await read_records(connection, layers, ZONE)
    record = records["cameras"]
    present = [last for told in city.told.values() if (last := told.changes[-1][1]) is not None]
    assert record.features == len(present)
    assert record.dated == sum(one.installed is not None or one.valid_from is not None for one in present)
    assert record.stated_from == EARLY
    assert record.recorded_from == city.loaded.astimezone(ZONE).date()
    assert records["poles"].first_day is None


def test_records_of_a_row_follow_each_other_also_where_the_later_writer_began_first(database, catalog):
    fill(database, catalog, cameras=points(1))
    with working(database) as early:
        early.execute("SELECT now()")
        with working(database) as late:
            late.execute("UPDATE city.cameras SET name = 'second'")
        early.execute("UPDATE city.cameras SET name = 'first'")
    with working(database) as connection:
        rows = connection.execute(
            "SELECT recorded_from, recorded_to FROM city.cameras_history WHERE recorded_from < recorded_to"
            " UNION ALL SELECT updated_at, '2100-01-01' FROM city.cameras ORDER BY 1"
        ).fetchall()
    ends = [rows[0][0], *(to for _, to in rows)]
    assert [since for since, _ in rows] == ends[:-1]


async def test_who_is_deleted_and_written_down_again_stands_there_once_at_every_moment(
    database, catalog, layer
):
    fill(database, catalog, cameras=points(2).assign(installed_on=EARLY))
    times = []
    for statement in (
        "DELETE FROM city.cameras WHERE code = 'p1'",
        "INSERT INTO city.cameras (code, geom, provenance, source, installed_on)"
        " VALUES ('p1', ST_SetSRID(ST_Point(115.65, 31.72), 4326), 'synthetic', 'tests', '2015-03-01')",
        # and once more, moved within the same transaction
        "DELETE FROM city.cameras WHERE code = 'p1'; INSERT INTO city.cameras"
        " (code, geom, provenance, source, installed_on)"
        " VALUES ('p1', ST_SetSRID(ST_Point(115.66, 31.72), 4326), 'synthetic', 'tests', '2015-03-01');"
        " UPDATE city.cameras SET geom = ST_SetSRID(ST_Point(115.67, 31.72), 4326) WHERE code = 'p1'",
    ):
        with working(database) as writing:
            times.append(writing.execute("SELECT now()").fetchone()[0])
            writing.execute(statement)
    other, first = (round(float(lon), 6) for lon in points(2).geometry.x)
    asked = [*(at + step for at in times for step in (-timedelta(microseconds=1), timedelta(0)))]
    moments = [Moment.end_of(date(2016, 1, 1), ZONE), *(Moment.of(at, ZONE) for at in asked)]
    expected = [{first}, {first}, set(), set(), {115.65}, {115.65}, {115.67}]
    async with reading(database) as connection:
        for moment, there in zip(moments, expected, strict=True):
            shown = await found(connection, layer, moment)
            assert sorted(shown.values()) == sorted([other, *there]), moment
