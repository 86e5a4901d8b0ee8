"""Parameters of analyses, class breaks, zooms: what needs no database."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.cells import index
from geo.errors import NotFound
from layers.definitions.words import Words
from layers.runs.density import DENSITY
from layers.runs.errors import BadRunParameter
from layers.runs.kinds import Column, kind_named, kinds
from layers.runs.legend import breaks, summary
from layers.runs.parameters import parse
from layers.runs.record import State
from layers.runs.zooms import bands, resolution_at


@pytest.mark.parametrize(
    ("given_parameters", "parameter", "expected"),
    [
        ({}, "layer", "given"),
        ({"layer": "nothing"}, "layer", "layer-with-geometry"),
        ({"layer": "region_statistics"}, "layer", "layer-with-geometry"),
        ({"layer": "cameras", "resolution": 4}, "resolution", "whole-number"),
        ({"layer": "cameras", "resolution": 13}, "resolution", "whole-number"),
        ({"layer": "cameras", "resolution": 8.5}, "resolution", "whole-number"),
        ({"layer": "cameras", "resolution": "eight"}, "resolution", "whole-number"),
        ({"layer": "cameras", "weight": "name"}, "weight", "numeric-field"),
        ({"layer": "cameras", "weight": "online"}, "weight", "numeric-field"),
        ({"layer": "cameras", "against": "money"}, "against", "one-of"),
        ({"layer": "cameras", "colour": 1}, "colour", "known-parameter"),
        ({"layer": ""}, "layer", "declared"),
    ],
)
def test_a_wrong_parameter_is_named_with_what_would_do(catalog, given_parameters, parameter, expected):
    with pytest.raises(BadRunParameter) as caught:
        parse(DENSITY, given_parameters, catalog)
    assert caught.value.details["parameter"] == parameter
    assert caught.value.details["expected"] == expected


def test_a_wrong_resolution_tells_the_range(catalog):
    with pytest.raises(BadRunParameter) as caught:
        parse(DENSITY, {"layer": "cameras", "resolution": 99}, catalog)
    assert (caught.value.details["low"], caught.value.details["high"]) == (5, 12)


def test_every_kind_is_found_by_its_name_and_no_other():
    assert {kind_named(name).name for name in kinds()} == set(kinds())
    with pytest.raises(NotFound):
        kind_named("alchemy")


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.name)
def test_a_kind_is_complete(kind):
    assert kind.shown in kind.column_names
    assert len(kind.ramp.dark) == len(kind.ramp.light) == (len(kind.classes) or 5)
    assert kind.parameters.model_json_schema()["additionalProperties"] is False
    for picture in kind.pictures:
        assert picture.column in kind.column_names
        assert len(picture.ramp.dark) == len(picture.ramp.light) == (len(picture.classes) or 5)
        assert len(picture.class_names) in (0, len(picture.classes))


@given(st.lists(st.floats(0, 1e6), max_size=200))
def test_breaks_ascend_inside_the_values(values):
    found = breaks(np.array(values))
    assert found == sorted(set(found))
    assert len(found) <= 4
    assert all(0 < one < max(values) for one in found)


def test_the_legend_counts_empty_cells_and_cells_without_a_value_apart():
    cells = index([115.8, 115.9, 116.0], [31.7, 31.7, 31.7], 8)
    frame = pd.DataFrame(
        {"n": [1.0, 0, 2], "value": [1.0, 0, 2], "against": [1.0, 1, 0], "density": [1.0, 0, np.nan]},
        index=cells,
    )
    level = summary(DENSITY, frame)["levels"][0]
    assert (level["cells"], level["empty"], level["no_data"]) == (3, 1, 1)
    assert summary(DENSITY, frame)["sums"]["n"] == 3


def test_a_higher_zoom_never_shows_coarser_cells():
    for finest in range(5, 13):
        shown = [resolution_at(zoom, finest, 5) for zoom in range(23)]
        assert shown == sorted(shown)
        assert shown[-1] == finest


@pytest.mark.parametrize("finest", range(5, 13))
def test_bands_and_zooms_agree(finest):
    for zoom in range(23):
        band = next(resolution for start, resolution in bands(finest, 5) if zoom >= start)
        assert band == resolution_at(zoom, finest, 5)


def test_only_ended_states_are_finished():
    assert [state for state in State if state.finished] == [State.SUCCEEDED, State.FAILED, State.CANCELLED]


def test_a_code_is_told_in_words_and_any_other_number_with_its_decimals():
    words = (Words(zh="附近无站", en="No site near"),)
    column = Column("cause", Words(zh="原因", en="Cause"), 1, words=words)
    assert column.text(0.0) == "附近无站 No site near"
    assert [column.text(value) for value in (1.0, 0.5, -1.0)] == ["1.0", "0.5", "-1.0"]
