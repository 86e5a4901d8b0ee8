"""Residents by cell, as several analyses set their results against them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from geo.cells import parents, parse, resolution_of
from geo.density import shares_in_areas
from layers.runs.parameters import bad


def people_by_cell(population: gpd.GeoDataFrame, resolution: int, region: BaseGeometry | None) -> pd.Series:
    """Return residents by cell: by the ids of their cells, and by area share where the region cuts one."""
    if not len(population):
        return pd.Series([], index=pd.Index([], dtype=np.uint64, name="cell"), dtype=float)
    cells = parse(population["cell"].to_numpy())
    coarsest = int(resolution_of(cells).min())
    if coarsest < resolution:
        raise bad("resolution", resolution, "at-most", most=coarsest)
    people = population["residents"].to_numpy(dtype=float)
    if region is not None:
        frame = gpd.GeoDataFrame(geometry=[region], crs=4326)
        inside = shares_in_areas(population, frame)
        people = people * np.bincount(inside.feature, weights=inside.share, minlength=len(people))
    return pd.Series(people, index=pd.Index(parents(cells, resolution), name="cell")).groupby(level=0).sum()
