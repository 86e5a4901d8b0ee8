"""Rows against a definition: what fits is converted, what does not is named with its row."""

from datetime import UTC, date, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadInput
from layers.definitions import CodeList, FieldType, LayerDefinition
from layers.importing.checking import check
from layers.importing.columns import read_column
from layers.importing.refusals import RowsRefused

WORDS = {"zh": "词", "en": "word"}
LISTS = {
    "kinds": CodeList.model_validate(
        {
            "name": "kinds",
            "title": WORDS,
            "codes": [{"code": "a", "title": WORDS}, {"code": "b", "title": WORDS}],
        }
    )
}
ZONE = "Asia/Shanghai"


def layer(*fields: dict, geometry: str = "none", **more: object) -> LayerDefinition:
    drawn = {} if geometry == "none" else {
        "zoom": {"min": 1, "max": 16}, "style": {"group": "g", "order": 1, "symbol": {}},
    }  # fmt: skip
    return LayerDefinition.model_validate(
        {"name": "things", "title": WORDS, "description": WORDS, "geometry": geometry, "owner": WORDS,
         "classification": "internal", "source": "tests", "licence": "x",
         "fields": [{"title": WORDS, **one} for one in fields], **drawn, **more}
    )  # fmt: skip


def reasons(definition, **columns):
    checked = check(definition, LISTS, pd.DataFrame(columns))
    return [(refusal.row, refusal.field, refusal.reason) for refusal in checked.refusals]


@pytest.mark.parametrize(
    ("field", "values", "refused"),
    [
        ({"type": "text", "required": True}, ["x", None, "", np.nan], dict.fromkeys((2, 3, 4), "required")),
        ({"type": "text", "length": 3}, ["街道名", "abcd"], {2: "length"}),
        ({"type": "text", "pattern": "[0-9]{2}"}, ["12", "123", "1a", None], {2: "pattern", 3: "pattern"}),
        ({"type": "text", "unique": True}, ["x", "y", "x", None, None], {3: "duplicate"}),
        ({"type": "text"}, ["ok", "nul\x00", "half\ud800"], {2: "text", 3: "text"}),
        ({"type": "integer"}, [1, 2.0, "3", 2.5, "x", np.inf, 2**70], dict.fromkeys((4, 5, 6, 7), "type")),
        ({"type": "integer", "range": [0, 9]}, [0, 9, 10, -1, None], {3: "range", 4: "range"}),
        ({"type": "number", "range": [None, 1.5]}, [1.5, -1e9, 1.6, "nan"], {3: "range", 4: "type"}),
        ({"type": "number"}, [1, 0, np.nan, np.inf, -np.inf, "1e3", "1,5"], dict.fromkeys((4, 5, 7), "type")),
        ({"type": "boolean"}, [True, 0, "true", "是", None, 2, "maybe"], {6: "type", 7: "type"}),
        ({"type": "date"}, ["2020-12-31", date(2020, 1, 1), "31.12.2020", 20201231], {3: "type", 4: "type"}),
        ({"type": "datetime"}, ["2020-12-31T08:00:00Z", "2020-12-31 08:00", "noon"], {3: "type"}),
        ({"type": "datetime"}, ["2020-13-01", "2020-02-30T00:00", None], dict.fromkeys((1, 2), "type")),
        ({"type": "code", "codes": "kinds"}, ["a", "b", "c", None], {3: "code"}),
        ({"type": "codes", "codes": "kinds"}, ["b", "a;b", ["a", "c"], [], None, 7], {3: "code", 6: "type"}),
    ],
)  # fmt: skip
def test_values_that_do_not_fit_are_named_and_no_others(field, values, refused):
    definition = layer({"name": "value", **field})
    found = reasons(definition, value=pd.Series(values, dtype=object))
    assert found == [(row, "value", reason) for row, reason in sorted(refused.items())]


def test_a_required_field_without_a_column_refuses_every_row():
    definition = layer({"name": "value", "type": "text", "required": True}, {"name": "other", "type": "text"})
    assert reasons(definition, other=["x", "y"]) == [(1, "value", "required"), (2, "value", "required")]


def test_a_column_that_is_no_field_is_refused_with_the_fields_that_exist():
    with pytest.raises(BadInput, match="no field colour; its fields are value"):
        check(layer({"name": "value", "type": "text"}), LISTS, pd.DataFrame({"colour": ["red"]}))


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ({"status": ["in_service", "broken"]}, [(2, "status", "code")]),
        ({"provenance": ["real", "guess"]}, [(2, "provenance", "code")]),
        ({"code": ["x", "x"]}, [(2, "code", "duplicate")]),
        ({"code": [None, None]}, []),
        ({"code": ["x" * 200]}, [(1, "code", "length")]),
        ({"valid_from": ["2020-01-02"], "valid_to": ["2020-01-01"]}, [(1, "valid_to", "period")]),
    ],
)
def test_system_columns_are_checked_too(columns, found):
    assert reasons(layer({"name": "value", "type": "text"}), **columns) == found


def test_a_wider_key_lets_the_same_code_stand_in_two_systems():
    definition = layer({"name": "system", "type": "text", "required": True}, key=["system", "code"])
    assert reasons(definition, system=["a", "b", "a"], code=["1", "1", "1"]) == [(3, "code", "duplicate")]


def test_rows_of_a_part_get_what_makes_them_one():
    definition = layer({"name": "system", "type": "text"}, part_of="wholes", filter={"system": "a"})
    checked = check(definition, LISTS, pd.DataFrame({"system": [None, "a", "b"]}))
    assert [(one.row, one.reason, one.allowed) for one in checked.refusals] == [(3, "filter", "a")]
    assert checked.columns["system"].tolist() == ["a", "a", "b"]


def test_one_row_can_have_several_flaws_and_they_come_in_order():
    definition = layer(
        {"name": "first", "type": "integer"},
        {"name": "second", "type": "text", "length": 1},
        geometry="point",
    )
    frame = gpd.GeoDataFrame(
        {"first": ["x", 1, "y"], "second": ["ok", "no", "no"]},
        geometry=[shapely.Point(116, 31), None, shapely.Point(116, 31)],
        crs=4326,
    )
    checked = check(definition, LISTS, frame)
    assert [(one.row, one.field) for one in checked.refusals] == [
        (1, "first"), (1, "second"), (2, "geom"), (2, "second"), (3, "first"), (3, "second"),
    ]  # fmt: skip
    assert checked.good.tolist() == [False, False, False]


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        (FieldType.TEXT, 341504.0, "341504"),
        (FieldType.TEXT, 341504, "341504"),
        (FieldType.INTEGER, "007", 7),
        (FieldType.INTEGER, np.int32(7), 7),
        (FieldType.NUMBER, "1e3", 1000.0),
        (FieldType.BOOLEAN, "否", False),
        (FieldType.DATE, "2020-12-31T23:30:00+08:00", date(2020, 12, 31)),
        (FieldType.DATE, pd.Timestamp("2020-12-31"), date(2020, 12, 31)),
        (FieldType.DATETIME, "2020-12-31T08:00:00", datetime(2020, 12, 31, tzinfo=UTC)),
        (FieldType.DATETIME, pd.Timestamp("2020-12-31T00:00:00Z"), datetime(2020, 12, 31, tzinfo=UTC)),
        (FieldType.DATETIME, datetime(2020, 12, 31, tzinfo=UTC), datetime(2020, 12, 31, tzinfo=UTC)),
        (FieldType.CODES, "a、b", ["a", "b"]),
        (FieldType.CODES, {"b", "a"}, ["a", "b"]),
    ],
)
def test_values_are_converted(kind, given, value):
    values, wrong, _ = read_column(pd.Series([given, None], dtype=object), kind, ZONE)
    assert not wrong.any()
    assert values.tolist() == [value, None]
    assert type(values[0]) is type(value) or isinstance(values[0], type(value))


@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Shanghai"])
def test_times_without_a_zone_are_of_the_city(zone):
    series = pd.Series(pd.to_datetime(["2020-12-31 08:00", None]))
    values, _, _ = read_column(
        series if zone is None else series.dt.tz_localize(zone), FieldType.DATETIME, ZONE
    )
    hour = 8 if zone == "UTC" else 0
    assert values.tolist() == [datetime(2020, 12, 31, hour, tzinfo=UTC), None]


anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.dates(),
    st.datetimes(timezones=st.sampled_from([None, UTC])), st.lists(st.text(max_size=3), max_size=3),
    st.binary(max_size=3),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(anything, min_size=1, max_size=8),
    st.sampled_from([k for k in FieldType if k is not FieldType.GEOMETRY]),
)
def test_no_value_breaks_the_check_and_what_is_taken_has_the_type(values, kind):
    column = pd.Series([None] * len(values), dtype=object)
    for row, value in enumerate(values):
        column[row] = value
    made, wrong, _ = read_column(column, kind, ZONE)
    types = {
        FieldType.TEXT: str, FieldType.CODE: str, FieldType.INTEGER: int, FieldType.NUMBER: float,
        FieldType.BOOLEAN: bool, FieldType.DATE: date, FieldType.DATETIME: datetime, FieldType.CODES: list,
    }  # fmt: skip
    for value, refused in zip(made, wrong, strict=True):
        assert value is None or (isinstance(value, types[kind]) and not refused)


def test_an_error_of_refused_rows_tells_the_first_and_counts_all():
    definition = layer({"name": "value", "type": "integer", "range": [0, 9]})
    checked = check(definition, LISTS, pd.DataFrame({"value": list(range(300))}))
    error = RowsRefused("things", checked.refusals, 300)
    assert "290 of 300 rows" in error.message
    assert "row 11, field value: '10'" in error.message
    assert error.details["by_reason"] == {"range": 290}
    assert len(error.details["refusals"]) == 100
    assert len(error.refusals) == 290
