"""Three sectors for each base station site: layer ``sectors``.

Bands are those that the operators held in 2020 (public allocations); azimuth, tilt and power are synthetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from sample_gis.finishing import finished

if TYPE_CHECKING:
    from sample_gis.city import City

SECTORS = 3
SOURCE = "样例合成数据"


@dataclass(frozen=True)
class Carrier:
    """One carrier: band, downlink centre and width, and the antenna that radiates it."""

    band: str
    frequency_mhz: float
    bandwidth_mhz: float
    spacing_khz: float
    duplex: str
    power_dbm: float
    pattern: str


_NR = {
    "cmcc": Carrier("n41", 2565.0, 100.0, 30.0, "tdd", 53.0, "8x8"),
    "ctcc": Carrier("n78", 3450.0, 100.0, 30.0, "tdd", 53.0, "8x8"),
    "cucc": Carrier("n78", 3550.0, 100.0, 30.0, "tdd", 53.0, "8x8"),
    "cbn": Carrier("n28", 773.0, 30.0, 15.0, "fdd", 52.0, "4x2"),
}
_LTE_TOWN = {
    "cmcc": Carrier("B39", 1895.0, 20.0, 15.0, "tdd", 46.0, "8x1"),
    "ctcc": Carrier("B3", 1870.0, 20.0, 15.0, "fdd", 46.0, "8x1"),
    "cucc": Carrier("B3", 1840.0, 20.0, 15.0, "fdd", 46.0, "8x1"),
    "cbn": Carrier("B28", 773.0, 10.0, 15.0, "fdd", 46.0, "8x1"),
}
_LTE_COUNTRY = {
    "cmcc": Carrier("B8", 944.0, 10.0, 15.0, "fdd", 46.0, "8x1"),
    "ctcc": Carrier("B5", 874.0, 10.0, 15.0, "fdd", 46.0, "8x1"),
    "cucc": Carrier("B8", 954.0, 10.0, 15.0, "fdd", 46.0, "8x1"),
    "cbn": Carrier("B28", 773.0, 10.0, 15.0, "fdd", 46.0, "8x1"),
}
#: Physical cell identities: 1008 in NR, 504 in LTE.
_CELL_IDS = {"5g": 1008, "4g": 504}


def of_sites(city: City, sites: gpd.GeoDataFrame, urban: NDArray[np.bool_]) -> gpd.GeoDataFrame:
    """Return three sectors a site, 120 degrees apart from a random first azimuth, give or take a few."""
    random = city.random("sectors")
    count = len(sites)
    technology = sites["technology"].to_numpy(dtype=object)
    carriers = [
        (_NR if five else _LTE_TOWN if in_town else _LTE_COUNTRY)[name]
        for five, in_town, name in zip(
            (technology == "5g").tolist(), urban.tolist(), sites["operator"].tolist(), strict=True
        )
    ]
    site = np.repeat(np.arange(count), SECTORS)
    number = np.tile(np.arange(SECTORS), count)
    first = random.integers(0, 120, count)
    azimuth = (first[site] + 120 * number + np.round(random.normal(0, 4, len(site)))) % 360
    in_town = urban[site]
    mechanical = np.where(in_town, random.integers(2, 7, len(site)), random.integers(0, 4, len(site)))
    electrical = np.where(in_town, random.integers(3, 9, len(site)), random.integers(1, 5, len(site)))
    cells = np.array([_CELL_IDS[name] for name in technology[site]])
    carrier = [carriers[at] for at in site.tolist()]
    return finished(
        city,
        {
            "code": [
                f"{sites['code'].iloc[s]}-{n + 1}"
                for s, n in zip(site.tolist(), number.tolist(), strict=True)
            ],
            "site_code": sites["code"].to_numpy(dtype=object)[site],
            "technology": technology[site],
            "band": [c.band for c in carrier],
            "frequency_mhz": [c.frequency_mhz for c in carrier],
            "bandwidth_mhz": [c.bandwidth_mhz for c in carrier],
            "subcarrier_spacing_khz": [c.spacing_khz for c in carrier],
            "duplex": [c.duplex for c in carrier],
            "azimuth_deg": azimuth.astype(float),
            "mechanical_tilt_deg": mechanical.astype(float),
            "electrical_tilt_deg": electrical.astype(float),
            "height_m": sites["height_m"].to_numpy(dtype=float)[site],
            "power_dbm": [c.power_dbm for c in carrier],
            "pattern": [c.pattern for c in carrier],
            "beamwidth_deg": 65.0,
            # A cell's neighbours never share its identity: they go round in steps of three.
            "physical_cell_id": (3 * site + number) % cells,
        },
        shapely.points(shapely.get_coordinates(sites.geometry.to_numpy())[site]),
        source=SOURCE,
    )
