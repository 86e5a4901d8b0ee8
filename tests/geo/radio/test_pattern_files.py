"""Antenna files: a published one by its own header, hand-made ones, a peer's angles, and broken ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadInput
from geo.radio import antenna_gain, read_pattern
from geo.radio.antenna import between

# Values of SV460-SF2SNM at 920 MHz (Sinclair Technologies; MSI file of the converter pafx2msi 1.1, 2024):
# every degree of the main lobe, every thirtieth beyond.
LOBE = [*range(17), *range(30, 331, 30), *range(344, 360)]
ACROSS = [
    0, 0.1, 0.4, 0.6, 1.1, 1.5, 2.1, 2.9, 4, 5.2, 6.9, 8.6, 9.9, 12.3, 16.3, 21.6, 24.4,
    13.5, 13.7, 23.8, 23.9, 22.5, 23, 22.8, 21.7, 26.7, 14.9, 14,
    24.6, 25.2, 18.8, 14, 11.7, 9.5, 7.9, 6, 4.5, 3.3, 2.3, 1.6, 1.2, 0.8, 0.4, 0.2,
]  # fmt: skip
UPRIGHT = [
    0, 0, 0.1, 0.3, 0.3, 0.4, 0.6, 0.7, 0.9, 1.1, 1.4, 1.8, 2.3, 2.6, 3, 3.4, 3.9,
    6.5, 18.6, 39, 16.1, 18.6, 21, 18.2, 17.2, 27.7, 13, 6.3,
    4.2, 3.6, 3.2, 2.7, 2.4, 2, 1.5, 1.2, 1, 0.8, 0.6, 0.5, 0.3, 0.2, 0.2, 0.1,
]  # fmt: skip
HEADER = """NAME Sinclair Technologies Inc. SV460-SF2SNM_0920
FREQUENCY 920
H_WIDTH 14.5
V_WIDTH 29.0
FRONT_TO_BACK 21
GAIN 15.0 dBd
ELECTRICAL_TILT 0
POLARIZATION Vertical
"""


def cut(word: str, angles: list[int], values: list[float]) -> str:
    pairs = "".join(f"{angle} {value:.2f}\n" for angle, value in zip(angles, values, strict=True))
    return f"{word} {len(angles)}\n{pairs}"


def whole(upright: list[float] | None = None, header: str = "GAIN 17 dBi\n") -> str:
    turn = list(range(360))
    flat = [0.0] * 360
    return header + cut("HORIZONTAL", turn, flat) + cut("VERTICAL", turn, upright or flat)


def width(cut_db: np.ndarray) -> float:
    angle = np.arange(-60, 60, 0.01)
    inside = angle[between(cut_db, angle) <= 3.0]
    return float(inside.max() - inside.min())


def test_a_published_file_has_the_gain_widths_and_back_of_its_header() -> None:
    found = read_pattern(HEADER + cut("HORIZONTAL", LOBE, ACROSS) + cut("VERTICAL", LOBE, UPRIGHT))
    panel = found.pattern
    assert panel.gain_dbi == pytest.approx(15.0 + 2.15)
    assert float(antenna_gain(panel, 0.0, 0.0)) == pytest.approx(17.15)
    # Widths of the header are of the maker's own finer cut.
    assert width(panel.horizontal_db) == pytest.approx(14.5, abs=1.0)
    assert width(panel.vertical_db) == pytest.approx(29.0, abs=1.5)
    assert panel.vertical_db[180] == 21.0
    assert float(antenna_gain(panel, 8.0, 12.0)) == pytest.approx(17.15 - 4.0 - 2.3)
    assert (found.frequency_mhz, found.electrical_tilt_deg) == (920.0, 0.0)
    assert panel.name.startswith("Sinclair")


def test_the_electrical_tilt_of_the_file_is_counted_once() -> None:
    # Measured at 6 degrees: its greatest gain is 6 degrees under the horizon, and stays there for a sector
    # that says the same tilt; one of 2 degrees looks 4 degrees higher.
    upright = [min(abs((at - 6 + 180) % 360 - 180) * 1.5, 30.0) for at in range(360)]
    for words in ("ELECTRICAL_TILT 6\n", "TILT ELECTRICAL 6\n", "TILT 6.0\n"):
        found = read_pattern(whole(upright, f"GAIN 17 dBi\n{words}"))
        down = np.arange(-10, 20)
        for tilt in (6.0, 2.0):
            gain = antenna_gain(found.pattern, 0.0, down, electrical_tilt_deg=tilt)
            assert down[np.argmax(gain)] == tilt
            assert gain.max() == pytest.approx(17.0)
        assert found.electrical_tilt_deg == 6.0
    mechanical = read_pattern(whole(upright, "GAIN 17 dBi\nTILT MECHANICAL 3\n"))
    assert mechanical.electrical_tilt_deg == 0.0


@pytest.mark.parametrize(
    ("gain", "dbi"), [("15.0 dBd", 17.15), ("15", 17.15), ("17.5 dBi", 17.5), ("-1.2dBi", -1.2)]
)
def test_gains_are_over_a_dipole_unless_they_say_otherwise(gain: str, dbi: float) -> None:
    assert read_pattern(whole(header=f"GAIN {gain}\n")).pattern.gain_dbi == pytest.approx(dbi)


@pytest.mark.parametrize(
    ("text", "mhz"),
    [("920", 920), ("2437 MHz", 2437), ("2.437 GHz", 2437), ("1710-2170", 1940), ("", np.nan)],
)
def test_frequencies_come_in_several_ways(text: str, mhz: float) -> None:
    found = read_pattern(whole(header=f"FREQUENCY {text}\nGAIN 17 dBi\n"))
    assert found.frequency_mhz == pytest.approx(mhz, nan_ok=True)


def test_a_radio_mobile_file_begins_its_upright_turn_at_the_zenith() -> None:
    # Angles of crc-covlib's LoadRadioMobileV3File: 0 to 359 across; -90 (zenith) to 269 upright.
    across = [-10.0 if at == 90 else 0.0 for at in range(360)]
    upright = [-20.0 if at == 90 else -3.0 if at == 5 else 0.0 for at in range(-90, 270)]
    found = read_pattern("\n".join(map(str, across + upright)), gain_dbi=14.0, name="panel")
    assert float(antenna_gain(found.pattern, 90.0, 0.0)) == pytest.approx(4.0)
    assert float(antenna_gain(found.pattern, 0.0, 5.0)) == pytest.approx(11.0)
    assert float(antenna_gain(found.pattern, 0.0, 90.0)) == pytest.approx(-6.0)
    assert float(antenna_gain(found.pattern, 0.0, -90.0)) == pytest.approx(14.0)
    assert found.pattern.name == "panel"


@given(st.integers(0, 10_000), st.floats(0, 359.9))
@settings(max_examples=30, deadline=None)
def test_a_whole_cut_comes_back_as_it_was_written(seed: int, angle: float) -> None:
    values = np.random.default_rng(seed).integers(0, 4000, 360) / 100
    turn = list(range(360))
    text = "GAIN 10 dBi\n" + cut("HORIZONTAL", turn, values.tolist()) + cut("VERTICAL", turn, [0.0] * 360)
    panel = read_pattern(text).pattern
    assert panel.horizontal_db == pytest.approx(values)
    assert float(antenna_gain(panel, angle, 0.0)) <= 10.0 + 1e-9


def test_levels_in_place_of_attenuations_are_turned_round() -> None:
    text = whole().replace("HORIZONTAL 360\n0 0.00\n1 0.00", "HORIZONTAL 360\n0 0.00\n1 -12.00")
    assert read_pattern(text).pattern.horizontal_db[1] == 12.0


def test_a_byte_order_mark_and_windows_lines_do_not_matter() -> None:
    assert read_pattern("\ufeff" + whole().replace("\n", "\r\n")).pattern.gain_dbi == 17.0


CUT_SHORT = whole().splitlines()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no antenna file"),
        ("<html>", "no antenna file"),
        ("\n".join(CUT_SHORT[:200]), "HORIZONTAL announces 360 values and has 198"),
        ("\n".join(CUT_SHORT[:362]), "no VERTICAL cut"),
        ("\n".join(CUT_SHORT[:-3]), "VERTICAL announces 360 values and has 357"),
        (whole().replace("VERTICAL 360", "VERTICAL 359"), "more values than announced"),
        (whole().replace("HORIZONTAL 360", "HORIZONTAL 359"), "more values than announced"),
        (whole().replace("HORIZONTAL 360", "HORIZONTAL all"), "line 2.*announces 'all'"),
        (whole().replace("\n7 0.00", "\n7 0,00", 1), "line 10 .*not a comma"),
        (whole().replace("\n7 0.00", "\n7 nan", 1), "line 10 .*no number"),
        (whole().replace("\n7 0.00", "\n8 0.00", 1).replace("\n9 0.00", "\n8 0.00", 1), "no turn of degrees"),
        (whole().replace("\n7 0.00", "\n7 -17.00", 1).replace("\n9 0", "\n9 4", 1), "no attenuations"),
        (whole(header=""), "GAIN"),
        (whole(header="GAIN strong\n"), "strong"),
        (whole(header="GAIN 17 dBm\n"), "17 dBm"),
        (whole(header="GAIN 17 dBi\nELECTRICAL_TILT 90\n"), "tilt of 90"),
        (whole() + cut("VERTICAL", list(range(360)), [0.0] * 360), "second VERTICAL"),
        ("\n".join(["0"] * 719), "720 numbers, this one 719"),
        ("\n".join(["0"] * 719 + ["x"]), "line 720"),
        ("\n".join(["0"] * 719 + ["-500"]), "no levels"),
    ],
)  # fmt: skip
def test_broken_files_are_refused_with_the_place(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read_pattern(text, gain_dbi=10.0)


def test_a_radio_mobile_file_needs_a_gain() -> None:
    with pytest.raises(BadInput, match="give it in dBi"):
        read_pattern("\n".join(["0"] * 720))
