"""Bad documents: always BadDefinition with file, line and key, and never anything else."""

import json
import pickle
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadInput, NotFound
from layers.definitions import Code, CodeList, Words
from layers.definitions.loading import (
    CATALOG,
    CODE_LISTS,
    BadDefinition,
    parse_code_list,
    parse_layer,
    read_catalog,
)
from layers.definitions.marked_yaml import SIZE_LIMIT, read_marked

GOOD = dedent(
    """\
    name: benches
    title: {zh: 座椅, en: Benches}
    description: {zh: 街头座椅, en: Benches in the street}
    geometry: point
    classification: public
    owner: {zh: 城市管理局, en: Urban Management Bureau}
    source: survey
    licence: none
    zoom: {min: 12, max: 16}
    style:
      group: base_map
      order: 900
      symbol: {radius: [[12, 1], [16, 3]]}
      by: kind
      classes:
        - {values: [wood], title: {zh: 木, en: Wood}, symbol: {}}
      label: {field: code, min_zoom: 17}
    fields:
      - {name: kind, title: {zh: 类型, en: Kind}, type: code, codes: bench_kind, tile_from: 12}
      - {name: seats, title: {zh: 座位数, en: Seats}, type: integer, range: [1, 20]}
      - {name: height_m, title: {zh: 高度, en: Height}, type: number, unit: m, range: [0, null]}
    """
)

LISTS = {
    "bench_kind": CodeList(
        name="bench_kind",
        title=Words(zh="座椅类型", en="Bench kind"),
        codes=tuple(Code(code=c, title=Words(zh=c + "材", en=c)) for c in ("wood", "steel")),
    ),
    "layer_groups": CodeList(
        name="layer_groups",
        title=Words(zh="分组", en="Groups"),
        codes=(Code(code="base_map", title=Words(zh="底图", en="Base map")),),
    ),
}

LIST = dedent(
    """\
    name: colours
    title: {zh: 颜色, en: Colours}
    codes:
      - {code: red, title: {zh: 红, en: Red}}
      - {code: blue, title: {zh: 蓝, en: Blue}, parent: red}
    """
)


def parse(text):
    return parse_layer(text, "benches.yaml", LISTS)


def changed(old, new):
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def test_a_good_document_is_read():
    layer = parse(GOOD)
    assert layer.field("height_m").range == (0, None)
    assert layer.style.classes[0].values == ("wood",)


def test_windows_line_ends_and_a_byte_order_mark_are_read_like_plain_text():
    assert parse("\ufeff" + GOOD.replace("\n", "\r\n")) == parse(GOOD)


# (what is changed, by what) -> (line, key, a word of the reason)
BAD = {
    "unknown key": ("source: survey", "sauce: survey", 7, "sauce", "did you mean source"),
    "key missing": ("source: survey\n", "", 1, "source", "missing"),
    "word missing": ("{zh: 座椅, en: Benches}", "{zh: 座椅}", 2, "title.en", "missing"),
    "word empty": ("en: Benches}", 'en: " "}', 2, "title.en", "at least 1"),
    "list for a mapping": ("{zh: 座椅, en: Benches}", "[座椅, Benches]", 2, "title", "keys zh, en"),
    "wrong geometry": ("geometry: point", "geometry: pont", 4, "geometry", "'point'"),
    "wrong class": ("classification: public", "classification: open", 5, "classification", "'restricted'"),
    "zoom not a number": ("min: 12, max", "min: twelve, max", 9, "zoom.min", "integer"),
    "zoom too large": ("max: 16}\nstyle", "max: 40}\nstyle", 9, "zoom.max", "22"),
    "zooms upside down": ("min: 12, max", "min: 17, max", 9, "zoom.min", "greater than"),
    "not a colour": ("{radius: [[12, 1], [16, 3]]}", "{colour: {dark: red, light: red}}", 13,
                     "style.symbol.colour.dark", "#"),
    "stops not growing": ("[[12, 1], [16, 3]]", "[[16, 1], [12, 3]]", 13, "style.symbol.radius", "growing"),
    "unknown group": ("group: base_map", "group: basemap", 11, "style.group", "did you mean base_map"),
    "style by nothing": ("by: kind", "by: sort", 14, "style.by", "neither a field"),
    "style by a field not in tiles": ("by: kind", "by: seats", 14, "style.by", "tile_from"),
    "style by too late a field": ("tile_from: 12", "tile_from: 13", 14, "style.by", "tile_from 12"),
    "class value unknown": ("[wood]", "[wool]", 16, "style.classes[0].values[0]", "did you mean wood"),
    "class value of another type": ("[wood]", "[true]", 16, "style.classes[0].values[0]", "not of type"),
    "class value twice": ("[wood]", "[wood, wood]", 16, "style.classes[0].values[1]", "two classes"),
    "label not in tiles": ("field: code", "field: seats", 17, "style.label.field", "tile_from"),
    "label of a hidden column": ("field: code", "field: source", 17, "style.label.field", "code and status"),
    "unknown type": ("type: integer", "type: int", 20, "fields[1].type", "'integer'"),
    "unknown code list": ("codes: bench_kind", "codes: bench_kinds", 19, "fields[0].codes", "bench_kind?"),
    "code without list": ("codes: bench_kind, ", "", 19, "fields[0].type", "names its code list"),
    "list without code": ("type: integer,", "type: integer, codes: bench_kind,", 20, "fields[1].codes",
                          "types code and codes only"),
    "range upside down": ("[1, 20]", "[20, 1]", 20, "fields[1].range", "upside down"),
    "range of one": ("[1, 20]", "[1]", 20, "fields[1].range[1]", "missing"),
    "range not a number": ("[1, 20]", "[one, 20]", 20, "fields[1].range[0]", "number"),
    "range infinite": ("[1, 20]", "[1, 1e999]", 20, "fields[1].range[1]", "finite"),
    "unit of a code": ("tile_from: 12}", "tile_from: 12, unit: m}", 19, "fields[0].unit", "unit"),
    "pattern of a number": ("unit: m,", "unit: m, pattern: x,", 21, "fields[2].pattern", "text only"),
    "pattern broken": ("type: integer, range: [1, 20]", 'type: text, pattern: "[a-"', 20, "fields[1].pattern",
                       "regular expression"),
    "field twice": ("name: seats", "name: kind", 20, "fields[1].name", "stands twice"),
    "system column": ("name: seats", "name: status", 20, "fields[1].name", "every layer has"),
    "reserved name": ("name: seats", "name: limit", 20, "fields[1].name", "meaning of its own"),
    "name with quotes": ("name: benches", "name: 'ben\"ches'", 1, "name", "of the form"),
    "name not text": ("name: benches", "name: 12", 1, "name", "quotes"),
    "key twice": ("source: survey", "name: survey", 7, "name", "line 1"),
    "key twice in flow": ("min: 12, max", "min: 12, min", 9, "zoom.min", "twice"),
    "part without filter": ("source: survey", "part_of: regions\nsource: survey", 7, "part_of", "filter"),
    "filter without part": ("source: survey", "filter: {kind: wood}\nsource: survey", 7, "filter", "part_of"),
    "natural key unknown": ("source: survey", "key: [code, serial]\nsource: survey", 7, "key[1]", "serial"),
    "time not a time": ("source: survey", "time: seats\nsource: survey", 7, "time", "datetime"),
    "tiles too late": ("range: [1, 20]", "tile_from: 20", 20, "fields[1].tile_from", "end at zoom 16"),
    "geometry none with zoom": ("geometry: point", "geometry: none", 9, "zoom", "without geometry"),
    "no zoom": ("zoom: {min: 12, max: 16}\n", "", 4, "geometry", "zoom and style"),
    "anchor": ("{zh: 座椅, en: Benches}", "&t {zh: 座椅, en: Benches}", 2, "title", "anchors"),
    "alias": ("en: Benches}", "en: *t}", 2, "title.en", "anchors"),
    "tag": ("source: survey", "source: !!python/object:os.system survey", 7, "source", "tags"),
    "nul": ("source: survey", "source: sur\0vey", 7, "", "U+0000"),
    "surrogate": ("source: survey", "source: \ud800", 7, "", "U+D800"),
    "tab": ("  group: base_map", "\tgroup: base_map", 11, "", "not YAML"),
    "quote left open": ("source: survey", 'source: "survey', 7, "", "end of stream"),
    "second document": ("source: survey", "---\nname: x", 8, "", "one document"),
    "mapping as a key": ("source: survey", "? {a: b}\n: survey", 7, "", "plain text"),
    "nested too deep": ("source: survey", "source: " + "[" * 30 + "]" * 30, 7, "source" + "[0]" * 10,
                        "deeper"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "key", "word"), BAD.values(), ids=BAD.keys())
def test_a_bad_document_names_line_and_key_and_says_what_is_allowed(old, new, line, key, word):
    with pytest.raises(BadDefinition) as caught:
        parse(changed(old, new))
    details = caught.value.details
    found = [flaw for flaw in details["flaws"] if flaw["key"] == key and word in flaw["reason"]]
    assert found, details["flaws"]
    assert found[0]["line"] == line
    assert details["file"] == "benches.yaml"
    assert caught.value.message.startswith("benches.yaml, line ")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"),
        ("# nothing\n", "empty"),
        ("- a\n- b\n", "mapping"),
        ("just words", "mapping"),
        ("null", "mapping"),
        ("{}", "missing"),
        ("*a", "anchors"),
        ("--- {}\n--- {}\n", "one document"),
    ],
)
def test_what_is_no_mapping_is_refused(text, word):
    with pytest.raises(BadDefinition, match=word):
        parse(text)


def test_all_flaws_of_a_document_are_told_in_the_order_of_lines():
    text = changed("geometry: point", "geometry: pont").replace("type: integer", "type: int")
    with pytest.raises(BadDefinition) as caught:
        parse(text)
    assert [flaw["line"] for flaw in caught.value.details["flaws"]] == [4, 20]
    assert caught.value.message.endswith("(and 1 more)")


def test_a_bad_definition_is_bad_input_and_survives_a_process_boundary():
    with pytest.raises(BadInput) as caught:
        parse("{}")
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes
    assert (again.message, again.details) == (caught.value.message, caught.value.details)


def test_a_document_larger_than_the_limit_is_refused_before_it_is_read():
    with pytest.raises(BadDefinition, match="larger than"):
        parse(GOOD + "#" + "x" * SIZE_LIMIT)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_a_document_of_brackets_ends_quickly(opening):
    with pytest.raises(BadDefinition):
        parse(opening * (SIZE_LIMIT // len(opening)))


def test_words_that_old_yaml_takes_for_numbers_and_booleans_stay_text():
    value = read_marked("{a: no, b: 0101, c: 12:30:00, d: 2020-01-02, e: 1_000, f: 0x1F, g: .inf}", "x").value
    assert value == {
        "a": "no", "b": "0101", "c": "12:30:00", "d": "2020-01-02", "e": "1_000", "f": "0x1F", "g": ".inf",
    }  # fmt: skip


def test_plain_numbers_booleans_and_null_are_what_they_look_like():
    value = read_marked("{a: 12, b: -1.5, c: 2e3, d: true, e: null, f: ~, g: '12', h: 0}", "x").value
    assert value == {"a": 12, "b": -1.5, "c": 2000.0, "d": True, "e": None, "f": None, "g": "12", "h": 0}


@pytest.mark.parametrize(
    ("old", "new", "line", "key"),
    [
        ("code: blue", "code: red", 5, "codes[1].code"),
        ("parent: red", "parent: green", 5, "codes[1].parent"),
        ("parent: red", "parent: blue", 5, "codes[1].parent"),
        ("code: red,", "code: 1,", 4, "codes[0].code"),
        ("code: red,", "code: a b,", 4, "codes[0].code"),
        ("name: colours", "name: Colours", 1, "name"),
        ("code: red,", "cod: red,", 4, "codes[0].cod"),
    ],
)
def test_a_bad_code_list_names_line_and_key(old, new, line, key):
    with pytest.raises(BadDefinition) as caught:
        parse_code_list(LIST.replace(old, new, 1), "colours.yaml")
    assert (line, key) in [(flaw["line"], flaw["key"]) for flaw in caught.value.details["flaws"]]


def test_a_code_list_without_codes_is_refused():
    with pytest.raises(BadDefinition, match="at least one"):
        parse_code_list("{name: x, title: {zh: 甲, en: A}, codes: []}", "x.yaml")


TEXTS = [path.read_text(encoding="utf-8") for path in sorted(CATALOG.glob("*.yaml"))]
REAL = read_catalog()


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(TEXTS), st.data())
def test_a_file_cut_anywhere_is_a_bad_definition_or_still_a_good_one(text, data):
    cut = data.draw(st.integers(0, len(text)))
    try:
        parse_layer(text[:cut], "cut.yaml", REAL.code_lists)
    except BadDefinition as error:
        assert error.details["line"] is None or 1 <= error.details["line"] <= text.count("\n") + 1


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(TEXTS), st.data())
def test_a_file_with_something_pasted_into_it_raises_nothing_else(text, data):
    at = data.draw(st.integers(0, len(text)))
    pasted = data.draw(
        st.sampled_from(
            ["{", "]", ": ", "\n", "\0", "&a ", "*a", "!!x ", "- ", '"', "'", "|", "%", "\t", "<<: "]
        )
        | st.text(max_size=5)
    )
    try:
        parse_layer(text[:at] + pasted + text[at:], "pasted.yaml", REAL.code_lists)
    except BadDefinition as error:
        assert error.details["file"] == "pasted.yaml"


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=8,
    ),
    st.data(),
)
def test_any_value_in_any_place_is_read_or_refused(value, data):
    document = read_marked(GOOD, "x").value
    key = data.draw(st.sampled_from(sorted(document)))
    document[key] = value
    try:
        parse(json.dumps(document))
    except BadDefinition as error:
        assert error.details["flaws"]


@pytest.fixture
def copy(tmp_path):
    """Return a copy of the catalogue in which single files can be broken."""
    for source in (CATALOG, CODE_LISTS):
        (tmp_path / source.name).mkdir()
        for path in source.glob("*.yaml"):
            (tmp_path / source.name / path.name).write_bytes(path.read_bytes())
    return tmp_path


def read(folder):
    return read_catalog(folder / "catalog", folder / "code_lists")


def test_the_copied_catalogue_equals_the_original(copy):
    copied = read(copy)
    assert (copied.layers, copied.code_lists) == (REAL.layers, REAL.code_lists)


@pytest.mark.parametrize(
    ("file", "old", "new", "key", "word"),
    [
        ("catalog/cameras.yaml", "name: cameras", "name: camera", "name", "camera.yaml"),
        ("code_lists/duplex.yaml", "name: duplex", "name: duplexes", "name", "duplexes.yaml"),
        ("catalog/towns.yaml", "part_of: regions", "part_of: region", "part_of", "did you mean regions"),
        ("catalog/towns.yaml", "part_of: regions", "part_of: counties", "part_of", "a part itself"),
        ("catalog/towns.yaml", "geometry: polygon", "geometry: line", "geometry", "polygon"),
        ("catalog/towns.yaml", "key: [system, code]", "key: [code]", "key", "system"),
        ("catalog/towns.yaml", "level: town}", "level: twon}", "filter.level", "did you mean town"),
        ("catalog/towns.yaml", "name: area_m2", "name: area_ha", "fields[7].name", "no field"),
        ("catalog/towns.yaml", "unit: m²", "unit: ha", "fields[7].name", "m²"),
        (
            "catalog/towns.yaml",
            "classification: public",
            "classification: restricted",
            "classification",
            "same",
        ),
    ],
)
def test_files_that_do_not_fit_each_other_are_named(copy, file, old, new, key, word):
    path = copy / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadDefinition) as caught:
        read(copy)
    assert (caught.value.details["file"], caught.value.details["key"]) == (file, key)
    assert word in caught.value.details["reason"]
    line = next(n for n, row in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if new in row)
    assert caught.value.details["line"] == line


def test_half_a_file_is_named(copy):
    path = copy / "catalog" / "pipes.yaml"
    path.write_bytes(path.read_bytes()[:1500])
    with pytest.raises(BadDefinition) as caught:
        read(copy)
    assert caught.value.details["file"] == "catalog/pipes.yaml"


def test_a_file_that_is_not_utf_8_is_named_with_its_line(copy):
    path = copy / "catalog" / "pipes.yaml"
    path.write_bytes(path.read_bytes().replace("地下管线".encode(), "地下管线".encode("gb18030")))
    with pytest.raises(BadDefinition, match="UTF-8") as caught:
        read(copy)
    assert caught.value.details["line"] == 2


def test_a_file_of_200_kilobytes_is_named(copy):
    (copy / "catalog" / "pipes.yaml").write_bytes(b"#" * (SIZE_LIMIT + 1))
    with pytest.raises(BadDefinition, match="larger"):
        read(copy)


def test_a_folder_in_place_of_a_file_is_named(copy):
    (copy / "catalog" / "zoo.yaml").mkdir()
    with pytest.raises(BadDefinition, match="cannot be read"):
        read(copy)


def test_a_file_with_the_other_ending_is_not_passed_over(copy):
    path = copy / "catalog" / "pipes.yaml"
    path.rename(path.with_suffix(".yml"))
    with pytest.raises(BadDefinition, match=r"pipes\.yaml"):
        read(copy)


def test_a_folder_without_files_is_no_catalogue(tmp_path):
    with pytest.raises(BadDefinition, match="no \\.yaml files"):
        read_catalog(tmp_path, CODE_LISTS)


def test_an_unknown_layer_is_not_found_with_a_hint():
    with pytest.raises(NotFound, match="did you mean cameras"):
        REAL.layer("camera")


@pytest.mark.parametrize("name", ["", "x" * 100_000, "cameras'; drop table city.cameras", '"', "\0"])
def test_any_text_for_a_layer_name_is_not_found(name):
    with pytest.raises(NotFound) as caught:
        REAL.layer(name)
    assert len(caught.value.message) < 400


def test_a_layer_posted_at_run_time_joins_the_catalogue_and_leaves_the_old_one_alone():
    layer = parse_layer(
        changed("bench_kind", "pole_kind").replace("[wood]", "[lamp]"), "posted", REAL.code_lists
    )
    wider = REAL.with_layer(layer)
    assert wider.layer("benches") is layer
    assert "benches" not in REAL.layers


def test_a_posted_part_of_nothing_is_refused():
    layer = REAL.layer("towns").model_copy(update={"name": "hamlets", "part_of": "nowhere"})
    with pytest.raises(BadDefinition, match="there is no layer 'nowhere'"):
        REAL.with_layer(layer)


def test_a_posted_layer_that_breaks_its_parts_is_refused():
    regions = REAL.layer("regions")
    fields = tuple(field for field in regions.fields if field.name != "short_name")
    with pytest.raises(BadDefinition, match="no longer fits"):
        REAL.with_layer(regions.model_copy(update={"fields": fields}))
