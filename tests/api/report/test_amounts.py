"""A report prints every figure as the screen shows it: both read the table of ``web/tests``."""

import json
from pathlib import Path

import pytest

from api.report.amounts import part, printed

TABLE = json.loads((Path(__file__).parents[3] / "web/tests/figures.json").read_text("utf-8"))


@pytest.mark.parametrize("row", TABLE["told"], ids=lambda row: f"{row['value']} {row['unit']}")
def test_a_value_is_printed_as_the_screen_shows_it(row):
    assert printed(row["value"], row["decimals"], is_share=row["unit"] == "%") == row["reads"]


@pytest.mark.parametrize("row", TABLE["part"], ids=lambda row: str(row["value"]))
def test_a_part_is_printed_as_the_screen_shows_it(row):
    assert part(row["value"], whole=row["whole"]) == row["reads"]
