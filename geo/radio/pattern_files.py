"""Antenna files: Planet (MSI, PLN, PRN) and Radio Mobile (ANT), as text in and a pattern out."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.errors import BadInput
from geo.radio.antenna import Pattern

Floats = NDArray[np.float64]

#: Gain of a half-wave dipole over an isotropic radiator: what dBd and dBi differ by.
DIPOLE_DBI = 2.15
#: Values of a Radio Mobile file: a turn across, then a turn upright.
_TURN = 360
#: Attenuations under this and above that are no measurement but another file.
_LEAST_DB, _MOST_DB = -40.0, 120.0
_CUT = re.compile(r"^(HORIZONTAL|VERTICAL)\s+(\S+)\s*$", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class PatternFile:
    """What an antenna file says.

    Attributes
    ----------
    pattern : Pattern
        Its vertical cut with the electrical tilt of the file taken out, so that a sector's own electrical
        tilt says it again: at the tilt of the file the cut is that of the file.
    electrical_tilt_deg : float
        At which the file was measured; 0 where it does not tell.
    frequency_mhz : float
        NaN where the file does not tell.
    headers : mapping of str to str
        All other lines before the cuts, by their first word.
    """

    pattern: Pattern
    electrical_tilt_deg: float
    frequency_mhz: float
    headers: dict[str, str]


def read_pattern(text: str, *, gain_dbi: float | None = None, name: str = "") -> PatternFile:
    r"""Read an antenna file of either form, which the text itself tells.

    Parameters
    ----------
    text : str
        Of a ``.msi``, ``.pln``, ``.prn`` or ``.ant`` file.
    gain_dbi : float, optional
        Greatest gain; needed for Radio Mobile files, which do not hold it; ignored for others.
    name : str
        For a file that does not name its antenna.

    Raises
    ------
    BadInput
        With ``line``, where the text is no such file, a cut is not whole, or a value is none.

    Notes
    -----
    Planet: attenuations in dB under the gain, GAIN in dBd unless it says dBi; horizontal angles clockwise,
    vertical ones down from the horizon of the main lobe (0 ahead, 90 down, 180 behind, 270 up). Radio Mobile:
    360 levels in dB across, then 360 upright from the zenith (-90) on. Angles as in the readers of
    crc-covlib, edition of 2025.

    Examples
    --------
    >>> turn = "\n".join(f"{at} {min(at, 360 - at) / 10}" for at in range(360))
    >>> found = read_pattern(f"NAME Panel\nGAIN 15 dBd\nHORIZONTAL 360\n{turn}\nVERTICAL 360\n{turn}\n")
    >>> found.pattern.name, found.pattern.gain_dbi, float(found.pattern.horizontal_db[90])
    ('Panel', 17.15, 9.0)
    """
    lines = text.lstrip("\ufeff").splitlines()
    if any(_CUT.match(line.strip()) for line in lines):
        return _planet(lines, name)
    return _radio_mobile(lines, gain_dbi, name)


def _planet(lines: list[str], name: str) -> PatternFile:
    headers: dict[str, str] = {}
    cuts: dict[str, Floats] = {}
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        at += 1
        found = _CUT.match(line)
        if found:
            word = found[1].upper()
            if word in cuts:
                raise _bad(at, f"a second {word} cut")
            cuts[word] = _cut(lines, at, word, found[2])
            at += int(found[2])
        elif line:
            word, _, rest = line.partition(" ")
            if cuts or _NUMBER.fullmatch(word):
                raise _bad(at, f"{line[:40]!r} stands outside a cut: there are more values than announced")
            headers[word.upper()] = rest.strip()
    for word in ("HORIZONTAL", "VERTICAL"):
        if word not in cuts:
            raise BadInput(f"the antenna file has no {word} cut", reason="cut")
    if "GAIN" not in headers:
        raise BadInput("the antenna file does not tell its GAIN", reason="gain")
    tilt = _tilt(headers)
    return PatternFile(
        pattern=_pattern(_gain_dbi(headers["GAIN"]), cuts["HORIZONTAL"], cuts["VERTICAL"], tilt,
                         headers.get("NAME") or name),
        electrical_tilt_deg=tilt,
        frequency_mhz=_frequency_mhz(headers.get("FREQUENCY", "")),
        headers=headers,
    )  # fmt: skip


def _cut(lines: list[str], start: int, word: str, count: str) -> Floats:
    """Return a cut at every degree; ``start`` is the index of its first line."""
    if not count.isdecimal() or not 4 <= int(count) <= 3600:
        raise _bad(start, f"{word} announces {count[:12]!r} values: 4 to 3600 can be")
    angles, values = np.empty(int(count)), np.empty(int(count))
    for k in range(int(count)):
        line = lines[start + k].strip() if start + k < len(lines) else ""
        parts = line.split()
        if len(parts) != 2 or _CUT.match(line):
            raise _bad(start + k + 1, f"{word} announces {count} values and has {k}")
        angles[k], values[k] = (_number(part, start + k + 1) for part in parts)
    if (angles < -180).any() or (angles > 360).any() or len(np.unique(angles % 360)) < len(angles) - 1:
        raise _bad(start + 1, f"the angles of {word} are no turn of degrees")
    if values.max() <= 0 and values.min() < -1:
        values = -values  # some write levels in place of attenuations
    if values.min() < -1 or values.max() > _MOST_DB:
        raise _bad(start + 1, f"{word} holds {values.min():g} to {values.max():g} dB: no attenuations")
    return np.asarray(np.interp(np.arange(_TURN), angles, values, period=360.0))


def _radio_mobile(lines: list[str], gain_dbi: float | None, name: str) -> PatternFile:
    given = [(at, line.strip()) for at, line in enumerate(lines, 1) if line.strip()]
    if not given or not _NUMBER.fullmatch(given[0][1]):
        raise BadInput(
            "this is no antenna file: neither HORIZONTAL and VERTICAL cuts nor 720 numbers", reason="form"
        )
    levels = np.array([_number(line, at) for at, line in given])
    if len(levels) != 2 * _TURN:
        raise BadInput(
            f"an antenna file of Radio Mobile holds 720 numbers, this one {len(levels)}", reason="count"
        )
    if gain_dbi is None or not math.isfinite(gain_dbi):
        raise BadInput("the file does not hold the gain of the antenna: give it in dBi", reason="gain")
    if levels.min() < -_MOST_DB or levels.max() > -_LEAST_DB:
        raise BadInput(f"{levels.min():g} to {levels.max():g} dB are no levels of an antenna", reason="value")
    across, upright = levels[:_TURN].max() - levels[:_TURN], levels[_TURN:].max() - levels[_TURN:]
    # The upright turn begins at the zenith, 90 degrees before the horizon.
    pattern = _pattern(gain_dbi, across, np.roll(upright, -90), 0.0, name)
    return PatternFile(pattern, 0.0, float("nan"), {})


def _pattern(gain_dbi: float, across: Floats, upright: Floats, tilt: float, name: str) -> Pattern:
    """Return the pattern; both cuts together never lose more than the deeper one does anywhere."""
    angle = np.arange(_TURN, dtype=float)
    level = np.asarray(np.interp(angle + tilt, angle, upright, period=360.0))
    limit = float(max(across.max(), upright.max()))
    return Pattern(gain_dbi, np.maximum(across, 0.0), np.maximum(level, 0.0), limit, name=name)


def _gain_dbi(text: str) -> float:
    found = _NUMBER.match(text)
    unit = text[found.end() :].strip().lower() if found else ""
    if not found or unit not in ("", "dbi", "dbd", "db") or not -20 <= float(found[0]) <= 60:
        raise BadInput(f"GAIN {text[:20]!r} is no gain such as 15.0 dBd or 17.15 dBi", reason="gain")
    return round(float(found[0]) + (0.0 if unit == "dbi" else DIPOLE_DBI), 4)


def _tilt(headers: dict[str, str]) -> float:
    """Return the electrical tilt of ``ELECTRICAL_TILT 4``, ``TILT ELECTRICAL 4`` or ``TILT 4``, else 0."""
    for word in ("ELECTRICAL_TILT", "TILT"):
        text = headers.get(word, "")
        if word == "TILT" and text.upper().startswith("MECHANICAL"):
            continue
        if found := _NUMBER.search(text):
            if abs(float(found[0])) > 45:
                raise BadInput(f"an electrical tilt of {found[0]} degrees cannot be", reason="tilt")
            return float(found[0])
    return 0.0


def _frequency_mhz(text: str) -> float:
    """Return MHz of ``920``, ``2437 MHz``, ``2.437 GHz``, or the middle of ``1710-2170``."""
    found = [float(one) for one in re.findall(r"\d+(?:\.\d+)?", text)][:2]
    if not found:
        return float("nan")
    return sum(found) / len(found) * (1000.0 if "ghz" in text.lower() else 1.0)


def _number(text: str, line: int) -> float:
    try:
        value = float(text)
    except ValueError:
        hint = ": write a point, not a comma" if "," in text else ""
        raise _bad(line, f"{text[:20]!r} is no number{hint}") from None
    if not math.isfinite(value):
        raise _bad(line, f"{text[:20]!r} is no number")
    return value


def _bad(line: int, reason: str) -> BadInput:
    return BadInput(f"line {line} of the antenna file: {reason}", line=line)
