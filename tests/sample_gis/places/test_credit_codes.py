"""Unified social credit codes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadInput
from sample_gis.places.credit_codes import (
    ALPHABET,
    check_character,
    is_valid,
    organisation_check,
    synthetic_code,
)


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91110000600037341L"])
def test_published_codes_are_valid(code: str) -> None:
    assert is_valid(code)


def test_the_example_of_the_organisation_code_standard() -> None:
    assert organisation_check("D2143569") == "X"


@given(number=st.integers(1, 9999), place=st.integers(0, 17), letter=st.sampled_from(ALPHABET))
@settings(max_examples=80, deadline=None)
def test_one_wrong_character_is_always_found(number: int, place: int, letter: str) -> None:
    code = synthetic_code("91", "341504", number)
    wrong = code[:place] + letter + code[place + 1 :]
    assert is_valid(code)
    assert is_valid(wrong) == (wrong == code)


@pytest.mark.parametrize("body", ["", "9135010", "91350100M000100YI"])
def test_a_body_that_is_none_is_refused(body: str) -> None:
    with pytest.raises(BadInput):
        check_character(body)


def test_synthetic_codes_say_so() -> None:
    assert synthetic_code("91", "341504", 7)[8:12] == "XXXX"
