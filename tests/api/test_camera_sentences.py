"""Every reason why a camera does not see has its words in both languages."""

from __future__ import annotations

import math

import pytest

from api.camera_sentences import sentence
from geo.cameras import REASONS

FACTS = {
    "camera": "SXJ00001", "building": "FW7", "distance_m": 85.0, "limit_m": 60.0, "near_m": 7.0,
    "off_deg": 74.0,
    "half_deg": 45.0, "building_height_m": 54.0, "cut_m": 21.0, "pixels_per_m": 30.0,
    "needed_pixels_per_m": 125.0,
}  # fmt: skip


@pytest.mark.parametrize("reason", [*REASONS, None, "none_near"])
def test_every_reason_is_told_in_chinese_and_english(reason: str | None) -> None:
    told = sentence(reason, FACTS)
    assert set(told) == {"zh", "en"}
    assert all("{" not in text for text in told.values())
    if reason != "none_near":
        assert all("SXJ00001" in text for text in told.values())


def test_numbers_of_the_failing_test_are_in_the_sentence() -> None:
    assert "85" in sentence("too_far", FACTS)["zh"] and "60" in sentence("too_far", FACTS)["en"]
    assert "74°" in sentence("outside_view", FACTS)["zh"]
    assert "FW7" in sentence("hidden_by_building", FACTS)["en"]
    unknown = sentence("hidden_by_building", {**FACTS, "building_height_m": math.nan})
    assert "unknown height" in unknown["en"]
    assert sentence("offline", FACTS, 2)["zh"].endswith("2 天")
