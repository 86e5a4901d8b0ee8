"""Regions and extents of a run, and which of them points lie in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from layers.runs.kinds import Inputs, Wanted

AREA_LAYERS = ("counties", "towns", "communities", "governance_grids", "extents")


@dataclass(frozen=True, slots=True)
class Area:
    """One region or extent of a result."""

    layer: str
    code: str
    name: str
    shape: Any


def area_layers() -> list[Wanted]:
    """Return the layers that sort results."""
    return [Wanted(layer, ("name",), layer, optional=True) for layer in AREA_LAYERS]


def areas(inputs: Inputs) -> Iterator[Area]:
    """Give the regions below the run's own or the city's, and the extents of a run of the whole city."""
    prefix = inputs.prefix or inputs.city_prefix
    for layer in AREA_LAYERS:
        frame = inputs.frames.get(layer)
        if frame is None or (inputs.prefix and layer == "extents"):
            continue  # an extent that reaches out of the region would show a part of its figure
        frame = frame[frame["code"].notna()]
        if prefix and layer != "extents":
            frame = frame[frame["code"].str.startswith(prefix)]
        for code, name, shape in zip(frame["code"], frame["name"], frame.geometry, strict=True):
            yield Area(layer, str(code), str(name or code), shape)


class Located:
    """Points that are asked many times which of them lie in an area.

    Parameters
    ----------
    lon_lat : ndarray of float, shape (n, 2)
    """

    def __init__(self, lon_lat: NDArray[np.float64]) -> None:
        self._at = lon_lat
        self._order = np.argsort(lon_lat[:, 0], kind="stable")
        self._east = lon_lat[self._order, 0]

    def inside(self, area: Area) -> NDArray[np.intp]:
        """Return the rows of the points in an area."""
        if not len(self._at) or area.shape is None or area.shape.is_empty:
            return np.zeros(0, dtype=np.intp)
        west, south, east, north = area.shape.bounds
        low, high = np.searchsorted(self._east, [west, east + 1e-12])
        rows = self._order[low:high]
        rows = rows[(self._at[rows, 1] >= south) & (self._at[rows, 1] <= north)]
        shapely.prepare(area.shape)
        return np.asarray(rows[shapely.intersects_xy(area.shape, *self._at[rows].T)], dtype=np.intp)


def points_of(frame: gpd.GeoDataFrame) -> Located:
    """Return where features are: points where they lie, others by a point inside."""
    inner = frame.geometry.representative_point()
    return Located(np.column_stack([inner.x.to_numpy(dtype=float), inner.y.to_numpy(dtype=float)]))


class Registered:
    """Features that are asked which of them a region counts: those that indicators of the layer count there.

    One that crosses a boundary counts in each region that it touches. An extent has no list of what is in
    it: there the point counts.

    Parameters
    ----------
    frame : GeoDataFrame
        With ``region_code`` and ``region_codes``, see `layers.runs.kinds.Wanted`.
    """

    def __init__(self, frame: gpd.GeoDataFrame) -> None:
        self._at = points_of(frame)
        self._codes = [
            tuple(several or ()) or ((own,) if own else ())
            for own, several in zip(frame["region_code"], frame["region_codes"], strict=True)
        ]

    def inside(self, area: Area) -> NDArray[np.intp]:
        """Return the rows of the features of an area."""
        if area.layer == "extents":
            return self._at.inside(area)
        found = [any(one.startswith(area.code) for one in codes) for codes in self._codes]
        return np.flatnonzero(found)
