"""What a result shows, as a key: the same for the same, another for another, and fit for an address."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.definitions.loading import Catalog
from layers.runs.density import DENSITY
from layers.runs.density_words import wording
from layers.runs.hotspots import INCIDENT_HOTSPOTS
from layers.runs.kinds import kinds
from layers.runs.parameters import parse
from layers.runs.subjects import LONGEST, SUBJECT, subject_of, subject_words

NAME = st.from_regex(r"[a-z][a-z0-9_]{0,47}", fullmatch=True)
DENSITIES = st.fixed_dictionaries(
    {
        "layer": NAME,
        "weight": st.none() | NAME,
        "against": st.sampled_from(["area", "people", "road_length"]),
        "resolution": st.integers(5, 12),
    }
)
EXAMPLES = [
    ("density", {"layer": "incidents"}, "incidents"),
    ("density", {"layer": "incidents", "resolution": 10}, "incidents"),
    ("density", {"layer": "incidents", "against": "people"}, "incidents.per-people"),
    ("density", {"layer": "buildings", "weight": "height_m"}, "buildings.height_m"),
    ("incident_hotspots", {}, ""),
    ("incident_hotspots", {"classes": "0105", "against": "mean"}, "0105.by-mean"),
    ("incident_hotspots", {"classes": "T", "against": "road_length"}, "T.by-road_length"),
    ("incident_hotspots", {"small_counts": "show"}, "counts-show"),
    ("camera_coverage", {}, ""),
    ("camera_coverage", {"task": "identify", "tiers": ["3", "1"]}, "identify.tier-1-3"),
    ("camera_viewsheds", {"reachable": True}, "reach"),
    ("camera_blind_spots", {"using_department": "交警"}, "of-~516c78a2e3d7"),
    ("radio_coverage", {}, "5g"),
    ("radio_gaps", {"technology": "4g", "operator": "cmcc"}, "4g.cmcc"),
    ("accident_segments", {"radius_m": 200}, ""),
    ("accident_segments", {"rule": "county_2008"}, "county_2008"),
]


def as_json(kind: str, given_parameters: dict[str, object], catalog: Catalog) -> dict[str, object]:
    return parse(kinds()[kind], given_parameters, catalog).model_dump(mode="json")


@pytest.mark.parametrize(("kind", "given_parameters", "subject"), EXAMPLES)
def test_a_subject_says_what_is_shown_and_not_how(catalog, kind, given_parameters, subject):
    assert subject_of(kinds()[kind], as_json(kind, given_parameters, catalog)) == subject


@given(DENSITIES, DENSITIES)
def test_densities_have_one_key_where_layer_weight_and_denominator_are_the_same(one, other):
    about = [{key: given_one[key] for key in ("layer", "weight", "against")} for given_one in (one, other)]
    assert (subject_of(DENSITY, one) == subject_of(DENSITY, other)) == (about[0] == about[1])


@given(DENSITIES, st.text(max_size=60))
def test_a_key_is_fit_for_an_address_whatever_a_parameter_holds(density, text):
    hotspots = {"classes": text, "against": "mean", "small_counts": "show"}
    for key in (subject_of(DENSITY, density), subject_of(INCIDENT_HOTSPOTS, hotspots)):
        assert SUBJECT.fullmatch(key)
        assert len(key) <= LONGEST


def test_what_is_restricted_does_not_take_the_place_of_what_everybody_reads(catalog):
    for kind in kinds().values():
        for part in kind.subject:
            assert part.parameter in kind.parameters.model_fields
    shown = as_json("incident_hotspots", {"small_counts": "show"}, catalog)
    hidden = as_json("incident_hotspots", {}, catalog)
    assert subject_of(INCIDENT_HOTSPOTS, shown) != subject_of(INCIDENT_HOTSPOTS, hidden)


@pytest.mark.parametrize(("kind", "given_parameters", "subject"), EXAMPLES)
def test_what_is_left_out_of_the_key_is_what_a_form_begins_with(catalog, kind, given_parameters, subject):
    plain = kinds()[kind].parameters.model_fields
    for part in kinds()[kind].subject:
        assert part.usual is None or plain[part.parameter].default == part.usual


def test_titles_are_told_by_catalogue_form_and_code_list(catalog):
    def told(kind, **given_parameters):
        words = subject_words(kinds()[kind], as_json(kind, given_parameters, catalog), catalog)
        return words and (words.zh, words.en)

    assert told("density", layer="incidents") == ("事件", "Incidents")
    assert told("density", layer="incidents", against="people") == (
        "事件 · 每千人", "Incidents · per 1,000 residents",
    )  # fmt: skip
    assert told("density", layer="buildings", weight="height_m") == ("建筑物 · 高度", "Buildings · Height")
    assert told("incident_hotspots", classes="0105") == ("水域不洁", "Dirty water")
    assert told("incident_hotspots") is None
    assert told("radio_gaps", operator="cmcc") == ("5G · 中国移动", "5G · China Mobile")
    assert told("camera_coverage", tiers=["1"]) == ("一类", "Class 1")


def test_what_is_in_no_catalogue_any_more_stands_by_its_name(catalog):
    gone = {"layer": "trams", "weight": "length_m", "against": "area"}
    words = subject_words(DENSITY, gone, catalog)
    assert (words.zh, words.en) == ("trams · length_m", "trams · length_m")
    assert wording(gone, catalog).counted is None


@pytest.mark.parametrize(
    ("layer", "weight", "n", "value"),
    [
        ("cameras", None, None, None),
        ("cameras", "height_m", None, "合计（安装高度）"),
        ("roads", None, "要素数（按长度分摊）", None),
        ("buildings", "height_m", "要素数（按面积分摊）", "合计（高度，按面积分摊）"),
    ],
)
def test_sums_of_shares_are_called_so_and_a_sum_after_its_field(catalog, layer, weight, n, value):
    columns = wording({"layer": layer, "weight": weight, "against": "area"}, catalog).columns
    assert (columns["n"].zh if columns.get("n") else None) == n
    assert (columns["value"].zh if columns.get("value") else None) == value
    chinese = [words.en for words in columns.values() if words and re.search(r"[\u4e00-\u9fff]", words.en)]
    assert chinese == []
