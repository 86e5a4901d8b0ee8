"""Which path-loss model suits a site: built-up or open land around it, above or below the roofs."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import metric_crs
from geo.errors import BadInput

Floats = NDArray[np.float64]

#: Around a site this far, buildings must take this share of the ground for it to stand in a built-up area. A
#: town block has a quarter, a village among fields one to three hundredths.
AROUND_M, BUILT_UP_SHARE = 500.0, 0.05
#: Antennas under this height in a built-up area hang among the roofs: the street canyon of TR 38.901, whose
#: masts are 10 m high, where those of the macro model are 25 m.
LOW_M = 15.0
#: The rule in words, for method notes.
RULE = (
    f"The model follows from what surrounds each site: where buildings take {BUILT_UP_SHARE:.0%} of the "
    f"ground within {AROUND_M:g} m or more, UMi under {LOW_M:g} m and UMa above; elsewhere RMa. The bounds "
    "are ours."
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


def models_of(sectors: gpd.GeoDataFrame, buildings: gpd.GeoSeries) -> pd.Series:
    """Return the path-loss model of each sector after `RULE`.

    Parameters
    ----------
    sectors : GeoDataFrame
        Points with ``height_m``; one without a height is taken as above the roofs.
    buildings : GeoSeries
        All that stand within `AROUND_M` of any sector.

    Returns
    -------
    Series of str
        ``uma``, ``umi`` or ``rma`` by the sectors' index. Where there are no buildings at all, ``uma``:
        nobody knows then what is built up.

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
    if not len(buildings):
        return pd.Series("uma", index=sectors.index, dtype=object)
    # Sectors of a mast stand at one place, and masts near each other share most of what is around them.
    places, of = np.unique(sectors.geometry.to_wkb(), return_inverse=True)
    masts = gpd.GeoSeries(shapely.from_wkb(places), crs=sectors.crs)
    built_up = (built_share(masts, buildings, AROUND_M) >= BUILT_UP_SHARE)[of]
    low = pd.to_numeric(sectors["height_m"], errors="coerce").to_numpy(dtype=float) < LOW_M
    chosen = np.select([~built_up, low], ["rma", "umi"], "uma")
    return pd.Series(chosen.astype(object), index=sectors.index)
