"""Levels of 5G sectors, as the planted truth takes them: 3GPP TR 38.901 UMa, panels of one column a beam.

Deliberately plain, so that what is planted does not depend on the analysis that it is meant to check.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from sample_gis.planted.sight import bearing

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from sample_gis.city import City

Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]

#: Height of a telephone in the hand.
USER_M = 1.5
#: Element of TR 38.901 table 7.3-1: gain, width and greatest attenuation.
_ELEMENT_DBI, _WIDTH_DEG, _LIMIT_DB = 8.0, 65.0, 30.0
#: Beside its main lobe a panel radiates at most this much less (first side lobe of even weights).
_SIDE_LOBE_DB = 13.0
#: Resource blocks by bandwidth in MHz and spacing in kHz, TS 38.101-1 table 5.3.2-1.
_BLOCKS = {(100.0, 30.0): 273, (30.0, 15.0): 160}
_LIGHT_M_S = 299_792_458.0


@dataclass(frozen=True)
class Panels:
    """5G sectors in service, as arrays; ``site`` counts their sites, ``row`` is that of the layer."""

    row: Indices
    site: Indices
    xy: Numbers
    ground_m: Numbers
    height_m: Numbers
    azimuth_deg: Numbers
    mechanical_deg: Numbers
    electrical_deg: Numbers
    frequency_ghz: Numbers
    element_dbm: Numbers
    rows: Numbers

    def kept(self, mask: NDArray[np.bool_]) -> Panels:
        """Return some of the panels."""
        return Panels(**{one.name: getattr(self, one.name)[mask] for one in fields(self)})


def panels_of(city: City) -> Panels:
    """Return the 5G sectors of a city that are in service."""
    sectors: GeoDataFrame = city.layers["sectors"]
    working = (sectors["technology"] == "5g") & (sectors["status"] == "in_service")
    row = np.flatnonzero(working.to_numpy())
    own = sectors.iloc[row]
    xy = shapely.get_coordinates(own.geometry.to_numpy())
    blocks = [_BLOCKS[key] for key in zip(own["bandwidth_mhz"], own["subcarrier_spacing_khz"], strict=True)]
    return Panels(
        row=row,
        site=np.unique(own["site_code"].to_numpy(dtype=str), return_inverse=True)[1].astype(np.int64),
        xy=xy,
        ground_m=city.terrain.at(xy[:, 0], xy[:, 1]),
        height_m=own["height_m"].to_numpy(dtype=float),
        azimuth_deg=own["azimuth_deg"].to_numpy(dtype=float),
        mechanical_deg=own["mechanical_tilt_deg"].to_numpy(dtype=float),
        electrical_deg=own["electrical_tilt_deg"].to_numpy(dtype=float),
        frequency_ghz=own["frequency_mhz"].to_numpy(dtype=float) / 1000,
        element_dbm=own["power_dbm"].to_numpy(dtype=float) - 10 * np.log10(12 * np.array(blocks)),
        rows=own["pattern"].str.split("x").str[0].to_numpy(dtype=float),
    )


def level_dbm(city: City, panels: Panels, panel: Indices, places: Numbers, in_sight: ArrayLike) -> Numbers:
    """Return the level in one resource element of each panel at each place, dBm.

    Parameters
    ----------
    panel : ndarray of int
        Which panel, one a place.
    places : ndarray of float, shape (n, 2)
    in_sight : bool or ndarray of bool
        Whether nothing stands between.
    """
    stand = panels.xy[panel]
    flat = np.maximum(np.hypot(*(places - stand).T), 10.0)
    top = panels.ground_m[panel] + panels.height_m[panel]
    fall = top - city.terrain.at(places[:, 0], places[:, 1]) - USER_M
    down = np.degrees(np.arctan2(fall, flat))
    off = (bearing(stand, places) - panels.azimuth_deg[panel] + 180) % 360 - 180
    gain = _gain_dbi(
        off, down, panels.mechanical_deg[panel], panels.electrical_deg[panel], panels.rows[panel]
    )
    loss = path_loss_db(flat, panels.frequency_ghz[panel], panels.height_m[panel], in_sight)
    return np.asarray(panels.element_dbm[panel] + gain - loss)


def path_loss_db(flat_m: Numbers, frequency_ghz: Numbers, height_m: Numbers, in_sight: ArrayLike) -> Numbers:
    """Return the loss of UMa (TR 38.901 table 7.4.1-1) for a telephone at 1.5 m.

    Examples
    --------
    >>> path_loss_db(np.array([100.0]), np.array([3.5]), np.array([25.0]), [True]).round(1).tolist()
    [83.1]
    """
    way = np.hypot(flat_m, height_m - USER_M)
    carrier = 20 * np.log10(frequency_ghz)
    breaks = 4 * (height_m - 1) * (USER_M - 1) * frequency_ghz * 1e9 / _LIGHT_M_S
    near = 28 + 22 * np.log10(way) + carrier
    far = 28 + 40 * np.log10(way) + carrier - 9 * np.log10(breaks**2 + (height_m - USER_M) ** 2)
    seen = np.where(flat_m <= breaks, near, far)
    hidden = np.maximum(seen, 13.54 + 39.08 * np.log10(way) + carrier)
    return np.asarray(np.where(in_sight, seen, hidden))


def _gain_dbi(
    off_deg: Numbers, down_deg: Numbers, mechanical_deg: Numbers, electrical_deg: Numbers, rows: Numbers
) -> Numbers:
    """Return the gain of panels; the mechanical tilt turns all, the electrical one steers the rows."""
    own = down_deg - mechanical_deg * np.cos(np.radians(off_deg))
    across = np.minimum(12 * (off_deg / _WIDTH_DEG) ** 2, _LIMIT_DB)
    upright = np.minimum(12 * (own / _WIDTH_DEG) ** 2, _LIMIT_DB)
    half = np.pi / 2 * (np.sin(np.radians(own)) - np.sin(np.radians(electrical_deg)))
    half = np.where(np.abs(half) < 1e-6, 1e-6, half)
    lobe = 20 * np.log10(np.maximum(np.abs(np.sin(rows * half) / (rows * np.sin(half))), 1e-3))
    # Between the lobes lie nulls, which reflections fill: the side lobes' height is taken for all of them.
    beam = np.where(np.abs(rows * half) < np.pi, np.maximum(lobe, -_SIDE_LOBE_DB), -_SIDE_LOBE_DB)
    return np.asarray(_ELEMENT_DBI + 10 * np.log10(rows) - np.minimum(across + upright, _LIMIT_DB) + beam)
