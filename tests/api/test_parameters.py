"""Query parameters: strict, typed, and clear about what is wrong."""

import contextlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from api.errors import BadParameter, RepeatedParameter, UnknownParameter
from api.ogc.crs import DEFAULT, SUPPORTED
from api.parameters import (
    check_parameters,
    make_cursor,
    parse_bbox,
    parse_cursor,
    parse_datetime,
    parse_feature_id,
    parse_limit,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


def test_an_unknown_parameter_is_refused_with_the_nearest_known_one():
    with pytest.raises(UnknownParameter) as caught:
        check_parameters(QueryParams("limt=3"), {"limit", "bbox"})
    assert caught.value.details == {"parameter": "limt", "known": ["bbox", "limit"], "hint": "limit"}


def test_a_parameter_may_stand_only_once():
    with pytest.raises(RepeatedParameter):
        check_parameters(QueryParams("limit=1&limit=9"), {"limit"})


@pytest.mark.parametrize("value", ["a%00b", "a%0Ab", "x" * 1001, "%1b"])
def test_control_characters_and_floods_are_refused(value):
    with pytest.raises(BadParameter):
        check_parameters(QueryParams(f"name={value}"), {"name"})


@pytest.mark.parametrize("value", ["叶集", "a'b", 'a"b', "\u202eright to left", "a\u200bb", "%"])
def test_any_other_text_is_a_value(value):
    assert check_parameters(QueryParams({"name": value}), {"name"}) == {"name": value}


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "ten", "", "+5", " 5", "٣", "1e9", "0x10"])
def test_a_limit_that_is_no_count_is_refused(text):
    with pytest.raises(BadParameter) as caught:
        parse_limit(text)
    assert caught.value.details["expected"] == "whole-number"


@pytest.mark.parametrize(("text", "limit"), [("1", 1), ("1000", 1000), ("1001", 1000), ("9" * 300, 1000)])
def test_a_limit_beyond_the_greatest_is_answered_with_the_greatest(text, limit):
    assert parse_limit(text) == limit


@pytest.mark.parametrize(
    "text",
    [
        "a,b,c,d",
        "1,2,3",
        "1,2,3,4,5",
        "1,2,3,4,5,6,7",
        "nan,1,2,3",
        "inf,1,2,3",
        "1,2,3,",
        "",
        "1e999,0,1,1",
        "0,0,1,1e400",
        "115,32,116,31",
        "115,31,116,91",
        "-181,0,0,1",
        "0,0,181,1",
        "1 2 3 4",
        "0x1,0,1,1",
        "1_0,0,11,1",
    ],
)
def test_a_box_that_is_none_is_refused(text):
    with pytest.raises(BadParameter) as caught:
        parse_bbox(text, DEFAULT)
    assert caught.value.details["parameter"] == "bbox"


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("115.8,31.8,115.9,31.9", (115.8, 31.8, 115.9, 31.9)),
        ("115.8,31.8,-5,115.9,31.9,5", (115.8, 31.8, 115.9, 31.9)),
        ("-180,-90,180,90", (-180, -90, 180, 90)),
        ("115.8,31.8,115.8,31.8", (115.8, 31.8, 115.8, 31.8)),
        ("179,-1,-179,1", (179, -1, -179, 1)),
        ("+1.,.5,2e0,3", (1, 0.5, 2, 3)),
    ],
)
def test_a_box_is_west_south_east_north(text, box):
    assert parse_bbox(text, DEFAULT) == box


@pytest.mark.parametrize("code", [4326, 4490])
def test_a_geographic_epsg_box_has_latitude_first(code):
    assert parse_bbox("31.8,115.8,31.9,115.9", SUPPORTED[f"{EPSG}{code}"]) == (115.8, 31.8, 115.9, 31.9)


def test_a_projected_box_cannot_be_upside_down():
    with pytest.raises(BadParameter):
        parse_bbox("10,0,0,10", SUPPORTED[f"{EPSG}3857"])


def test_a_projected_box_outside_the_earth_is_refused():
    with pytest.raises(BadParameter):
        parse_bbox("1e30,1e30,2e30,2e30", SUPPORTED[f"{EPSG}4548"])


@pytest.mark.parametrize(
    "text",
    [
        "not-a-date",
        "../..",
        "/",
        "",
        "2020-12-31T00:00:00",
        "2020-13-01T00:00:00Z",
        "2020-02-30",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "2020-12-31T00:00:00Z/2020-01-01T00:00:00Z",
        "2020-01-01T00:00:00Z/..//",
        "2020-01-01T00:00:00Z/x",
        "2020-01-01T25:00:00Z",
        "0001-01-01",
        "9999-12-31T23:59:59-23:00",
        "2020-01-01T00:00:60Z/../..",
    ],
)
def test_a_time_that_is_none_is_refused(text):
    with pytest.raises(BadParameter):
        parse_datetime(text, SHANGHAI)


NEW_YEAR = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2020-01-01T00:00:00Z", (NEW_YEAR, NEW_YEAR)),
        ("2020-01-01T08:00:00+08:00", (NEW_YEAR, NEW_YEAR)),
        ("2020-01-01t00:00:00.000000000z", (NEW_YEAR, NEW_YEAR)),
        ("2020-01-01T00:00:00Z/..", (NEW_YEAR, None)),
        ("/2020-01-01T00:00:00Z", (None, NEW_YEAR)),
        ("../2020-01-01T00:00:00Z", (None, NEW_YEAR)),
        ("2020-01-01T00:00:00Z/2020-01-01T00:00:00Z", (NEW_YEAR, NEW_YEAR)),
    ],
)
def test_a_time_is_an_instant_or_an_interval_with_one_open_end(text, period):
    assert parse_datetime(text, SHANGHAI) == period


def test_a_full_date_is_that_day_in_the_city():
    start, end = parse_datetime("2020-01-01", SHANGHAI)
    assert start == datetime(2019, 12, 31, 16, tzinfo=UTC)
    assert end == datetime(2020, 1, 1, 15, 59, 59, 999999, tzinfo=UTC)


@given(st.integers(0, 2**63 - 1))
@settings(max_examples=50)
def test_a_cursor_gives_back_its_id(number):
    assert parse_cursor(make_cursor("cameras", number), "cameras") == number


@pytest.mark.parametrize(
    "text",
    ["", "x", "!!!", make_cursor("pipes", 4), "Y2FtZXJhczotMQ", "Y2FtZXJhczo5OTk5OTk5OTk5OTk5OTk5OTk5", "é"],
)
def test_a_cursor_of_another_list_or_of_nobody_is_refused(text):
    with pytest.raises(BadParameter):
        parse_cursor(text, "cameras")


@given(st.text(max_size=40))
@settings(max_examples=100)
def test_no_text_breaks_a_parser(text):
    for parse in (
        parse_limit,
        parse_feature_id,
        lambda value: parse_bbox(value, DEFAULT),
        lambda value: parse_datetime(value, SHANGHAI),
        lambda value: parse_cursor(value, "cameras"),
    ):
        with contextlib.suppress(BadParameter):
            parse(text)
