"""Texts as they are compared, and Chinese names as they are typed on a keyboard."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.search.fold import LONGEST_SPELLED, fold, spell


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Ｇ３１２", "g312"), ("  a \t b ", "a b"), ("㎡", "m2"), ("叶集", "叶集"), ("", ""), ("É", "é")],
)
def test_width_case_and_spaces_make_no_difference(text, folded):
    assert fold(text) == folded


@given(st.text(max_size=60))
@settings(max_examples=100)
def test_folding_twice_changes_nothing_for_plain_texts(text):
    once = fold(text)
    assert fold(once) == fold(fold(once))


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("叶集区", "yejiqu", "yjq"),
        ("重庆路", "chongqinglu", "cql"),
        ("312国道", "312guodao", "312gd"),
        ("幸福路 12号", "xingfulu12hao", "xfl12h"),
        ("a1", "", ""),
        ("", "", ""),
        ("叶" * (LONGEST_SPELLED + 1), "", ""),
    ],
)
def test_a_chinese_name_is_spelt_without_tones(name, pinyin, initials):
    assert spell(name) == (pinyin, initials)
