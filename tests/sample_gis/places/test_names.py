"""Pinyin, kinds of places, and how far along a street a house stands."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from sample_gis.places.kinds import kind_of
from sample_gis.places.pinyin import initials, pinyin
from sample_gis.places.streets import along


@pytest.mark.parametrize(
    ("name", "expected"),
    [("六安市", "lu an shi"), ("亳州市", "bo zhou shi"), ("王大郢", "wang da ying"), ("李圩", "li wei")],
)
def test_names_of_the_region_are_read_as_the_region_reads_them(name: str, expected: str) -> None:
    assert pinyin(name) == expected


def test_initials_are_the_first_letters_of_the_syllables() -> None:
    assert initials("叶集大道") == "yjdd"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("叶集第二小学", "school"), ("卫生院", "hospital"), ("汽车站", "station"), ("叶集商业街3号", "market")],
)
def test_the_end_of_a_name_tells_its_kind(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def test_measures_run_on_from_one_part_of_a_street_to_the_next() -> None:
    street = shapely.MultiLineString([[(0, 0), (100, 0)], [(140, 0), (200, 0)]])
    distance, left = along(street, np.array([[50.0, 8.0], [170.0, -8.0]]))
    assert distance.tolist() == [50.0, 130.0]
    assert left.tolist() == [True, False]
