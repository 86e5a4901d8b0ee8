"""Places where a site could stand, and why some of them cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import metric_crs
from geo.errors import BadInput


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why candidates in or near some features cannot be used.

    Attributes
    ----------
    reason : str
        Key of the reason: the interface puts it into words.
    features : GeoSeries
        With a CRS.
    metres : float
        How near is too near; 0: inside.
    """

    reason: str
    features: gpd.GeoSeries
    metres: float = 0.0


def exclude(candidates: gpd.GeoDataFrame, exclusions: Sequence[Exclusion]) -> pd.Series:
    """Return the reasons against each candidate.

    Parameters
    ----------
    candidates : GeoDataFrame
        Points with a CRS.
    exclusions : sequence of Exclusion

    Returns
    -------
    Series of tuple of str
        Index of candidates; empty where a candidate can be used.

    Raises
    ------
    BadInput
        Where candidates are without a CRS.

    Examples
    --------
    >>> two = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0, 100], [0, 0]), crs=32650)
    >>> lake = gpd.GeoSeries([shapely.box(-10, -10, 10, 10)], crs=32650)
    >>> exclude(two, [Exclusion("water", lake)]).tolist()
    [('water',), ()]
    """
    if candidates.crs is None:
        raise BadInput("candidates need a CRS")
    found: list[list[str]] = [[] for _ in range(len(candidates))]
    if len(candidates):
        crs = metric_crs(candidates)
        at = candidates.geometry.to_crs(crs).to_numpy()
        for one in exclusions:
            shapes = one.features[~(one.features.isna() | one.features.is_empty)].to_crs(crs).to_numpy()
            if len(shapes):
                near = shapely.STRtree(shapes).query(at, predicate="dwithin", distance=one.metres)[0]
                for row in np.unique(near).tolist():
                    found[row].append(one.reason)
    return pd.Series([tuple(one) for one in found], index=candidates.index, dtype=object)


def grid(outline: gpd.GeoSeries, metres: float) -> gpd.GeoSeries:
    """Return points of a square grid inside an outline, row by row from the southwest.

    Parameters
    ----------
    outline : GeoSeries
        Areas with a CRS.
    metres : float
        Side of a square.

    Examples
    --------
    >>> area = gpd.GeoSeries([shapely.box(0, 0, 250, 100)], crs=32650)
    >>> [(one.x, one.y) for one in grid(area, 100)]
    [(50.0, 50.0), (150.0, 50.0)]
    """
    if not metres > 0:
        raise BadInput("the side of a grid is more than 0", metres=metres)
    crs = metric_crs(gpd.GeoDataFrame(geometry=outline))
    area = shapely.union_all(outline.to_crs(crs).to_numpy())
    west, south, east, north = shapely.bounds(area)
    x: NDArray[np.float64] = np.arange(west + metres / 2, east, metres)
    y: NDArray[np.float64] = np.arange(south + metres / 2, north, metres)
    across, up = (one.ravel() for one in np.meshgrid(x, y))
    shapely.prepare(area)
    inside = shapely.contains_xy(area, across, up)
    return gpd.GeoSeries(gpd.points_from_xy(across[inside], up[inside]), crs=crs).to_crs(outline.crs)
