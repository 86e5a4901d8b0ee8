"""Scenarios against PostGIS: checked like edits, kept in versions, read over the layers, applied once."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pandas.testing import assert_frame_equal
from psycopg import sql

from geo.errors import Refused
from layers.database import Addresses, admin_connection, connect_application, open_reading_pool, scoped
from layers.definitions.loading import Catalog
from layers.features.writing import delete_feature, insert_feature, update_feature
from layers.runs.inputs import read_here
from layers.runs.kinds import kind_named
from layers.runs.parameters import parse
from layers.runs.reading import every_page, find_result
from layers.runs.requesting import request
from layers.scenarios.applying import apply
from layers.scenarios.changes import Op, Proposed, check_changes
from layers.scenarios.compare import cells_between, compare, figures, pareto, sites, towns
from layers.scenarios.errors import (
    ChangeRefused,
    NoScenario,
    ScenarioApplied,
    ScenarioChanged,
    ScenarioExists,
    ScenarioFixed,
)
from layers.scenarios.naming import reference
from layers.scenarios.overlay import drawn
from layers.scenarios.record import State, change, create, delete, every, history, read, read_for_change
from layers.scope import Scope
from tests.layers.little_city import ALL, EAST_TOWN, SOUTH, WEST, WEST_TOWN, fill, scope_of
from tests.layers.runs.radio_city import sectors
from tests.layers.runs.test_cameras import MIDDLE, STEP, street
from tests.layers.runs.workers import carry_out, record

pytestmark = pytest.mark.postgis

SPOT = shapely.Point(MIDDLE[0], MIDDLE[1] + 10 * STEP)
ELSEWHERE = shapely.Point(WEST + 0.05, SOUTH + 0.01)
CAMERA = {
    "code": "N1", "kind": "fixed", "tier": "1", "azimuth_deg": 180.0, "view_angle_deg": 90.0, "online": True,
    "pixels_horizontal": 1920, "height_m": 4.0, "tilt_deg": 10.0, "using_departments": ["public_security"],
    "installed_on": "2020-03-01",
}  # fmt: skip


@pytest.fixture(scope="module")
def city(module_database: Addresses, catalog: Catalog) -> Addresses:
    radio = sectors([MIDDLE]).drop(columns="status")
    stations = gpd.GeoDataFrame(
        {"code": ["B0"], "technology": ["5g"], "operator": ["cmcc"]},
        geometry=[shapely.Point(MIDDLE)],
        crs=4326,
    )
    fill(module_database, catalog, **street(), sectors=radio, base_stations=stations)
    return module_database


@contextmanager
def undone(city: Addresses):
    """Give a connection whose writes are all rolled back."""
    with connect_application(city) as connection, connection.transaction(force_rollback=True):
        yield connection


@pytest.fixture
def edit(city: Addresses):
    with undone(city) as connection, scoped(connection, ALL):
        yield connection


def id_of(connection, code: str, layer: str = "cameras") -> int:
    table = sql.Identifier("city", layer)
    query = sql.SQL("SELECT id FROM {} WHERE code = {}").format(table, sql.Literal(code))
    return connection.execute(query).fetchone()[0]


def add(properties: dict[str, Any] = CAMERA, geometry=SPOT, layer: str = "cameras", **more: Any) -> Proposed:
    return Proposed(Op.ADD, layer, properties=properties, geometry=geometry, **more)


def made(connection, catalog: Catalog, *proposed: Proposed, name: str = "方案B", scope: Scope = ALL):
    checked = check_changes(connection, scope, catalog, proposed)
    return create(connection, scope, catalog, name, changes=checked)


def frames(connection, catalog: Catalog, kind: str, scenario: str | None = None):
    chosen = kind_named(kind)
    parameters = parse(chosen, {}, catalog)
    changes = () if scenario is None else read(connection, reference(scenario)).changes
    return read_here(connection, catalog, chosen.wanted(parameters), region="", changes=changes).inputs.frames


def test_a_draft_is_reviewed_and_made_final_and_every_version_stays(edit, catalog):
    first = made(edit, catalog, add())
    assert (first.version, first.state, first.classification) == (1, "draft", "restricted")
    assert first.reach == [f"{WEST_TOWN}001G01"]
    with pytest.raises(ScenarioExists), edit.transaction():
        made(edit, catalog)
    second = change(edit, ALL, catalog, first, note="给评审看")
    review = change(edit, ALL, catalog, second, state=State.REVIEW)
    with pytest.raises(ScenarioFixed, match="only a draft"):
        change(edit, ALL, catalog, review, changes=[])
    final = change(edit, ALL, catalog, review, state=State.FINAL)
    with pytest.raises(ScenarioFixed, match="cannot follow"):
        change(edit, ALL, catalog, final, state=State.DRAFT)
    assert [(one["version"], one["state"], one["changes"]) for one in history(edit, "方案B")] == [
        (4, "final", 1), (3, "review", 1), (2, "draft", 1), (1, "draft", 1)
    ]  # fmt: skip
    assert read(edit, reference("方案B@1")).note == ""
    assert [one["name"] for one in every(edit)] == ["方案B"]


def test_a_change_names_the_version_that_it_changes(edit, catalog):
    first = made(edit, catalog)
    change(edit, ALL, catalog, first, note="新")
    with pytest.raises(ScenarioChanged) as caught:
        read_for_change(edit, "方案B", frozenset({1}))
    assert caught.value.details["version"] == 2
    assert read_for_change(edit, "方案B", frozenset({2})).note == "新"


def test_a_deleted_scenario_is_out_of_sight_and_its_name_goes_on_counting(edit, catalog):
    first = made(edit, catalog, add())
    delete(edit, ALL, first)
    with pytest.raises(NoScenario):
        read(edit, reference("方案B"))
    assert len(read(edit, reference("方案B@1"), also_deleted=True).changes) == 1
    assert made(edit, catalog).version == 2


@pytest.mark.parametrize(
    ("proposed", "field", "reason"),
    [
        (add({**CAMERA, "azimuth_deg": 400}), "azimuth_deg", "range"),
        (add({**CAMERA, "tier": "9"}), "tier", "code"),
        (add({**CAMERA, "colour": "red"}), "colour", "unknown-field"),
        (add({"site_code": None}, layer="sectors"), "site_code", "required"),
        (add({**CAMERA, "status": "planned"}), "status", "not-here"),
        (add(geometry=None), "geometry", "geometry-missing"),
        (add(geometry=shapely.LineString([(115, 31), (116, 32)])), "geometry", "geometry-family"),
        (add(year=20), "year", "range"),
        (add(layer="regions"), "layer", "no-such-layer"),
        (Proposed(Op.EDIT, "cameras", 999, {"online": False}), "feature_id", "no-such-feature"),
        (Proposed(Op.EDIT, "cameras", 1), "properties", "nothing-to-change"),
        (Proposed(Op.MOVE, "cameras", 1), "geometry", "geometry-missing"),
        (Proposed(Op.REMOVE, "cameras", 1, geometry=SPOT), "geometry", "not-here"),
    ],
)
def test_a_change_that_does_not_fit_its_layer_is_refused_with_its_number(
    edit, catalog, proposed, field, reason
):
    good = add({**CAMERA, "code": "N2"})
    if proposed.feature_id == 1:
        proposed = Proposed(proposed.op, "cameras", id_of(edit, "C1"), geometry=proposed.geometry)
    with pytest.raises(ChangeRefused) as caught:
        check_changes(edit, ALL, catalog, [good, proposed])
    details = caught.value.details
    assert (details["number"], details["field"], details["reason"]) == (2, field, reason)


def test_a_feature_is_changed_once_in_a_scenario(edit, catalog):
    turned = Proposed(Op.EDIT, "cameras", id_of(edit, "C1"), {"azimuth_deg": 90})
    with pytest.raises(ChangeRefused) as caught:
        check_changes(edit, ALL, catalog, [turned, turned])
    assert caught.value.details["reason"] == "changed-twice"


def test_who_keeps_one_town_neither_sees_nor_writes_scenarios_of_another(city, catalog):
    west, east = scope_of(WEST_TOWN), scope_of(EAST_TOWN)
    with undone(city) as connection:
        with scoped(connection, ALL):
            made(connection, catalog, add())
        with scoped(connection, west):
            assert read(connection, reference("方案B")).version == 1
        with scoped(connection, east):
            assert every(connection) == []
            with pytest.raises(NoScenario):
                read_for_change(connection, "方案B", None)
            with pytest.raises(Refused), connection.transaction():
                made(connection, catalog, add(), name="他镇", scope=east)


def test_a_scenario_of_no_changes_reads_what_is_there(edit, catalog):
    made(edit, catalog)
    for kind in ("camera_coverage", "radio_coverage"):
        real, laid = frames(edit, catalog, kind), frames(edit, catalog, kind, "方案B")
        for role, frame in real.items():
            assert_frame_equal(laid[role], frame)


@pytest.mark.parametrize("kind", ["camera_coverage", "radio_coverage"])
def test_changes_laid_over_read_like_changes_made(city, catalog, kind):
    """Whatever a run computes is computed from equal frames."""
    sector = {
        "code": "S9", "site_code": "B9", "technology": "5g", "frequency_mhz": 3450.0, "bandwidth_mhz": 100.0,
        "azimuth_deg": 30.0, "height_m": 25.0, "power_dbm": 53.0, "pattern": "8x8",
    }  # fmt: skip
    station = {"code": "B9", "technology": "5g", "operator": "ctcc", "sharing_operators": ["cucc"]}
    lists = catalog.code_lists
    with undone(city) as connection, scoped(connection, ALL):
        one, two, three = (id_of(connection, code) for code in ("C1", "C2", "C3"))
        place = id_of(connection, "K1", "key_places")
        made(
            connection, catalog, add(), add(sector, layer="sectors"), add(station, layer="base_stations"),
            Proposed(Op.EDIT, "cameras", one, {"azimuth_deg": 200, "tier": None}),
            Proposed(Op.MOVE, "cameras", two, geometry=SPOT),
            Proposed(Op.REMOVE, "cameras", three),
            Proposed(Op.MOVE, "key_places", place, geometry=ELSEWHERE),
            Proposed(Op.EDIT, "base_stations", id_of(connection, "B0", "base_stations"),
                     {"status": "fault"}),
        )  # fmt: skip
        laid = frames(connection, catalog, kind, "方案B@1")
        for layer, properties in (("cameras", CAMERA), ("sectors", sector), ("base_stations", station)):
            insert_feature(connection, catalog.layer(layer), lists, SPOT, properties)
        cameras = catalog.layer("cameras")
        update_feature(connection, cameras, lists, one, 1, properties={"azimuth_deg": 200, "tier": None})
        update_feature(connection, cameras, lists, two, 1, geometry=SPOT)
        delete_feature(connection, cameras, three, 1)
        update_feature(connection, catalog.layer("key_places"), lists, place, 1, geometry=ELSEWHERE)
        update_feature(
            connection, catalog.layer("base_stations"), lists,
            id_of(connection, "B0", "base_stations"), 1, properties={"status": "fault"},
        )  # fmt: skip
        real = frames(connection, catalog, kind)
    for role, frame in real.items():
        assert_frame_equal(laid[role].reset_index(drop=True), frame.reset_index(drop=True))
    if kind == "camera_coverage":
        assert real["cameras"]["code"].tolist() == ["C1", "C2", "N1"]
        regions = laid["key_places"].set_index("code")["region_code"]
        assert regions["K1"].startswith(EAST_TOWN), "what moves is counted where it goes"


def test_the_overlay_tells_where_a_feature_was_and_whether_it_was_changed_since(edit, catalog):
    one, two = id_of(edit, "C1"), id_of(edit, "C2")
    scenario = made(
        edit, catalog, add(year=2021), Proposed(Op.MOVE, "cameras", one, geometry=SPOT),
        Proposed(Op.EDIT, "cameras", two, {"online": True}),
    )  # fmt: skip
    update_feature(edit, catalog.layer("cameras"), catalog.code_lists, two, 1, properties={"height_m": 5})
    new, moved, edited = drawn(edit, scenario.changes)
    told = new["properties"]
    assert (told["op"], told["code"], told["year"]) == ("add", "N1", 2021)
    assert moved["geometry"]["coordinates"] == [SPOT.x, SPOT.y]
    assert moved["properties"]["from"]["coordinates"] == pytest.approx(MIDDLE)
    assert [one["properties"]["stale"] for one in (new, moved, edited)] == [False, False, True]


def test_a_final_scenario_is_applied_once_as_planned_features(edit, catalog):
    turned = Proposed(Op.EDIT, "cameras", id_of(edit, "C1"), {"azimuth_deg": 200})
    draft = made(edit, catalog, add(year=2021), turned)
    with pytest.raises(ScenarioFixed, match="only a final one"):
        apply(edit, ALL, catalog, draft)
    final = change(
        edit, ALL, catalog, change(edit, ALL, catalog, draft, state=State.REVIEW), state=State.FINAL
    )
    done = apply(edit, ALL, catalog, final)
    assert done.left == [2]
    row = edit.execute(
        "SELECT status, provenance, source, azimuth_deg FROM city.cameras WHERE id = %s",
        [done.written[0]["feature_id"]],
    ).fetchone()
    assert row == ("planned", "plan", "方案“方案B”第 3 版，2021 年", 180.0)
    assert edit.execute("SELECT azimuth_deg FROM city.cameras WHERE code = 'C1'").fetchone() == (0.0,)
    with pytest.raises(ScenarioApplied):
        apply(edit, ALL, catalog, read(edit, reference("方案B")))
    with pytest.raises(ScenarioFixed, match="was applied"):
        delete(edit, ALL, read(edit, reference("方案B")))
    assert len(frames(edit, catalog, "camera_coverage")["cameras"]) == 3, "planned cameras see nothing yet"


async def test_a_run_over_a_scenario_names_its_version_is_never_what_is_shown_and_is_compared(city, catalog):
    with connect_application(city) as connection, scoped(connection, ALL):
        draft = made(connection, catalog, add(cost=7.5), name="东区")
        runs = [
            request(connection, ALL, catalog, kind="camera_coverage", parameters=given)
            for given in ({}, {"scenario": "东区"})
        ]
        with pytest.raises(NoScenario):
            request(connection, ALL, catalog, kind="camera_coverage", parameters={"scenario": "西区"})
        change(connection, ALL, catalog, draft, changes=[])
    carry_out(city, 240.0)
    real, laid = (record(city, run) for run in runs)
    assert (real["state"], laid["state"]) == ("succeeded", "succeeded"), (real["error"], laid["error"])
    assert laid["parameters"]["scenario"] == "东区@1"
    assert real["subject"] == ""
    assert laid["subject"].startswith("scenario-")
    with admin_connection(city) as connection:
        shown = connection.execute("SELECT run FROM onemap.run_publication").fetchall()
        seen = {
            run: connection.execute(
                "SELECT (measures->>'seen_m2')::float8, (measures->>'cameras')::float8 FROM onemap.run_area"
                " WHERE run = %s AND layer = 'counties'", [run],
            ).fetchone()
            for run in runs
        }  # fmt: skip
    assert shown == [(runs[0],)]
    assert (seen[runs[0]][1], seen[runs[1]][1]) == (3, 4)
    assert seen[runs[1]][0] > seen[runs[0]][0]
    with connect_application(city) as connection, scoped(connection, ALL):
        asked = [None, reference("东区@1"), reference("东区")]
        found = compare(connection, "camera_coverage", "", asked)
    assert [side.run for side in found.sides] == [*runs, None], "nobody has asked for version 2"
    ground = figures(found)[0]
    assert [value and value["part"] for value in ground["values"]] == [
        seen[runs[0]][0],
        seen[runs[1]][0],
        None,
    ]
    assert ground["best"] == [1]
    assert [point["dominated"] for point in pareto(found)] == [False, False, False]
    assert sites(found.sides[1]).changes["cameras"]["add"] == 1
    assert sites(found.sides[1]).cost == 7.5
    by_town = towns(found)[1]
    assert by_town["lowest"] in {one["code"] for one in by_town["towns"]}
    cells = await differing(city, *runs)
    metres = cells["difference"] * cells["considered"]
    assert metres.sum() == pytest.approx(seen[runs[1]][0] - seen[runs[0]][0], rel=1e-6)
    assert (cells["difference"] > 0).all()


async def differing(city: Addresses, before: int, after: int):
    """Return the finest cells in which two runs differ, with their ground."""
    pool = await open_reading_pool(city, size=2)

    class Lending:
        @staticmethod
        def connection():
            return pool.acquire()

    try:
        async with pool.acquire() as connection:
            sides = [await find_result(connection, ALL, run) for run in (before, after)]
        found = await cells_between(Lending(), ALL, *sides, resolution=12, column="seen_1")
        pages = [page async for page in every_page(Lending(), ALL, sides[0], 12)]
    finally:
        await pool.close()
    return found.assign(considered=pd.concat(pages)["considered_m2"].reindex(found.index))
