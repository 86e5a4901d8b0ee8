"""What runs in the pipes: places in the street, sizes, materials, owners.

Offsets follow the usual order of lines under a Chinese street (GB 50289-2016, section 4.1): cables under the
footways, gas and water beside the carriageway, sewers towards the middle. They are drawn for the sample and
are no design values.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Medium:
    """One medium and its rules.

    Attributes
    ----------
    name : str
        Code of the list ``pipe_medium``.
    letters : str
        Letters of the codes of its pipes and nodes, as on Chinese pipe surveys.
    offset_m : tuple of float
        Distance from the centre line by class of street 0 to 4; positive to the north or east.
    cover_m : float
        Ground above the crown, metres.
    floor_mm : tuple of float
        Smallest diameter by class of street.
    series_mm : tuple of float
        Diameters that are made, ascending.
    owner : str
    """

    name: str
    letters: str
    offset_m: tuple[float, float, float, float, float]
    cover_m: float
    floor_mm: tuple[float, float, float, float, float]
    series_mm: tuple[float, ...]
    owner: str


WATER = Medium(
    "water", "JS", (8.5, 7.0, 5.0, 3.4, 1.3), 1.0, (300, 200, 150, 110, 100),
    (100, 110, 150, 200, 250, 300, 400, 500, 600, 800, 1000, 1200), "供水企业（样例）",
)  # fmt: skip
SEWAGE = Medium(
    "sewage", "WS", (-5.0, -4.2, -3.0, -1.6, -0.8), 0.9, (500, 400, 300, 300, 300),
    (300, 400, 500, 600, 800, 1000, 1200), "排水管理单位（样例）",
)  # fmt: skip
SEWAGE_PUMPED = Medium(
    "sewage", "WY", (-3.4, -2.6, -1.6, -0.4, 0.3), 1.2, (200, 200, 200, 200, 200),
    (200, 250, 300, 400, 500, 600, 800, 1000), "排水管理单位（样例）",
)  # fmt: skip
RAIN = Medium(
    "rain", "YS", (1.5, 1.2, 0.8, 0.6, 0.6), 0.8, (600, 600, 500, 400, 400),
    (400, 500, 600, 800, 1000, 1200, 1400, 1600, 1800, 2000), "排水管理单位（样例）",
)  # fmt: skip
GAS = Medium(
    "gas", "RQ", (-10.5, -8.6, -6.0, -3.6, -2.2), 0.9, (160, 110, 90, 63, 63),
    (63, 90, 110, 160, 200, 250, 315, 400), "燃气企业（样例）",
)  # fmt: skip
HEAT = Medium(
    "heat", "RL", (4.6, 3.8, 2.8, 2.0, 2.0), 0.8, (150, 150, 150, 100, 100),
    (100, 150, 200, 250, 300, 400, 500, 600), "供热企业（样例）",
)  # fmt: skip
POWER = Medium(
    "power", "DL", (11.5, 9.6, 7.4, 4.7, 2.4), 0.7, (200, 175, 150, 150, 150),
    (150, 175, 200), "供电企业（样例）",
)  # fmt: skip
COMMS = Medium(
    "comms", "TX", (-12.2, -10.2, -7.6, -5.0, -3.2), 0.7, (110, 110, 100, 90, 90),
    (90, 100, 110), "通信管道权属单位（样例）",
)  # fmt: skip
