"""Digital trunking of the public security bureau (PDT, 350 MHz): a site and a sector each on high towers.

How many and where is synthetic. Every site has a channel of its own and one antenna all round, as a county's
small system has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sample_gis.devices.clock import days_of
from sample_gis.devices.places import crowd, spread_out
from sample_gis.finishing import finished, numbered

if TYPE_CHECKING:
    from sample_gis.city import City

SOURCE = "样例合成数据；站数为样例设定"
#: Not a carrier of the public: the code list calls it so.
OPERATOR = "other"
_APART_M = 9000.0
#: Downlink of the first channel and the step to the next.
_FIRST_MHZ, _STEP_MHZ = 361.0, 0.5
_CHANNEL_MHZ, _SPACING_KHZ, _POWER_DBM = 0.0125, 12.5, 44.0


def make(city: City) -> None:
    """Put the profile's number of sites on towers, the high ones first; reads towers, adds to both layers."""
    random = city.random("trunking")
    towers = city.layers["towers"]
    xy = shapely.get_coordinates(towers.geometry.to_numpy())
    # High where many live around; every site leaves room for the next.
    worth = towers["height_m"].to_numpy(dtype=float) + np.minimum(crowd(city, xy, 900.0) / 100, 20.0)
    order = np.lexsort([np.arange(len(xy)), -np.round(worth, 2)])
    rows = spread_out(xy, order, _APART_M, city.profile.count("base_stations_pdt"))
    count = len(rows)
    hosts = towers.iloc[rows]
    places = hosts.geometry.to_numpy()
    code = numbered("JZPDT", count, 3)
    near = shapely.STRtree(city.communities.geometry.to_numpy()).nearest(places)
    names = city.communities["short_name"].to_numpy(dtype=object)[near]
    height = hosts["height_m"].to_numpy(dtype=float)
    sites = finished(
        city,
        {
            "code": code,
            "name": [f"{name}数字集群-{n}" for n, name in enumerate(names.tolist(), 1)],
            "technology": "pdt",
            "operator": OPERATOR,
            "sharing_operators": [[] for _ in code],
            "tower_owner": hosts["owner"].to_numpy(dtype=object),
            "counting_unit": "site",
            "build_mode": "new",
            "kind": "macro",
            "commissioned_on": days_of(city, random.integers(2016, 2020, count), random),
            "host_kind": "tower",
            "host_code": hosts["code"].to_numpy(dtype=object),
            "height_m": height,
            "online": True,
        },
        places,
        source=SOURCE,
    )
    sectors = finished(
        city,
        {
            "code": [f"{one}-1" for one in code],
            "site_code": code,
            "technology": "pdt",
            "band": "PDT",
            "frequency_mhz": _FIRST_MHZ + _STEP_MHZ * np.arange(count),
            "bandwidth_mhz": _CHANNEL_MHZ,
            "subcarrier_spacing_khz": _SPACING_KHZ,
            "duplex": "fdd",
            "azimuth_deg": 0.0,
            "mechanical_tilt_deg": 0.0,
            "electrical_tilt_deg": 0.0,
            "height_m": height,
            "power_dbm": _POWER_DBM,
            "pattern": "omni",
            "beamwidth_deg": 360.0,
            "physical_cell_id": [None] * count,
        },
        places,
        source=SOURCE,
    )
    city.layers["base_stations"] = _below(city.layers["base_stations"], sites)
    city.layers["sectors"] = _below(city.layers["sectors"], sectors)
    _rent(city, hosts["code"].tolist())


def _below(layer: gpd.GeoDataFrame, added: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a layer with rows added at its end; whole numbers stay whole beside those that are missing."""
    whole = [name for name in layer.columns if layer[name].dtype.kind == "i" and added[name].isna().any()]
    kept = layer.assign(**{name: layer[name].astype(object) for name in whole})
    return gpd.GeoDataFrame(pd.concat([kept, added], ignore_index=True), crs=layer.crs)


def _rent(city: City, codes: list[str]) -> None:
    """Write the bureau among the tenants of its towers, and take a platform on each."""
    towers = city.layers["towers"]
    mine = towers["code"].isin(codes).to_numpy()
    towers["tenants"] = [
        sorted({*names, OPERATOR}) if own else names
        for names, own in zip(towers["tenants"].tolist(), mine.tolist(), strict=True)
    ]
    towers["free_slots"] = np.maximum(towers["free_slots"].to_numpy() - mine, 0)
