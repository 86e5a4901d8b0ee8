"""View, indicator and plan documents: the product's own are whole, and bad ones say where and what."""

from textwrap import dedent

import pytest

from layers.definitions.loading import BadDefinition
from layers.definitions.view_loading import parse_indicator, parse_view
from layers.indicators.known import known_to, views_of

VIEW = dedent(
    """\
    name: tea
    title: {zh: 茶园, en: Tea}
    short_title: {zh: 茶园, en: Tea}
    description: {zh: 茶园, en: Tea}
    group: rural
    order: 900
    layers: [communities, cameras]
    results: [camera_coverage]
    indicators: [cameras_online, residents]
    ranking: cameras_online
    """
)

INDICATOR = dedent(
    """\
    name: cameras_up
    title: {zh: 在线率, en: Online}
    short_title: {zh: 在线率, en: Online}
    definition: {zh: 在线占比, en: Share online}
    unit: {zh: "%", en: "%"}
    per: 100
    source: {zh: 摄像机, en: Cameras}
    numerator:
      title: {zh: 在线, en: Online}
      layer: cameras
      where: "online = true"
    denominator:
      title: {zh: 摄像机, en: Cameras}
      layer: cameras
    """
)


@pytest.fixture(scope="module")
def views(catalog):
    return views_of(catalog)


def test_every_view_of_the_product_fits_the_layers_the_runs_and_the_plans(views):
    assert {"overview", "plan_targets", "event_situation", "video", "five_g", "lifeline_pipes"} <= set(
        views.views
    )
    orders = [view.order for view in views.views.values()]
    assert orders == sorted(set(orders))


def test_every_indicator_is_told_by_a_view(views):
    told = {name for view in views.views.values() for name in view.told}
    assert told == set(views.indicators)


def test_both_languages_say_something_of_their_own(views):
    units = {"%"}
    for indicator in views.indicators.values():
        for words in (indicator.title, indicator.definition, indicator.source, indicator.numerator.title):
            assert any("\u4e00" <= letter <= "\u9fff" for letter in words.zh), words
            assert words.en.isascii() or "²" in words.en, words
        assert indicator.unit is None or indicator.unit.zh in units or indicator.unit.zh != indicator.unit.en


def test_both_plans_that_hold_for_yeji_are_told_where_they_conflict(views):
    wanted = {
        plan.name: (target.comparison, target.value)
        for plan in views.plans
        for target in plan.targets
        if (target.indicator, target.year) == ("key_places_covered", 2023)
    }
    assert wanted == {"yeji": ("above", 90), "luan": ("at_least", 98)}


@pytest.mark.parametrize(
    ("find", "put", "line", "says"),
    [
        ("cameras]", "camera]", 7, "did you mean cameras"),
        ("[camera_coverage]", "[camera_coverages]", 8, "did you mean camera_coverage"),
        ("residents]", "resident]", 9, "did you mean residents"),
        ("ranking: cameras_online", "ranking: incidents_7_days", 10, "one of the view's indicators"),
        ("group: rural", "group: tea", 5, "'rural'"),
        ("layers: [communities, cameras]", "layers: [region_statistics]", 7, "no geometry"),
        ("order: 900", "colour: 3", 6, "unknown key"),
        ("[cameras_online, residents]", "[cameras_online, cameras_online]", 9, "stands twice"),
        ("order: 900", "order: 900\ndrawn_from: {sensors: 14}", 7, "no layer of the view"),
    ],
)
def test_a_view_that_cannot_be_used_says_in_which_line_and_why(catalog, views, find, put, line, says):
    assert find in VIEW
    with pytest.raises(BadDefinition) as refused:
        parse_view(VIEW.replace(find, put), "tea.yaml", known_to(catalog), views.indicators)
    assert refused.value.details["file"] == "tea.yaml"
    flaws = refused.value.details["flaws"]
    assert any(flaw["line"] == line and says in flaw["reason"] for flaw in flaws), flaws


def test_a_view_can_be_added_beside_those_of_the_files(catalog, views):
    view = parse_view(VIEW, "tea.yaml", known_to(catalog), views.indicators)
    assert views.with_view(view).view("tea").layers == ("communities", "cameras")
    assert list(views.with_view(view).views)[-1] == "tea"


@pytest.mark.parametrize(
    ("find", "put", "line", "says"),
    [
        ("layer: cameras\n  where", "layer: camera\n  where", 10, "did you mean cameras"),
        ('"online = true"', '"onlin = true"', 11, "did you mean online"),
        ('"online = true"', '"online = 3"', 11, "no value of type boolean"),
        ('"online = true"', "\"kind = 'domes'\"", 11, "did you mean dome"),
        ('"online = true"', '"online ="', 11, "not CQL2 text"),
        ('"online = true"', '"online = true"\n  measure: sum', 12, "names a field"),
        ('"online = true"', '"online = true"\n  measure: sum\n  field: name', 13, "name is text"),
        ('"online = true"', '"online = true"\n  extent: moon', 12, "no kind of extent"),
        ('layer: cameras\n  where: "online = true"', "run: camera_coverage\n  column: seen", 11, "no column"),
        ('layer: cameras\n  where: "online = true"', "run: tea\n  column: seen", 10, "no analysis"),
        (
            "layer: cameras\n  where",
            "run: density\n  column: n\n  layer: cameras\n  where",
            10,
            "one of layer, run",
        ),
    ],
)
def test_an_indicator_that_cannot_be_used_says_in_which_line_and_why(catalog, find, put, line, says):
    assert find in INDICATOR
    with pytest.raises(BadDefinition) as refused:
        parse_indicator(INDICATOR.replace(find, put), "x.yaml", known_to(catalog))
    flaws = refused.value.details["flaws"]
    assert any(flaw["line"] == line and says in flaw["reason"] for flaw in flaws), flaws
