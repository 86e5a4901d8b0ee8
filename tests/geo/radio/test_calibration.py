"""The hexagonal calibration of TR 38.901 clause 7.8.1: our formulas among those of twenty companies."""

import numpy as np
import pytest

from geo.radio import (
    antenna_gain,
    array,
    line_of_sight_probability,
    path_loss,
    penetration_loss,
    shadowing_db,
)
from geo.radio.indoor import penetration_sigma_db

SHARES = (5, 10, 25, 50, 75, 90, 95)
# Least and greatest value of 20 companies at these percentiles: 3GPP R1-165974 (RAN1 no. 86, August 2016),
# sheet Phase1Calibration_v42_CMCC.xlsx, 6 GHz. Set-up: TR 38.901 V19.4.0 table 7.8-1.
COMPANIES = {
    "uma": {
        "coupling_db": ([-153.88, -146.66, -136.54, -123.08, -107.66, -94.73, -87.33],
                        [-147.54, -142.48, -131.32, -118.09, -104.76, -91.87, -83.35]),
        "sinr_db": ([-13.04, -6.08, -0.23, 5.37, 13.01, 20.74, 24.09],
                    [-6.78, -3.30, 1.36, 6.34, 15.78, 23.01, 25.09]),
        "sir_db": ([-1.35, -0.14, 2.46, 7.80, 15.23, 22.54, 24.82],
                   [-0.60, 0.26, 3.39, 8.90, 17.89, 24.20, 25.86]),
    },
    "umi": {
        "coupling_db": ([-145.96, -140.03, -129.01, -114.92, -98.59, -83.64, -77.19],
                        [-140.09, -134.85, -124.05, -110.54, -94.97, -80.37, -73.53]),
        "sinr_db": ([-10.40, -5.27, -0.39, 4.48, 11.99, 19.28, 22.84],
                    [-5.55, -2.51, 1.03, 5.99, 13.82, 22.06, 24.69]),
        "sir_db": ([-2.02, -0.86, 1.55, 6.54, 13.96, 20.95, 23.86],
                   [-1.50, -0.28, 2.39, 7.74, 15.70, 23.48, 25.56]),
    },
}  # fmt: skip
#: Distance between sites, height of the antenna and nearest user in metres, power in dBm.
LAYOUT = {"uma": (500.0, 25.0, 35.0, 49.0), "umi": (200.0, 10.0, 10.0, 44.0)}
BANDWIDTH_HZ, GHZ, NOISE_FIGURE_DB, DOWNTILT_DEG = 20e6, 6.0, 9.0, 12.0


def of_the_layout(model: str, users: int = 8000, seed: int = 1) -> dict[str, np.ndarray]:
    """Drop users among 19 sites of three sectors that repeat without end; the strongest serves each."""
    spacing, base, nearest, power = LAYOUT[model]
    draw = np.random.default_rng(seed)
    turned = np.radians([30.0, 90.0])
    steps = spacing * np.column_stack([np.sin(turned), np.cos(turned)])
    sites = np.array([(i, j) for i in range(-2, 3) for j in range(-2, 3) if abs(i + j) <= 2]) @ steps
    copies = np.array([(0, 0), (3, 2), (-2, 5), (-5, 3), (-3, -2), (2, -5), (5, -3)]) @ steps
    # Around every site the layout looks alike: one of its rhombuses stands for all.
    places = draw.random((2 * users, 2)) @ steps
    corners = np.array([(0, 0), (1, 0), (0, 1), (1, 1)]) @ steps
    away = np.hypot(*(places[:, None] - corners).transpose(2, 0, 1)).min(axis=1)
    places = places[away >= nearest][:users]
    offset = places[:, None, None] - sites[None, :, None] - copies
    distance = np.hypot(offset[..., 0], offset[..., 1])
    copy = distance.argmin(axis=2)[:, :, None]
    offset = np.take_along_axis(offset, copy[..., None], axis=2)[:, :, 0]
    distance = np.take_along_axis(distance, copy, axis=2)[:, :, 0]
    # Four of five are on some floor of a house of four to eight, at most 25 m inside.
    indoor = draw.random(users) < 0.8
    floor = np.where(indoor, draw.integers(1, draw.integers(4, 9, users) + 1), 1)
    height = (1.5 + 3 * (floor - 1))[:, None]
    depth = np.where(indoor, draw.uniform(0, 25, (2, users)).min(axis=0), 0.0)
    chance = line_of_sight_probability(
        model, np.maximum(distance - depth[:, None], 0.0), user_height_m=height
    )
    seen = draw.random(distance.shape) < chance
    loss = path_loss(model, distance, GHZ, base_height_m=base, user_height_m=height, line_of_sight=seen)
    fading = np.sqrt(0.5) * (draw.normal(size=(users, 1)) + draw.normal(size=distance.shape))
    loss += shadowing_db(model, seen) * fading
    coated = draw.random(users) < 0.5
    for kind, such in (("high_loss", coated), ("low_loss", ~coated)):
        wall = penetration_loss(kind, GHZ, depth) + penetration_sigma_db(kind) * draw.normal(size=users)
        loss += np.where(indoor & such, wall, 0.0)[:, None]
    bearing = np.degrees(np.arctan2(offset[..., 0], offset[..., 1]))[..., None]
    below = np.degrees(np.arctan2(base - height, distance))[..., None]
    gain = antenna_gain(
        array(10), bearing - np.array([30.0, 150.0, 270.0]), below, electrical_tilt_deg=DOWNTILT_DEG
    )
    coupling = (gain - loss[..., None]).reshape(users, -1)
    received = 10 ** (coupling / 10)
    others = received.sum(axis=1) - received.max(axis=1)
    noise = 10 ** ((-174 + 10 * np.log10(BANDWIDTH_HZ) + NOISE_FIGURE_DB - power) / 10)
    return {
        "coupling_db": coupling.max(axis=1),
        "sinr_db": 10 * np.log10(received.max(axis=1) / (others + noise)),
        "sir_db": 10 * np.log10(received.max(axis=1) / others),
    }


@pytest.mark.parametrize("model", ["uma", "umi"])
def test_the_geometry_of_nineteen_sites_lies_within_the_spread_of_the_companies(model: str) -> None:
    found = of_the_layout(model)
    for name, (least, most) in COMPANIES[model].items():
        ours = np.percentile(found[name], SHARES)
        # 8,000 users scatter a percentile by about a tenth of a decibel.
        assert (ours >= np.array(least) - 0.1).all(), (name, ours)
        assert (ours <= np.array(most) + 0.1).all(), (name, ours)
