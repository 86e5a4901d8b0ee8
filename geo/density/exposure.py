"""What a sum is set against: area, people, road length."""

from __future__ import annotations

from enum import StrEnum

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike
from shapely.geometry.base import BaseGeometry

from geo.cells import area_m2, polygons
from geo.crs import metric_crs
from geo.errors import BadInput


class Against(StrEnum):
    """Denominator of a density."""

    AREA = "area"
    PEOPLE = "people"
    ROAD_LENGTH = "road_length"


#: Unit of each denominator, and how many of it one density is given for.
AGAINST: dict[Against, tuple[str, float]] = {
    Against.AREA: ("km²", 1.0),
    Against.PEOPLE: ("1000 people", 1000.0),
    Against.ROAD_LENGTH: ("km", 1.0),
}


def area_km2(cells: ArrayLike, within: BaseGeometry | None = None) -> pd.Series:
    """Return the area of each cell in square kilometres, or of its part inside a polygon.

    Parameters
    ----------
    cells : array_like of uint64
        Cells of any resolutions.
    within : polygon, optional
        In degrees (EPSG:4326).

    Returns
    -------
    Series
        Index: the cells. 0 for a cell outside the polygon.

    Notes
    -----
    The area of a whole cell is spherical, as H3 defines it; of a cell that is cut, that area times the share
    inside, which is planar in the 3-degree zone. Areas never roll up by cell id: each resolution is measured.

    Examples
    --------
    >>> from geo.cells import index
    >>> round(float(area_km2(index([115.88], [31.74], 8)).iloc[0]), 3)
    0.604
    """
    whole = area_m2(cells) / 1e6
    if within is None:
        return pd.Series(whole, index=pd.Index(np.asarray(cells, dtype=np.uint64), name="cell"))
    outlines = polygons(cells)
    shapely.prepare(within)
    shapes = outlines.to_numpy()
    inside = shapely.contains_properly(within, shapes)
    share = inside.astype(float)
    cut = np.flatnonzero(~inside & shapely.intersects(within, shapes))
    if len(cut):
        crs = metric_crs(gpd.GeoDataFrame(geometry=[within], crs=4326))
        polygon = gpd.GeoSeries([within], crs=4326).to_crs(crs).iloc[0]
        own = outlines.iloc[cut].to_crs(crs).to_numpy()
        share[cut] = shapely.area(shapely.intersection(own, polygon)) / shapely.area(own)
    return pd.Series(whole * share, index=outlines.index)


def areas_km2(areas: gpd.GeoDataFrame) -> pd.Series:
    """Return the area of each polygon in square kilometres, planar in its 3-degree zone."""
    if areas.crs is None:
        raise BadInput("the areas have no CRS")
    if not len(areas):
        return pd.Series([], index=areas.index, dtype=float)
    return areas.geometry.to_crs(metric_crs(areas)).area / 1e6


def lengths_km(lines: gpd.GeoDataFrame) -> pd.Series:
    """Return the length of each line in kilometres, planar in its 3-degree zone."""
    if lines.crs is None:
        raise BadInput("the lines have no CRS")
    if not len(lines):
        return pd.Series([], index=lines.index, dtype=float)
    return lines.geometry.to_crs(metric_crs(lines)).length / 1e3


def ratio(value: pd.Series, against: pd.Series, per: float = 1.0) -> pd.Series:
    """Return value divided by what it is set against; missing where that is 0 or unknown.

    Parameters
    ----------
    value, against : Series
        By cell or by area; ``against`` is aligned to ``value``.
    per : float
        Units of ``against`` that the density is given for.

    Examples
    --------
    >>> ratio(pd.Series([6.0, 1.0]), pd.Series([2000.0, 0.0]), per=1000).tolist()
    [3.0, nan]
    """
    base = against.reindex(value.index)
    return value.where(base > 0) / base.where(base > 0) * per
