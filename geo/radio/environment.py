"""Which path-loss model suits a site: built-up or open land around it, above or below the roofs."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import metric_crs
from geo.errors import BadInput
from geo.radio.states import FREQUENCIES_MHZ

Floats = NDArray[np.float64]

#: Around a site this far, buildings must take this share of the ground for it to stand in a built-up area,
#: and the lesser one for it to serve a village. A town block has a quarter, a village among fields one to
#: three hundredths, two or three farms a thousandth.
AROUND_M, BUILT_UP_SHARE, VILLAGE_SHARE = 500.0, 0.05, 0.005
#: Antennas under this height in a built-up area hang among the roofs: the street canyon of TR 38.901, whose
#: masts are 10 m high, where those of the macro model are 25 m.
LOW_M = 15.0
#: The models of TR 38.901 begin at this frequency; under it Hata's hold.
LOWEST_MHZ = FREQUENCIES_MHZ["uma"][0]
#: The rule in words, for method notes.
RULE = (
    f"The model follows from what surrounds each site: where buildings take {BUILT_UP_SHARE:.0%} of the "
    f"ground within {AROUND_M:g} m or more, UMi under {LOW_M:g} m and UMa above; from {VILLAGE_SHARE:.1%} on "
    f"SMa, whose houses stand among trees; in the open RMa. Carriers under {LOWEST_MHZ:g} MHz, for which TR "
    "38.901 has no model, take Hata's: urban where built up, suburban elsewhere. The bounds are ours."
)


def built_share(points: gpd.GeoSeries, buildings: gpd.GeoSeries, radius_m: float) -> Floats:
    """Return the share of the ground around points that buildings take.

    Parameters
    ----------
    points, buildings : GeoSeries
        With a CRS each.
    radius_m : float
        A building counts whole where its middle lies within it.

    Examples
    --------
    >>> house = gpd.GeoSeries([shapely.box(40, 0, 60, 10)], crs=4548)
    >>> at = gpd.GeoSeries([shapely.Point(0, 0), shapely.Point(900, 0)], crs=4548)
    >>> built_share(at, house, 100).round(4).tolist()
    [0.0064, 0.0]
    """
    if not len(points) or not len(buildings):
        return np.zeros(len(points))
    crs = metric_crs(points)
    at, houses = points.to_crs(crs), buildings.to_crs(crs)
    tree = shapely.STRtree(houses.centroid.to_numpy())
    point, house = tree.query(at.to_numpy(), predicate="dwithin", distance=radius_m)
    covered = np.bincount(point, weights=houses.area.to_numpy()[house], minlength=len(at))
    return np.asarray(covered / (np.pi * radius_m**2))


def models_of(
    sectors: gpd.GeoDataFrame, buildings: gpd.GeoSeries, *, mapped: bool | None = None
) -> pd.Series:
    """Return the path-loss model of each sector after `RULE`.

    Parameters
    ----------
    sectors : GeoDataFrame
        Points with ``height_m``; one without a height is taken as above the roofs. ``frequency_mhz`` where
        it is known.
    buildings : GeoSeries
        All that stand within `AROUND_M` of any sector.
    mapped : bool, optional
        Whether any building is known anywhere, where only some are given.

    Returns
    -------
    Series of str
        ``uma``, ``umi``, ``sma`` or ``rma``, under 500 MHz ``hata_urban`` or ``hata_suburban``, by the
        sectors' index. Where there are no buildings at all, nobody knows what is built up: all stand in town.

    Raises
    ------
    BadInput
        For sectors without heights or without a CRS.

    Examples
    --------
    >>> town = gpd.GeoSeries([shapely.box(-150, -150, 150, 150)], crs=4548)
    >>> masts = gpd.GeoDataFrame({"height_m": [25.0, 10.0, 35.0]},
    ...     geometry=gpd.points_from_xy([0, 0, 3000], [0, 0, 0]), crs=4548)
    >>> models_of(masts, town).tolist()
    ['uma', 'umi', 'rma']
    """
    if "height_m" not in sectors.columns:
        raise BadInput("the sectors have no column height_m", column="height_m")
    under = np.zeros(len(sectors), dtype=bool)
    if "frequency_mhz" in sectors.columns:
        under = (pd.to_numeric(sectors["frequency_mhz"], errors="coerce") < LOWEST_MHZ).to_numpy(dtype=bool)
    if not (len(buildings) if mapped is None else mapped):
        return pd.Series(np.where(under, "hata_urban", "uma").astype(object), index=sectors.index)
    # Sectors of a mast stand at one place, and masts near each other share most of what is around them.
    places, of = np.unique(sectors.geometry.to_wkb(), return_inverse=True)
    masts = gpd.GeoSeries(shapely.from_wkb(places), crs=sectors.crs)
    share = built_share(masts, buildings, AROUND_M)[of]
    built_up = share >= BUILT_UP_SHARE
    low = pd.to_numeric(sectors["height_m"], errors="coerce").to_numpy(dtype=float) < LOW_M
    chosen = np.select(
        [under & built_up, under, built_up & low, built_up, share >= VILLAGE_SHARE],
        ["hata_urban", "hata_suburban", "umi", "uma", "sma"],
        "rma",
    )
    return pd.Series(chosen.astype(object), index=sectors.index)
