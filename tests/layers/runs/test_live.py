"""Live results: after any edits they equal a fresh run exactly, whatever was killed or changed in between."""

import random

import numpy as np
import pandas as pd
import psycopg
import pytest
from psycopg import sql

from layers.database import admin_connection, connect_application, scoped
from layers.features.changes import Follower
from layers.runs.density import DENSITY
from layers.runs.live import Keeper, begin, stored
from layers.runs.reading import find_published
from layers.scope import Scope
from tests.layers.little_city import (
    ALL,
    EAST,
    NORTH,
    SOUTH,
    WEST,
    WEST_TOWN,
    fill,
    one,
    points,
    squares,
    working,
)
from tests.layers.runs.workers import ask, carry_out, published, record, wait_for, worker, worker_here

pytestmark = pytest.mark.postgis


# ruff: noqa: S608 - names of our own
SOME = "id = (SELECT id FROM city.{layer} ORDER BY (id * %(draw)s) %% 1009 LIMIT 1)"
EDITS = [
    "INSERT INTO city.{layer} (geom, provenance, source, height_m)"
    " VALUES (ST_SetSRID({shape}, 4326), 'synthetic', 'tests', %(height)s)",
    f"UPDATE city.{{layer}} SET geom = ST_SetSRID({{shape}}, 4326) WHERE {SOME}",
    f"UPDATE city.{{layer}} SET height_m = %(height)s WHERE {SOME}",
    "UPDATE city.{layer} SET status = CASE status WHEN 'fault' THEN 'in_service' ELSE 'fault' END"
    f" WHERE {SOME}",
    f"DELETE FROM city.{{layer}} WHERE {SOME}",
]


@pytest.fixture(scope="module")
def city(module_database, catalog):
    fill(module_database, catalog, cameras=points(400), buildings=squares(300, size=0.002))
    return module_database


def live_of(city, region="", subject="cameras"):
    with admin_connection(city) as connection:
        return connection.execute(
            "SELECT l.run, l.base, l.waits_for FROM onemap.live_result AS l"
            " WHERE (l.region, l.subject) = (%s, %s)",
            [region, subject],
        ).fetchone()


def cells_of(connection, run):
    query = sql.SQL("SELECT cell, n, value, against, density, ST_AsText(geom_3857) FROM {}").format(
        sql.Identifier("results", f"density_{run}")
    )
    rows = connection.execute(query).fetchall()
    names = ["cell", *DENSITY.column_names, "shape"]
    return pd.DataFrame(rows, columns=names).set_index("cell").sort_index()


def areas_of(connection, run):
    query = "SELECT layer, code, measures FROM onemap.run_area WHERE run = %s"
    return {(layer, code): found for layer, code, found in connection.execute(query, [run]).fetchall()}


def keep(city, rounds=1):
    """Do the rounds of a keeper, in this process."""
    with admin_connection(city) as own, connect_application(city) as reading:
        keeper = Keeper(own, reading)
        for _ in range(rounds):
            keeper.round()


def edit(city, layer, draw, count):
    """Insert, move, delete and change features at random; roll some of it back."""
    with connect_application(city) as connection:
        for _ in range(count):
            x, y = draw.uniform(WEST, EAST), draw.uniform(SOUTH, NORTH)
            if draw.random() < 0.1:
                x += 0.1  # out of the city, where no cell is without features
            shape = "ST_MakePoint(%(x)s, %(y)s)"
            if layer == "buildings":
                shape = "ST_MakeEnvelope(%(x)s, %(y)s, %(x)s + %(w)s, %(y)s + %(w)s)"
            statement = draw.choice(EDITS).replace("{layer}", layer).replace("{shape}", shape)
            values = {"x": x, "y": y, "w": draw.choice([0.0001, 0.003, 0.03]), "draw": draw.randint(1, 1008)}
            with scoped(connection, ALL):
                connection.execute(statement.encode(), values | {"height": round(draw.uniform(2, 30), 3)})
                if draw.random() < 0.1:
                    raise psycopg.Rollback


def assert_equal_to_a_fresh_run(city, catalog, live, region="", **parameters):
    with admin_connection(city) as connection:
        kept, kept_areas = cells_of(connection, live), areas_of(connection, live)
    fresh = ask(city, catalog, region, **parameters)
    carry_out(city)
    with admin_connection(city) as connection:
        pd.testing.assert_frame_equal(kept, cells_of(connection, fresh), check_exact=True)
        assert kept_areas == areas_of(connection, fresh)


@pytest.mark.parametrize(
    ("layer", "region", "parameters"),
    [
        ("cameras", "", {"resolution": 9}),
        ("cameras", WEST_TOWN, {"resolution": 9, "weight": "height_m"}),
        ("buildings", "", {"resolution": 9, "weight": "height_m"}),
        ("buildings", WEST_TOWN, {"resolution": 9}),
    ],
)
def test_after_random_edits_the_live_result_equals_a_fresh_run_to_the_last_bit(
    city, catalog, layer, region, parameters
):
    ask(city, catalog, region, layer=layer, **parameters)
    carry_out(city)
    keep(city)
    subject = ".".join(filter(None, (layer, parameters.get("weight"))))
    live, base, _ = live_of(city, region, subject)
    assert base == published(city, region, subject)
    draw = random.Random(f"{layer}{region}")  # noqa: S311 - no secret
    for _ in range(6):
        edit(city, layer, draw, draw.randint(1, 40))
        keep(city)
    keep(city)
    assert live_of(city, region, subject) == (live, base, None)
    assert record(city, live)["snapshot"] != record(city, base)["snapshot"]
    assert_equal_to_a_fresh_run(city, catalog, live, region, layer=layer, **parameters)


def test_an_edit_announces_just_the_cells_that_it_changed(city, catalog):
    ask(city, catalog, layer="cameras", resolution=9)
    carry_out(city)
    keep(city)
    live, _, _ = live_of(city)
    with admin_connection(city) as connection:
        before = cells_of(connection, live)
    with connect_application(city) as reading:
        follower = Follower(reading)
        with working(city) as connection:
            connection.execute(
                "UPDATE city.cameras SET geom = ST_SetSRID(ST_MakePoint(115.61, 31.71), 4326)"
                " WHERE id = (SELECT min(id) FROM city.cameras WHERE status = 'in_service')"
            )
        keep(city)
        told = [change for change in follower.read().changes if change.details is not None]
    # Results that other tests have left here are kept too.
    told = [change for change in told if change.details["run"] == live]
    assert [(change.layer, change.details["run"], change.details["live"]) for change in told] == [
        ("density", live, True)
    ]
    with admin_connection(city) as connection:
        after = cells_of(connection, live)
    changed = after.index[(before.reindex(after.index)["n"] != after["n"])]
    finest = {f"{cell:x}" for cell in changed if cell >> 52 & 15 == 9}
    assert set(told[0].details["cells"]) == finest
    assert 1 <= len(finest) <= 2
    with connect_application(city) as reading:
        follower = Follower(reading)
        keep(city)
        assert follower.read().changes == ()


def test_results_side_by_side_each_keep_their_own_live_result(city, catalog):
    for layer in ("cameras", "buildings"):
        ask(city, catalog, layer=layer, resolution=8)
    carry_out(city)
    keep(city)
    lives = {layer: live_of(city, subject=layer)[0] for layer in ("cameras", "buildings")}
    assert len(set(lives.values())) == 2
    with admin_connection(city) as connection:
        before = {layer: cells_of(connection, live) for layer, live in lives.items()}
    with working(city) as connection:
        connection.execute(
            "INSERT INTO city.cameras (geom, provenance, source)"
            " VALUES (ST_SetSRID(ST_MakePoint(%s, %s), 4326), 'synthetic', 'tests')",
            [WEST + 0.01, SOUTH + 0.01],
        )
    keep(city)
    for layer, live in lives.items():
        assert live_of(city, subject=layer) == (live, published(city, subject=layer), None)
        with admin_connection(city) as connection:
            after = cells_of(connection, live)
        levels = after["n"].sum() - before[layer]["n"].sum()
        assert levels == (4 if layer == "cameras" else 0), "one more at each of four levels"


def test_a_great_change_is_computed_whole_by_a_run_and_followed_from_there(city, catalog):
    ask(city, catalog, layer="cameras", resolution=8)
    carry_out(city)
    keep(city)
    live, base, _ = live_of(city)
    with admin_connection(city) as connection:
        connection.execute(
            "INSERT INTO city.cameras (geom, provenance, source) SELECT ST_SetSRID(ST_MakePoint("
            "%s + random() * 0.08, 31.75), 4326), 'synthetic', 'bulk' FROM generate_series(1, 600)",
            [WEST],
        )
    keep(city, rounds=3)
    same, _, waits_for = live_of(city)
    assert same == live
    assert waits_for > base
    assert record(city, live)["snapshot"] == record(city, base)["snapshot"]
    carry_out(city)
    keep(city)
    again, base, waits_for = live_of(city)
    assert (base, waits_for) == (published(city), None)
    assert again != live
    with admin_connection(city) as connection:
        assert one(connection, "SELECT to_regclass(%s) IS NULL", f"results.density_{live}")
        assert one(connection, "SELECT count(*) FROM onemap.run WHERE id = %s", live) == 0
    assert_equal_to_a_fresh_run(city, catalog, again, layer="cameras", resolution=8)


async def test_what_is_shown_is_the_live_result_and_only_to_those_who_read_its_inputs(city, catalog):
    from layers.database import open_reading_pool
    from layers.runs.errors import NoResult
    from layers.runs.reading import list_runs, published_runs
    from layers.scope import Classification, Verb

    ask(city, catalog, layer="cameras", resolution=7)
    carry_out(city)
    keep(city)
    live, base, _ = live_of(city)
    pool = await open_reading_pool(city, size=1)
    async with pool.acquire() as reads:
        assert (await find_published(reads, ALL, "density", "", "cameras")).run == live
        (shown,) = [run for run in await published_runs(reads, ALL, region="") if run["subject"] == "cameras"]
        assert shown["id"] == base
        assert (shown["live_result"]["run"], shown["live_result"]["out_of_date"]) == (live, False)
        runs, _ = await list_runs(reads, ALL)
        assert live not in {run["id"] for run in runs}
        public = Scope("guest", frozenset({Verb.READ}), frozenset({Classification.PUBLIC}))
        with pytest.raises(NoResult):
            await find_published(reads, public, "density", "", "cameras")
    await pool.close()


def test_a_worker_killed_in_a_live_update_leaves_one_moment_and_another_one_goes_on(city, catalog):
    ask(city, catalog, layer="cameras", resolution=9)
    carry_out(city)
    keep(city)
    live, _, _ = live_of(city)
    before = record(city, live)["snapshot"]
    with admin_connection(city) as held:
        cells = cells_of(held, live)
        edit(city, "cameras", random.Random(2), 30)  # noqa: S311 - no secret
        with held.transaction(force_rollback=True):
            # the last statement of a step, after its cells, waits for this
            held.execute("LOCK TABLE onemap.layer_change IN SHARE MODE")
            with worker(city) as first:
                wait_for(lambda: announcing_waits(city), "the end of a step")
                first.kill()
        wait_for(lambda: not announcing_waits(city), "the server to notice")
        assert record(city, live)["snapshot"] == before
        pd.testing.assert_frame_equal(cells_of(held, live), cells, check_exact=True)
    draw = random.Random(3)  # noqa: S311 - no secret
    with worker(city) as second:
        for turn in range(6):
            edit(city, "cameras", draw, 15)
            if turn == 3:
                second.kill()
    with worker_here(city):
        edit(city, "cameras", draw, 15)
        last = log_position(city)
        wait_for(lambda: includes(city, live, last), "the live result")
        wait_for(lambda: includes(city, live, last, areas=True), "its areas")
    assert_equal_to_a_fresh_run(city, catalog, live, layer="cameras", resolution=9)


def announcing_waits(city):
    with admin_connection(city) as connection:
        return one(
            connection,
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'onemap.layer_change'::regclass",
        )


def log_position(city):
    with admin_connection(city) as connection:
        return one(
            connection,
            "SELECT xid::text FROM onemap.layer_change WHERE layer = 'cameras' ORDER BY seq DESC LIMIT 1",
        )


def includes(city, live, xid, areas=False):
    column = "l.areas_snapshot" if areas else "r.snapshot"
    with admin_connection(city) as connection:
        return one(
            connection,
            f"SELECT pg_visible_in_snapshot(%s::text::xid8, {column}) FROM onemap.run AS r"
            " JOIN onemap.live_result AS l ON l.run = r.id WHERE r.id = %s",
            xid, live,
        )  # fmt: skip


def test_cells_below_others_are_found_by_the_ranges_of_their_numbers(city, catalog):
    import h3

    ask(city, catalog, layer="buildings", resolution=9)
    carry_out(city)
    keep(city)
    live, _, _ = live_of(city)
    with admin_connection(city) as connection:
        every = cells_of(connection, live)
        texts = {cell: f"{cell:x}" for cell in every.index}
        some = sorted({h3.cell_to_parent(text, 6) for text in texts.values() if h3.get_resolution(text) == 9})
        ancestors = np.array([int(text, 16) for text in some[:3]], dtype=np.uint64)
        found = stored(connection, DENSITY, live, ancestors)
    expected = {
        cell
        for cell, text in texts.items()
        if h3.get_resolution(text) >= 6 and h3.cell_to_parent(text, 6) in some[:3]
    }
    assert set(found.index.tolist()) == expected


def test_a_run_without_cells_begins_no_live_result(city):
    with admin_connection(city) as connection:
        assert begin(connection, DENSITY, 999_999, old=None) is None
