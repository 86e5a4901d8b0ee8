"""Conditions on other layers against PostGIS, each held against shapely on the same shapes."""

from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.reach import nearest
from layers.database import admin_connection, open_reading_pool, set_scope
from layers.definitions.indicator import Indicator
from layers.indicators.adding_up import Asking, Kept
from layers.indicators.clock import Clock
from layers.indicators.compute import tell
from layers.indicators.places import read_family
from layers.scope import Classification, Scope, Verb
from tests.layers.little_city import ALL, COUNTY, EAST, NORTH, SOUTH, WEST, fill, points, regions, scope_of

pytestmark = pytest.mark.postgis

DAY = date(2020, 12, 31)
CLOCK = Clock(DAY, DAY, ZoneInfo("Asia/Shanghai"))
WORDS = {"zh": "甲", "en": "A"}
TEXTS = dict.fromkeys(("title", "short_title", "definition", "source"), WORDS)
METRIC = 4548
#: Two hazard areas that overlap, over the middle of the city.
AREAS = [shapely.box(WEST + 0.01, SOUTH + 0.01, WEST + 0.05, SOUTH + 0.05),
         shapely.box(WEST + 0.03, SOUTH + 0.03, WEST + 0.06, SOUTH + 0.06)]  # fmt: skip
STEP = 0.008


def amount(layer, **more):
    return {"title": WORDS, "layer": layer, **more}


def others(layer, **more):
    return {"title": WORDS, "layer": layer, **more}


def indicator(name, numerator, denominator=None, **more):
    parts = {"numerator": numerator, "denominator": denominator}
    return Indicator.model_validate({"name": name, **TEXTS, **parts, **more})


def population():
    """Return cells of one person a row and column, that tile the city and cross its boundaries."""
    rows = [
        (x, y) for x in np.arange(WEST + 0.002, EAST - 0.007, STEP) for y in np.arange(SOUTH, NORTH, STEP)
    ]
    shapes = [shapely.box(x, y, x + STEP * 0.999, y + STEP * 0.999) for x, y in rows]
    cells = [f"{number:015x}" for number in range(len(rows))]
    return gpd.GeoDataFrame(
        {"code": cells, "cell": cells, "residents": np.arange(1.0, len(rows) + 1)}, geometry=shapes, crs=4326
    )


def roads():
    x, south, north = WEST + 0.04, SOUTH + 0.02, SOUTH + 0.06
    lines = [shapely.LineString([(WEST, y), (x, y), (EAST, y)]) for y in (south, north)]
    lines.append(shapely.LineString([(x, south), (x, north)]))
    return gpd.GeoDataFrame({"code": ["r1", "r2", "r3"], "class": "main"}, geometry=lines, crs=4326)


def teams():
    at = gpd.points_from_xy([WEST + 0.02, EAST - 0.01], [SOUTH + 0.025, NORTH - 0.01])
    frame = gpd.GeoDataFrame({"code": ["t0", "t1"]}, geometry=at, crs=4326)
    return frame.assign(name="队", kind=["rescue_team", "store"])


def pipes():
    """Return a gas pipe of four stretches, and a water pipe beside it."""
    x = np.linspace(WEST + 0.01, EAST - 0.01, 5)
    lines = [shapely.LineString([(a, SOUTH + 0.02), (b, SOUTH + 0.02)]) for a, b in pairwise(x)]
    lines.append(shapely.LineString([(x[0], SOUTH + 0.0201), (x[-1], SOUTH + 0.0201)]))
    media = ["gas"] * 4 + ["water"]
    return gpd.GeoDataFrame({"code": [f"g{n}" for n in range(5)], "medium": media}, geometry=lines, crs=4326)


def sensors():
    middle = (WEST + EAST) / 2
    return gpd.GeoDataFrame(
        {"code": ["s1", "s2"], "domain": "municipal", "online": [True, False], "object_layer": "pipes",
         "object_code": ["g1", "g3"]},
        geometry=gpd.points_from_xy([middle, EAST - 0.012], [SOUTH + 0.02, SOUTH + 0.02]), crs=4326,
    )  # fmt: skip


def places():
    frame = points(60, seed=3, code="k")
    return frame.assign(name="部位", **{"class": "county_entrance"})


@pytest.fixture(scope="module")
def city(module_database, catalog):
    hazards = gpd.GeoDataFrame(
        {"code": ["h1", "h2", "h3"], "kind": "flood", "risk_class": ["red", "orange", "blue"]},
        geometry=[*AREAS, shapely.box(WEST, SOUTH, WEST + 0.001, SOUTH + 0.001)], crs=4326,
    )  # fmt: skip
    checkpoints = points(3, seed=4, code="c").assign(name="站", entrance_code=["k1", "k1", "k5"])
    fill(
        module_database, catalog, population=population(), hazard_areas=hazards, roads=roads(),
        emergency_resources=teams(), pipes=pipes(), sensors=sensors(), key_places=places(),
        checkpoints=checkpoints,
    )  # fmt: skip
    return module_database


@pytest.fixture
async def ask(city, catalog):
    """Return a function that tells indicators of the county and its towns, or of another level."""
    pool = await open_reading_pool(city, size=1)

    async def told(*indicators, scope=ALL, level=None, kept=None):
        asking = Asking(scope, catalog, CLOCK, COUNTY, kept or Kept())
        async with pool.acquire() as connection:
            family = await read_family(connection, ALL, COUNTY, level)
            return (await tell(connection, asking, indicators, [family.place, *family.parts])).figures

    yield told
    await pool.close()


HIGH = others("hazard_areas", where="risk_class IN ('red', 'orange')")
PEOPLE = amount("population", measure="spread", field="residents")


async def test_people_inside_an_area_are_shared_by_area_and_the_parts_add_up(ask):
    told = await ask(indicator("inside", {**PEOPLE, "inside": HIGH}), level="community")
    union = shapely.union_all(AREAS)
    frame = population()
    for code, figures in told.items():
        area = regions().set_index("code").loc[code].geometry.intersection(union)
        share = shapely.area(shapely.intersection(frame.geometry.to_numpy(), area)) / shapely.area(
            frame.geometry.to_numpy()
        )
        assert figures["inside"].value == pytest.approx((share * frame.residents).sum(), rel=1e-6)
    parts = [figures["inside"].value for code, figures in told.items() if code != COUNTY]
    assert sum(parts) == pytest.approx(told[COUNTY]["inside"].value, rel=1e-9)


async def test_area_of_one_layer_inside_another_counts_what_lies_in_several_once(ask):
    figure = (await ask(indicator("area", amount("communities", measure="area", inside=HIGH))))[COUNTY][
        "area"
    ]
    union = gpd.GeoSeries([shapely.union_all(AREAS)], crs=4326).to_crs(METRIC).area.iloc[0] / 1e6
    assert figure.value == pytest.approx(union, rel=2e-3), "the plane is not quite the ellipsoid"


async def test_entrances_count_once_however_many_checkpoints_they_have(ask):
    matched = {**others("checkpoints"), "key": "entrance_code"}
    told = await ask(
        indicator("guarded", amount("key_places", matched=matched), amount("key_places"), per=100)
    )
    assert (told[COUNTY]["guarded"].numerator.value, told[COUNTY]["guarded"].denominator.value) == (2, 60)


async def test_polygons_count_that_hold_enough_of_another_layer(ask):
    def holding(**more):
        return indicator("held", amount("hazard_areas", holding={**others("key_places"), **more}))

    held = [int(places().within(area).sum()) for area in [*AREAS]]
    km2 = gpd.GeoSeries(AREAS, crs=4326).to_crs(METRIC).area / 1e6
    for least in (1, min(held) + 1, max(held)):
        assert (await ask(holding(at_least=least)))[COUNTY]["held"].value == sum(one >= least for one in held)
    dense = float(min(held / km2)) * 1.01
    assert (await ask(holding(per_km2=dense)))[COUNTY]["held"].value == sum(held / km2 >= dense)


async def test_places_within_minutes_by_road_are_those_of_the_road_graph(ask):
    team = teams()[:1]
    minutes = nearest(roads(), team, places())["minutes"]
    by_road = others("emergency_resources", where="kind = 'rescue_team'")
    limits = np.quantile(minutes[np.isfinite(minutes)], [0.3, 0.7]).round(1)
    asked = [indicator(f"m{n}", amount("key_places", by_road={**by_road, "minutes": limit}))
             for n, limit in enumerate(limits)]  # fmt: skip
    told = (await ask(*asked))[COUNTY]
    for number, limit in enumerate(limits):
        assert told[f"m{number}"].value == (minutes <= limit).sum() > 0


async def test_a_pipe_is_sensed_along_its_own_network_and_not_by_what_lies_beside_or_is_offline(ask):
    along = {**others("sensors", where="online = true"), "key": "object_code", "among": ["pipes"],
             "alike": "medium", "metres": 1500}  # fmt: skip
    told = await ask(indicator("sensed", amount("pipes", measure="length", along=along)), level="town")
    assert told[COUNTY]["sensed"].value == pytest.approx(3.0, rel=1e-3)
    assert [figures["sensed"].value for figures in told.values()][1:] == pytest.approx([1.5, 1.5], rel=1e-3)


async def test_without_the_other_layer_there_is_a_reason_and_not_nought(ask):
    near = indicator("near", {**PEOPLE, "inside": others("hazards", metres=100)}, PEOPLE, per=100)
    posts = indicator(
        "posts", {**PEOPLE, "by_road": {**others("police_posts"), "minutes": 5}}, PEOPLE, per=100
    )
    told = (await ask(near, posts))[COUNTY]
    assert {(name, figure.value, figure.reason.facts["layer"]) for name, figure in told.items()} == {
        ("near", None, "hazards"), ("posts", None, "police_posts"),
    }  # fmt: skip


async def test_a_reader_who_does_not_see_the_other_layer_gets_no_smaller_number(ask):
    guarded = indicator("g", amount("key_places", matched={**others("checkpoints"), "key": "entrance_code"}))
    internal = Scope("p", frozenset({Verb.READ}), frozenset({Classification.PUBLIC, Classification.INTERNAL}))
    assert (await ask(guarded, scope=internal))[COUNTY]["g"].reason.code == "not-readable"
    town = scope_of("341504001")
    assert (await ask(guarded, scope=town))["341504001"]["g"].reason.facts == {"layer": "checkpoints"}


async def test_ways_are_kept_until_one_of_their_layers_changes(ask, city):
    kept = Kept()
    by_road = {**others("emergency_resources", where="kind = 'rescue_team'"), "minutes": 60}
    reached = indicator("r", amount("key_places", by_road=by_road))
    first = (await ask(reached, kept=kept))[COUNTY]["r"].value
    held = {key: id(found[2]) for key, found in kept.ways.found.items()}
    await ask(reached, kept=kept)
    assert {key: id(found[2]) for key, found in kept.ways.found.items()} == held
    with admin_connection(city) as connection, connection.transaction():
        set_scope(connection, ALL)
        connection.execute("UPDATE city.emergency_resources SET status = 'fault' WHERE code = 't0'")
    try:
        assert first > 0
        assert (await ask(reached, kept=kept))[COUNTY]["r"].value == 0
    finally:
        with admin_connection(city) as connection, connection.transaction():
            set_scope(connection, ALL)
            connection.execute("UPDATE city.emergency_resources SET status = 'in_service' WHERE code = 't0'")


def test_a_condition_that_does_not_fit_says_where(catalog):
    from layers.definitions.condition_flaws import condition_flaws
    from layers.definitions.conditions import Along, Holding, Inside, Matched
    from layers.indicators.known import known_to

    known = known_to(catalog)
    cases = [
        (Inside(**others("hazard")), "key_places", "did you mean hazards"),
        (Inside(**others("cameras")), "population", "metres or radius"),
        (Inside(**others("hazards"), radius="name"), "population", "name is text"),
        (Matched(**others("checkpoints"), key="entrance"), "key_places", "did you mean entrance_code"),
        (Holding(**others("sensors")), "key_places", "no areas"),
        (Inside(**others("hazards", where="grade = 5"), metres=5), "population", "no value of type code"),
        (Along(**others("sensors"), key="object_code", among=("pipe",), alike="medium", metres=5), "pipes",
         "did you mean pipes"),
    ]  # fmt: skip
    for condition, layer, says in cases:
        flaws = [flaw.reason for flaw in condition_flaws(condition, catalog.layer(layer), known)]
        assert any(says in reason for reason in flaws), (says, flaws)
