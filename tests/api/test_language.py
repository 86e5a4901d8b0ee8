"""The language of an answer."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.language import preferred_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en", "en"),
        ("en-GB;q=0.4, zh;q=0.2", "en"),
        ("fr, de", "zh"),
        ("en;q=0", "zh"),
        ("en;q=x", "zh"),
        ("en;q=7", "zh"),
        ("EN-us", "en"),
    ],
)
def test_english_is_spoken_to_those_who_prefer_it_and_chinese_to_all_others(header, language):
    assert preferred_language(header) == language


@settings(max_examples=50)
@given(st.text(max_size=200))
def test_any_header_gives_a_language(header):
    assert preferred_language(header) in ("zh", "en")
