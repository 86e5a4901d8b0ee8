"""The tables of docs/sample_city.md against the city they tell of, and against other seeds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from sample_gis.city import City
from tests.sample_gis.measures import MEASURES

DOCUMENT = Path(__file__).parents[2] / "docs" / "sample_city.md"


class Row(NamedTuple):
    """A row of the tables: what is measured, its value in the whole city, and the band it must keep to."""

    name: str
    measured: float
    low: float
    high: float
    seeds: bool


def _rows() -> dict[str, Row]:
    """Read rows such as ``| block, median, ha | 0.92 | 0.7–1.3 | all | reference |``."""
    form = re.compile(r"^\| ([^|]+?) \| ([\d.]+) \| ([\d.]+)–([\d.]+) \| (all|city) \|", re.MULTILINE)
    found = form.findall(DOCUMENT.read_text(encoding="utf-8"))
    return {name: Row(name, float(a), float(b), float(c), d == "all") for name, a, b, c, d in found}


ROWS = _rows()


def test_the_document_and_the_measures_are_the_same_list() -> None:
    assert list(ROWS) == list(MEASURES)


@pytest.mark.parametrize("name", MEASURES)
def test_the_city_is_what_the_document_says(yeji: City, name: str) -> None:
    row = ROWS[name]
    value = MEASURES[name](yeji)
    assert row.low <= value <= row.high
    assert value == pytest.approx(row.measured, rel=0.05, abs=0.005)


@pytest.mark.parametrize("name", [row.name for row in ROWS.values() if row.seeds])
def test_counties_of_other_seeds_keep_to_the_same_bands(other_seed: City, name: str) -> None:
    assert ROWS[name].low <= MEASURES[name](other_seed) <= ROWS[name].high
