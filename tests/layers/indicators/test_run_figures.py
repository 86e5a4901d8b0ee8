"""Which run an indicator takes its figures from: never one of a part for the whole."""

import pytest

from layers.indicators.run_figures import RunFigures
from layers.runs.kinds import kind_named
from layers.runs.subjects import subject_of

TASK = {"task": "detect", "using_department": None}
FIVE_G = {"technology": "5g", "operator": None}


def figures(kind, parameters):
    subject = subject_of(kind_named(kind), parameters)
    return RunFigures(kind, subject, 1, parameters, None, False, "internal", {})


@pytest.mark.parametrize(
    ("kind", "parameters", "asked", "expected"),
    [
        ("camera_coverage", {**TASK, "tiers": []}, {}, True),
        ("camera_coverage", {**TASK, "tiers": ["1"]}, {}, False),
        ("camera_blind_spots", {**TASK, "tiers": []}, {}, False),
        ("radio_coverage", FIVE_G, {"technology": "5g"}, True),
        ("radio_coverage", {**FIVE_G, "operator": "cmcc"}, {"technology": "5g"}, False),
        ("radio_coverage", {**FIVE_G, "technology": "4g"}, {"technology": "5g"}, False),
    ],
)
def test_a_run_of_a_part_does_not_stand_for_the_whole(kind, parameters, asked, expected):
    assert figures(kind, parameters).fits("camera_coverage" if "camera" in kind else kind, asked) is expected
