"""Antennas: the report's table, arrays by adding up their waves, tilt and what must hold anywhere."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadInput
from geo.radio import antenna_gain, array, element, named
from geo.radio.antenna import array_factor, without_azimuth


@pytest.mark.parametrize(
    ("across", "down", "gain"),
    # TR 38.901 table 7.3-1: 8 dBi, 65 degrees both ways, 30 dB at most, also together.
    [(0, 0, 8.0), (32.5, 0, 5.0), (65, 0, -4.0), (0, 65, -4.0), (0, 32.5, 5.0), (32.5, 32.5, 2.0),
     (180, 0, -22.0), (102.8, 0, -22.0), (180, 60, -22.0), (0, 90, -15.0)],
)  # fmt: skip
def test_the_element_is_that_of_the_table(across: float, down: float, gain: float) -> None:
    # At the nadir the azimuth is none: 12 (90/65)^2 = 23.0 dB stand alone.
    expected = 8 - 12 * (90 / 65) ** 2 if down == 90 else gain
    assert float(antenna_gain(element(), across, down)) == pytest.approx(expected, abs=0.01)


@given(st.integers(1, 16), st.floats(0.4, 0.9), st.floats(-60, 60), st.floats(0, 15))
@settings(max_examples=200, deadline=None)
def test_an_array_is_the_sum_of_its_waves(rows: int, spacing: float, theta: float, tilt: float) -> None:
    # TR 36.897 clause 7.1: weights over the rows, each with the phase of its height.
    m = np.arange(rows)
    phase = 2 * np.pi * spacing * m
    wave = np.exp(1j * phase * np.sin(np.radians(theta))) * np.exp(-1j * phase * np.sin(np.radians(tilt)))
    power = max(abs(wave.sum()) ** 2 / rows, 1e-3 * rows)
    assert float(array_factor(rows, spacing, theta, tilt)) == pytest.approx(power, rel=1e-6, abs=1e-6)


def test_eight_rows_gain_nine_decibels_along_their_beam() -> None:
    panel = array(8)
    assert panel.peak_dbi == pytest.approx(8 + 10 * np.log10(8))
    at = np.linspace(-20, 30, 501)
    gain = antenna_gain(panel, 0.0, at, electrical_tilt_deg=6.0)
    # The element leans the peak a tenth of a degree up.
    assert at[np.argmax(gain)] == pytest.approx(6.0, abs=0.3)


def test_a_mechanical_tilt_looks_down_ahead_and_up_behind() -> None:
    panel = array(8)
    ahead = antenna_gain(panel, 0.0, 8.0, mechanical_tilt_deg=8.0)
    assert ahead == pytest.approx(panel.peak_dbi)
    behind = [float(antenna_gain(panel, 180.0, down, mechanical_tilt_deg=8.0)) for down in (-8.0, 8.0)]
    assert behind[0] > behind[1]
    beside = [float(antenna_gain(panel, 90.0, 0.0, mechanical_tilt_deg=tilt)) for tilt in (0.0, 8.0)]
    assert beside[0] == pytest.approx(beside[1], abs=0.3)


def test_an_electrical_tilt_is_the_same_all_round() -> None:
    panel = array(8)
    for across in (0, 60, 120, 180):
        gain = antenna_gain(panel, across, np.arange(-10.0, 21.0), electrical_tilt_deg=6.0)
        assert np.arange(-10, 21)[np.argmax(gain)] == 6


@given(st.floats(-720, 720), st.floats(-90, 90), st.floats(-15, 15), st.floats(0, 15))
@settings(max_examples=200, deadline=None)
def test_gain_stays_between_peak_and_floor_and_repeats_after_a_turn(
    across: float, down: float, mechanical: float, electrical: float
) -> None:
    tilts = {"mechanical_tilt_deg": mechanical, "electrical_tilt_deg": electrical}
    panel = array(8)
    gain = float(antenna_gain(panel, across, down, **tilts))
    assert panel.peak_dbi - 60.1 <= gain <= panel.peak_dbi + 1e-9
    assert float(antenna_gain(panel, across + 360, down, **tilts)) == pytest.approx(gain, abs=1e-6)
    assert float(antenna_gain(panel, -across, down, **tilts)) == pytest.approx(gain, abs=1e-6)


def test_an_unknown_azimuth_keeps_the_power_that_goes_round() -> None:
    blind = without_azimuth(array(8))
    whole = 10 ** (antenna_gain(array(8), np.arange(360.0), 0.0) / 10)
    assert float(antenna_gain(blind, 77.0, 0.0)) == pytest.approx(10 * np.log10(whole.mean()), abs=0.01)


def test_names_say_what_the_antenna_is() -> None:
    assert named("8x8").rows == 8
    assert named(" OMNI ").gain_dbi == 0
    assert float(named("tr38901", 90.0).horizontal_db[450]) == pytest.approx(3.0)
    with pytest.raises(BadInput, match="dipole"):
        named("dipole")
    with pytest.raises(BadInput, match="rows"):
        array(0)
