"""What the sentences of a point say of the line of sight, of a mast behind a ridge, a house or nothing."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from api.radio_sentences import sentences
from geo.radio import Heights, Settings, Surface, explain

CRS = 4548
MAST = gpd.GeoDataFrame(
    {"azimuth_deg": 0.0, "downtilt_deg": 4.0, "height_m": 30.0, "frequency_mhz": 3500.0, "power_dbm": 53.0,
     "bandwidth_mhz": 100.0, "pattern": ["8x8"]},
    geometry=gpd.points_from_xy([115.88], [31.74]), crs=4326,
).to_crs(CRS)  # fmt: skip
AT = (115.88, 31.75)


def a_ridge(height_m: float) -> Heights:
    """Return flat land with a ridge across the way from the mast to the point, 1.1 km long."""
    mast = MAST.geometry.iloc[0]
    ground = np.zeros((80, 80), dtype=np.float32)
    ground[47] = height_m
    return Heights(ground, mast.x - 800, mast.y - 400, 20.0)


def a_house() -> Surface:
    """Return a house by the point, in the way."""
    x, y = gpd.GeoSeries([shapely.Point(*AT)], crs=4326).to_crs(CRS).get_coordinates().to_numpy()[0]
    return Surface(
        gpd.GeoDataFrame(
            {"height_m": [12.0]}, geometry=[shapely.box(x - 30, y - 40, x + 30, y - 20)], crs=CRS, index=[7]
        )
    )


@pytest.mark.parametrize(
    ("ridge_m", "house", "in_the_way", "line_of_sight", "said"),
    [
        (0, False, (), None, []),
        # Under the line, which is 16 m high there, and a loss all the same.
        (15, False, (), None, []),
        (40, False, ("hill",), False, ["山体"]),
        (0, True, ("building",), False, ["JZ7"]),
        (40, True, ("building", "hill"), False, ["JZ7", "山体"]),
    ],
)
def test_what_stands_in_the_way_is_told_and_nothing_else(
    ridge_m: float,
    house: bool,
    in_the_way: tuple[str, ...],
    line_of_sight: bool | None,
    said: list[str],
) -> None:
    found = explain(*AT, MAST, surface=a_house() if house else None, terrain=a_ridge(ridge_m))
    assert (found.lines[0].in_the_way, found.lines[0].line_of_sight) == (in_the_way, line_of_sight)
    assert (found.lines[0].terrain_db > 6) == (ridge_m > 0)
    told = sentences(found, Settings(), {}, {7: "JZ7"}, "3GPP")
    of_sight = [one for one in told["zh"] if one.startswith("视线")]
    assert len(of_sight) == len(said)
    assert all(word in one for word, one in zip(said, of_sight, strict=True))
    assert len([one for one in told["en"] if "line of sight" in one]) == len(said)


def test_a_line_that_no_building_touches_is_called_clear_unless_a_hill_cuts_it() -> None:
    away = Surface(gpd.GeoDataFrame({"height_m": [5.0]}, geometry=[shapely.box(0, 0, 9, 9)], crs=CRS))
    for ridge_m, clear in ((0, True), (40, False)):
        found = explain(*AT, MAST, surface=away, terrain=a_ridge(ridge_m))
        told = sentences(found, Settings(), {}, {}, "3GPP")
        assert found.lines[0].line_of_sight == clear
        assert ("视线无遮挡。" in told["zh"], "The line of sight is clear." in told["en"]) == (clear, clear)
