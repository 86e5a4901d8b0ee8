"""Loss into buildings and over hills against printed tables, closed forms and a peer."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo.errors import BadInput
from geo.radio import Heights, diffraction_loss, penetration_loss
from geo.radio.terrain import cuts_sight, knife_edge


@pytest.mark.parametrize(
    ("building", "wall"),
    # Materials of TR 38.901 V19.4.0 table 7.4.3-1 at 3.5 GHz: glass 2.7, coated glass 25.785, concrete 19,
    # plywood 1.625 dB; shares of table 7.4.3-2.
    [
        ("low_loss", 5 - 10 * np.log10(0.3 * 10**-0.27 + 0.7 * 10**-1.9)),
        ("high_loss", 5 - 10 * np.log10(0.7 * 10**-2.5785 + 0.3 * 10**-1.9)),
        ("low_loss_a", 5 - 10 * np.log10(0.3 * 10**-0.27 + 0.7 * 10**-0.1625)),
        ("below_6ghz", 20.0),
    ],
)
def test_walls_have_the_loss_of_their_materials(building: str, wall: float) -> None:
    assert float(penetration_loss(building, 3.5)) == pytest.approx(wall)
    assert float(penetration_loss(building, 3.5, 20)) == pytest.approx(wall + 10)


def test_unknown_buildings_are_refused() -> None:
    with pytest.raises(BadInput, match="tent"):
        penetration_loss("tent", 3.5)
    with pytest.raises(BadInput, match="negative"):
        penetration_loss("low_loss", 3.5, -1)


def test_a_single_edge_is_that_of_the_recommendation() -> None:
    # P.526-15 figure 9 reads 6 dB at grazing incidence and about 13 dB at v = 1; equation 31.
    assert float(knife_edge(0.0)) == pytest.approx(6.03, abs=0.01)
    assert float(knife_edge(1.0)) == pytest.approx(13.93, abs=0.01)
    assert float(knife_edge(2.4)) == pytest.approx(20.54, abs=0.1)


def test_one_hill_gives_its_own_edge_and_the_term_of_the_path() -> None:
    # Flat but for one edge midway: the Bullington point is the edge itself (plus the earth's bulge there).
    distance, ground = np.arange(0, 4001.0, 20), np.zeros(201)
    ground[100] = 60.0
    top = 60 + 500 / 8500 * 2 * 2
    v = (top - (30 + 1.5) / 2) * np.sqrt(0.002 * 4 / (0.299792458 / 2.0 * 2 * 2))
    edge = float(knife_edge(v))
    expected = edge + (1 - np.exp(-edge / 6)) * (10 + 0.02 * 4)
    assert diffraction_loss(distance, ground, 2.0, base_height_m=30) == pytest.approx(expected, abs=1e-9)


@given(
    st.lists(st.floats(0, 150), min_size=3, max_size=60), st.floats(0.3, 6), st.floats(5, 80)
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_a_hill_cuts_the_line_of_sight_where_it_rises_over_it(
    heights: list[float], ghz: float, base: float
) -> None:
    distance, ground = np.arange(len(heights)) * 60.0, np.array(heights)
    along = distance[1:-1]
    bulge = along * (distance[-1] - along) / (2 * 8_500_000)
    start, end = ground[0] + base, ground[-1] + 1.5
    over = float(np.max(ground[1:-1] + bulge - (start + (end - start) * along / distance[-1])))
    assume(abs(over) > 1e-6)
    loss = diffraction_loss(distance, ground, ghz, base_height_m=base)
    assert cuts_sight(loss, distance[-1]) == (over > 0)


@given(
    st.lists(st.floats(0, 150), min_size=3, max_size=60),
    st.floats(0.3, 6),
    st.integers(1, 58),
    st.floats(0, 80),
)
@settings(max_examples=150, deadline=None)
def test_a_higher_hill_never_helps(heights: list[float], ghz: float, at: int, more: float) -> None:
    ground = np.array(heights)
    distance = np.arange(len(ground)) * 50.0
    before = diffraction_loss(distance, ground, ghz, base_height_m=30)
    inner = 1 + at % (len(ground) - 2)
    ground[inner] += more
    assert diffraction_loss(distance, ground, ghz, base_height_m=30) >= before - 1e-9
    assert before >= 0


def test_the_raster_answers_outside_with_its_edge() -> None:
    heights = Heights(np.array([[1, 2], [3, 4]], dtype=np.float32), 100, 200, 10)
    assert heights.at([105, 115, -1e6, 1e6], [205, 215, 1e6, -1e6]).tolist() == [1, 4, 3, 2]


def test_profiles_that_go_backwards_are_refused() -> None:
    with pytest.raises(BadInput, match="ascend"):
        diffraction_loss([0, 10, 5], [0, 0, 0], 2.0, base_height_m=30)
