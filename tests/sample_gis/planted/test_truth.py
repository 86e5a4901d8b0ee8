"""What all planted themes share, and the provenance that every layer carries."""

from __future__ import annotations

import json

from sample_gis.city import City
from sample_gis.planted.truth import read_causes


def test_every_theme_writes_its_truth_and_all_of_it_is_plain_json(yeji: City) -> None:
    truth = json.loads(json.dumps(yeji.truth, allow_nan=False))
    assert set(truth) == {*read_causes(), "incident_hotspots", "incident_default_points"}
    for theme, causes in read_causes().items():
        assert {one["cause"] for one in truth[theme]} == set(causes)
    for theme in (*read_causes(), "incident_hotspots"):
        for one in truth[theme]:
            assert one["provenance"] == "synthetic"
            assert all(
                one[words][language] for words in ("description", "expect") for language in ("zh", "en")
            )


def test_every_feature_of_every_layer_says_whether_it_is_real_a_plan_s_figure_or_synthetic(
    yeji: City,
) -> None:
    for name, frame in yeji.layers.items():
        assert set(frame["provenance"]) <= {"real", "plan", "synthetic"}, name
        assert frame["source"].fillna("").str.len().min() > 0, name
