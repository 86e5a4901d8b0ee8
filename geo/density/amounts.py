"""Features or a weight of them, added up by cell and by area."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.density.shares import Shares, shares_in_areas, shares_in_cells
from geo.errors import BadInput


def in_cells(
    features: gpd.GeoDataFrame,
    resolution: int,
    *,
    weight: str | None = None,
    within: BaseGeometry | None = None,
) -> pd.DataFrame:
    """Add up features, or a weight of them, by cell.

    Parameters
    ----------
    features : GeoDataFrame
        Points, lines or polygons with a CRS.
    resolution : int
        Of the cells.
    weight : str, optional
        Numeric column to add up; 1 for each feature where left out. A feature without a value counts in
        ``n`` and adds nothing to ``value``.
    within : polygon, optional
        In degrees (EPSG:4326); what lies outside does not count.

    Returns
    -------
    DataFrame
        Index ``cell`` (uint64, ascending): the cells that hold something. ``n``: features, a line or polygon
        with its share; ``value``: the sum of the weight. ``attrs["missing"]`` is the number of features
        without a weight.

    Raises
    ------
    BadInput
        For a weight that is no numeric column, and as `shares_in_cells`.

    Examples
    --------
    >>> points = gpd.GeoDataFrame({"hurt": [2, 3]}, geometry=gpd.points_from_xy([115.88] * 2, [31.74] * 2))
    >>> in_cells(points.set_crs(4326), 8, weight="hurt").iloc[0].tolist()
    [2.0, 5.0]
    """
    amount = _amount(features, weight)
    shares = shares_in_cells(features, resolution, within)
    cells, place = np.unique(shares.zone.astype(np.uint64), return_inverse=True)
    result = _added(shares, place, len(cells), amount)
    result.index = pd.Index(cells, name="cell")
    result.attrs["missing"] = int(np.isnan(amount).sum())
    return result


def in_areas(
    features: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    *,
    weight: str | None = None,
    overlapping: bool = False,
) -> pd.DataFrame:
    """Add up features, or a weight of them, by area: exactly, not through cells.

    Parameters
    ----------
    features, weight
        As `in_cells`.
    areas : GeoDataFrame
        Polygons with a CRS.
    overlapping : bool
        False where the areas tile: a point on a common boundary then counts once.

    Returns
    -------
    DataFrame
        Index of the areas; ``n`` and ``value``, 0 for an area without features.

    Raises
    ------
    BadInput
        As `in_cells`, and for areas without a CRS.

    Examples
    --------
    >>> import shapely
    >>> points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0.5, 1.0], [0.5, 0.5]), crs=4326)
    >>> boxes = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=4326)
    >>> in_areas(points, boxes)["n"].tolist()
    [2.0, 0.0]
    """
    amount = _amount(features, weight)
    shares = shares_in_areas(features, areas, overlapping=overlapping)
    result = _added(shares, shares.zone, len(areas), amount)
    result.index = areas.index
    return result


def _amount(features: gpd.GeoDataFrame, weight: str | None) -> NDArray[np.float64]:
    if weight is None:
        return np.ones(len(features))
    if weight not in features.columns:
        raise BadInput(f"there is no column {weight!r} to add up", weight=weight)
    column = features[weight]
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        raise BadInput(f"column {weight!r} holds no numbers", weight=weight)
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))


def _added(shares: Shares, place: NDArray[np.intp], size: int, amount: NDArray[np.float64]) -> pd.DataFrame:
    known = np.nan_to_num(amount)[shares.feature]
    return pd.DataFrame(
        {
            "n": np.bincount(place.ravel(), weights=shares.share, minlength=size),
            "value": np.bincount(place.ravel(), weights=shares.share * known, minlength=size),
        }
    )
