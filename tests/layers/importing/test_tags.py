"""Texts of tags become values, or stay unknown; the mapping fits the catalogue."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import OneMapError
from layers.definitions.loading import Catalog, read_catalog
from layers.importing.tags import (
    READERS,
    FieldRule,
    LayerRule,
    read_count,
    read_direction,
    read_mapping,
    read_metres,
    read_speed,
)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return read_catalog()


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("0", 0.0), ("240", 240.0), ("160°", 160.0), ("N", 0.0), ("wsw", 247.5), ("-90", 270.0), ("360", 0.0),
        ("350-10", 0.0), ("45-135", 90.0), ("forward", None), ("", None), ("400", None), ("90;270", None),
    ],
)  # fmt: skip
def test_a_direction_is_read_or_stays_unknown_and_zero_is_a_direction(
    text: str, degrees: float | None
) -> None:
    assert read_direction(text) == degrees


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("12", 12),
        ("12.5 m", 12.5),
        ("12,5", 12.5),
        ("40 ft", 12.192),
        ("6'3\"", 1.905),
        ("tall", None),
        ("", None),
    ],
)
def test_a_length_is_read_in_metres(text: str, metres: float | None) -> None:
    assert read_metres(text) == (metres if metres is None else pytest.approx(metres))


@given(st.sampled_from(sorted(READERS)), st.text(max_size=40))
def test_no_text_makes_a_reader_fail(reader: str, text: str) -> None:
    value = READERS[reader](text)
    assert value is None or isinstance(value, (str, int, float, bool))
    if reader == "direction" and value is not None:
        assert 0 <= float(value) < 360


def test_numbers_that_are_lists_or_words_are_unknown() -> None:
    assert [read_count(text) for text in ("4", "2.5", "3;4", "many", "-1")] == [4, 2, None, None, None]
    assert [read_speed(text) for text in ("50", "RO:urban", "none")] == [50.0, None, None]


def test_the_first_tag_that_is_there_is_read_and_what_cannot_be_read_is_told() -> None:
    rule = FieldRule(tags=("camera:direction", "direction"), reads="direction")
    assert rule.read({"direction": "0", "camera:direction": "90"}) == (90.0, None)
    assert rule.read({"direction": "0"}) == (0.0, None)
    assert rule.read({"direction": "forward"}) == (None, "direction=forward")
    assert rule.read({}) == (None, None)


def test_a_value_without_a_code_takes_the_other_code_or_is_told() -> None:
    with_other = FieldRule(tags=("building",), codes={"yes": "unknown"}, otherwise="other")
    without = FieldRule(tags=("building",), codes={"yes": "unknown"})
    assert with_other.read({"building": "YES"}) == ("unknown", None)
    assert with_other.read({"building": "igloo"}) == ("other", None)
    assert without.read({"building": "igloo"}) == (None, "building=igloo")


@pytest.mark.parametrize(
    ("tags", "holds"),
    [
        ({"building": "yes"}, True),
        ({"building": "no"}, False),
        ({}, False),
        ({"building": "yes", "ruins": "yes"}, False),
    ],
)
def test_a_rule_holds_where_all_its_tags_are_and_none_that_it_excludes(
    tags: dict[str, str], holds: bool
) -> None:
    rule = LayerRule(layer="buildings", takes=("area",), when={"building": True}, unless={"ruins": ("yes",)})
    assert rule.holds(tags) is holds


def test_the_mapping_names_only_layers_fields_and_codes_that_exist(catalog: Catalog) -> None:
    mapping = read_mapping(catalog)
    assert {"buildings", "roads", "water", "cameras", "towers", "pipes", "pipe_nodes", "regions"} <= {
        rule.layer for rule in mapping.layers
    }


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("layers: [", "no tag mapping"),
        ("licence: x\nsource: y\nlayers: []", "no layer"),
        ("licence: x\nsource: y\nlayers: [{layer: sheds, takes: [area], when: {building: true}}]", "sheds"),
        (
            "licence: x\nsource: y\nlayers: [{layer: buildings, takes: [area], when: {building: true}, "
            "fields: {colour: {tags: [colour]}}}]",
            "no field colour",
        ),
        (
            "licence: x\nsource: y\nlayers: [{layer: buildings, takes: [area], when: {building: true}, "
            'fields: {use: {tags: [building], codes: {"yes": castle}}}}]',
            "castle",
        ),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_and_says_where(
    catalog: Catalog, tmp_path: Path, document: str, words: str
) -> None:
    path = tmp_path / "tags.yaml"
    path.write_text(document, encoding="utf-8")
    with pytest.raises(OneMapError, match=words):
        read_mapping(catalog, path)
