"""Technologies and bands as data: resource blocks, subcarrier spacing, thresholds, each with its source."""

from __future__ import annotations

from dataclasses import dataclass

from geo.errors import BadInput

#: Subcarriers of one resource block in NR, LTE and NB-IoT (3GPP TS 38.211 clause 4.4.4.1, TS 36.211 6.2.3).
SUBCARRIERS = 12


@dataclass(frozen=True, slots=True)
class CoverageClass:
    """One class of a level in words: from ``from_dbm`` up to the next class."""

    name: str
    from_dbm: float


@dataclass(frozen=True, slots=True)
class Technology:
    """What coverage means in one technology.

    Attributes
    ----------
    code : str
        As in the code list ``radio_technology``; ``pdt`` is digital trunking.
    reference : str
        Name of the measured level.
    min_dbm, min_sinr_db : float
        A place is covered where both are reached.
    noise_figure_db : float
        Of the receiver.
    classes : tuple of CoverageClass
        From the strongest to the weakest.
    source : str
        Where the thresholds come from.
    """

    code: str
    reference: str
    min_dbm: float
    min_sinr_db: float
    noise_figure_db: float
    classes: tuple[CoverageClass, ...]
    source: str


def _classes(*bounds: float) -> tuple[CoverageClass, ...]:
    names = ("excellent", "good", "fair", "weak", "none")
    return tuple(CoverageClass(name, at) for name, at in zip(names, (*bounds, -999.0), strict=True))


TECHNOLOGIES: dict[str, Technology] = {
    "5g": Technology(
        "5g", "SS-RSRP", -105.0, -3.0, 9.0, _classes(-85.0, -96.0, -105.0, -115.0),
        "Drive-test acceptance of the Chinese operators: a sample is covered at SS-RSRP >= -105 dBm and "
        "SS-SINR >= -3 dB, with stricter tiers of -100 and -96 dBm; the other class bounds are ours",
    ),
    "4g": Technology(
        "4g", "RSRP", -110.0, -3.0, 9.0, _classes(-90.0, -100.0, -110.0, -120.0),
        "Usual acceptance of LTE drive tests (RSRP >= -110 dBm, SINR >= -3 dB); bounds ours, to confirm",
    ),
    "nb_iot": Technology(
        "nb_iot", "NRSRP", -125.0, -6.0, 5.0, _classes(-95.0, -110.0, -125.0, -135.0),
        "Ours, below the maximum coupling loss of 164 dB of 3GPP TR 45.820; to be confirmed",
    ),
    "pdt": Technology(
        "pdt", "level", -95.0, 9.0, 7.0, _classes(-75.0, -85.0, -95.0, -105.0),
        "Ours for a hand-held radio in the open at 350 MHz; to be confirmed by the public security bureau",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Band:
    """One operating band: downlink in MHz and the subcarrier spacing that is used in it."""

    name: str
    low_mhz: float
    high_mhz: float
    spacing_khz: float
    title: str


#: Downlinks of 3GPP TS 38.104 table 5.2-1 and TS 36.104 table 5.5-1; spacings as deployed in China.
BANDS: tuple[Band, ...] = (
    Band("n28", 758.0, 803.0, 15.0, "700 MHz"),
    Band("n8", 925.0, 960.0, 15.0, "900 MHz"),
    Band("n1", 2110.0, 2170.0, 15.0, "2.1 GHz"),
    Band("n41", 2496.0, 2690.0, 30.0, "2.6 GHz"),
    Band("n78", 3300.0, 3800.0, 30.0, "3.5 GHz"),
    Band("n79", 4400.0, 5000.0, 30.0, "4.9 GHz"),
    Band("B5", 869.0, 894.0, 15.0, "850 MHz"),
    Band("B3", 1805.0, 1880.0, 15.0, "1.8 GHz"),
    Band("B39", 1880.0, 1920.0, 15.0, "1.9 GHz"),
    Band("B40", 2300.0, 2400.0, 15.0, "2.3 GHz"),
)

#: Resource blocks by spacing (kHz) and bandwidth (MHz): 3GPP TS 38.101-1 V18 table 5.3.2-1, for 15 kHz joined
#: by 1.4 and 3 MHz of TS 36.101 table 5.6-1.
RESOURCE_BLOCKS: dict[float, dict[float, int]] = {
    15.0: {5: 25, 10: 52, 15: 79, 20: 106, 25: 133, 30: 160, 35: 188, 40: 216, 45: 242, 50: 270},
    30.0: {
        5: 11, 10: 24, 15: 38, 20: 51, 25: 65, 30: 78, 35: 92, 40: 106, 45: 119, 50: 133, 60: 162, 70: 189,
        80: 217, 90: 245, 100: 273,
    },
    60.0: {
        10: 11, 15: 18, 20: 24, 25: 31, 30: 38, 35: 44, 40: 51, 45: 58, 50: 65, 60: 79, 70: 93, 80: 107,
        90: 121, 100: 135,
    },
}  # fmt: skip
#: LTE: TS 36.101 table 5.6-1. NB-IoT has one block of its own.
LTE_BLOCKS: dict[float, int] = {0.2: 1, 1.4: 6, 3: 15, 5: 25, 10: 50, 15: 75, 20: 100}


def technology_of(code: str) -> Technology:
    """Return a technology, or raise `BadInput`.

    Examples
    --------
    >>> technology_of("5g").min_dbm
    -105.0
    """
    if code not in TECHNOLOGIES:
        raise BadInput(f"there is no technology {code!r}: use {', '.join(TECHNOLOGIES)}", technology=code)
    return TECHNOLOGIES[code]


def spacing_khz(frequency_mhz: float) -> float:
    """Return the usual subcarrier spacing at a frequency: that of its band, 15 kHz outside all bands.

    Examples
    --------
    >>> spacing_khz(773.0), spacing_khz(3450.0)
    (15.0, 30.0)
    """
    for band in BANDS:
        if band.low_mhz <= frequency_mhz <= band.high_mhz:
            return band.spacing_khz
    return 15.0


def resource_blocks(bandwidth_mhz: float, spacing: float, technology: str = "5g") -> int:
    """Return the resource blocks of a carrier.

    Parameters
    ----------
    bandwidth_mhz : float
        Channel bandwidth. One between two of the table has the blocks of the smaller.
    spacing : float
        Subcarrier spacing in kHz.
    technology : str
        ``4g`` and ``nb_iot`` have tables of their own.

    Raises
    ------
    BadInput
        For a bandwidth under the smallest of the table, or another spacing.

    Examples
    --------
    >>> resource_blocks(100, 30), resource_blocks(30, 15), resource_blocks(20, 15, "4g")
    (273, 160, 100)
    """
    table = LTE_BLOCKS if technology in ("4g", "nb_iot") else RESOURCE_BLOCKS.get(float(spacing))
    if table is None:
        raise BadInput(f"no resource blocks are known at {spacing:g} kHz spacing", spacing_khz=spacing)
    fitting = [width for width in table if width <= bandwidth_mhz + 1e-9]
    if not fitting:
        raise BadInput(
            f"{bandwidth_mhz:g} MHz holds no carrier at {spacing:g} kHz spacing", bandwidth_mhz=bandwidth_mhz
        )
    return table[max(fitting)]


def class_of(dbm: float, technology: str = "5g") -> str:
    """Return the class of a level in words.

    Examples
    --------
    >>> class_of(-104.0), class_of(-105.1), class_of(-150.0)
    ('fair', 'weak', 'none')
    """
    return next(one.name for one in technology_of(technology).classes if dbm >= one.from_dbm)
