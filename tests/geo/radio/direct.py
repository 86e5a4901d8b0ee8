"""The received power of each pair by the public formulas, without tables: the loop must equal it."""

import geopandas as gpd
import numpy as np
import pyproj

from geo.radio import antenna_gain, line_of_sight_probability, named, path_loss, shadowing_db
from geo.radio.path_loss import rural_breakpoint_m
from geo.radio.states import median_loss
from geo.radio.technologies import resource_blocks


def element_dbm(sectors: gpd.GeoDataFrame, lon: np.ndarray, lat: np.ndarray, model: str) -> np.ndarray:
    """Return dBm in one resource element of each sector at each point, shape (points, sectors)."""
    geod = pyproj.Geod(ellps="GRS80")
    found = np.empty((len(lon), len(sectors)))
    for at, one in enumerate(sectors.itertuples()):
        count = len(lon)
        bearing, _, distance = geod.inv([one.geometry.x] * count, [one.geometry.y] * count, lon, lat)
        gain = antenna_gain(
            named(one.pattern),
            np.asarray(bearing) - one.azimuth_deg,
            np.degrees(np.arctan2(one.height_m - 1.5, distance)),
            mechanical_tilt_deg=one.mechanical_tilt_deg,
            electrical_tilt_deg=one.electrical_tilt_deg,
        )
        ghz = one.frequency_mhz / 1e3
        heights = {"base_height_m": one.height_m}
        seen = path_loss(model, distance, ghz, line_of_sight=True, **heights)
        hidden = path_loss(model, distance, ghz, line_of_sight=False, **heights)
        beyond = np.asarray(distance) > rural_breakpoint_m(ghz, one.height_m, 1.5)
        loss = median_loss(
            seen, hidden, line_of_sight_probability(model, distance, **heights),
            shadowing_db(model, True, beyond_breakpoint=beyond), shadowing_db(model, np.zeros(count, bool)),
        )  # fmt: skip
        blocks = resource_blocks(one.bandwidth_mhz, one.subcarrier_spacing_khz)
        found[:, at] = one.power_dbm - 10 * np.log10(12 * blocks) + gain - loss
    return found
