"""Sentences of the service tell lengths as the map does: both read the table of ``web/tests``."""

import json
from pathlib import Path

import pytest

from api.lengths import length_text

TABLE = json.loads((Path(__file__).parents[2] / "web/tests/figures.json").read_text("utf-8"))


@pytest.mark.parametrize("row", TABLE["lengths"], ids=lambda row: str(row["metres"]))
def test_a_length_is_told_as_the_screen_shows_it(row):
    assert (length_text(row["metres"], "zh"), length_text(row["metres"], "en")) == (row["zh"], row["en"])
