"""A north-up grid of square cells, and what is asked of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import ArrayLike, NDArray
from rasterio.features import rasterize, shapes
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True)
class Grid:
    """A grid of ``rows`` by ``columns`` cells of ``step`` metres; row 0 is the northern one.

    Attributes
    ----------
    west, north : float
        Corner of the grid, metres.
    """

    west: float
    north: float
    step: float
    rows: int
    columns: int

    @classmethod
    def around(cls, bounds: tuple[float, float, float, float], *, step: float, margin: float) -> Grid:
        """Return the grid that covers bounds and a margin, its corner on a multiple of the step."""
        west = math.floor((bounds[0] - margin) / step) * step
        south = math.floor((bounds[1] - margin) / step) * step
        columns = math.ceil((bounds[2] + margin - west) / step)
        rows = math.ceil((bounds[3] + margin - south) / step)
        return cls(west, south + rows * step, step, rows, columns)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, self.columns

    @property
    def transform(self) -> Affine:
        """From column and row to metres."""
        return Affine(self.step, 0.0, self.west, 0.0, -self.step, self.north)

    @cached_property
    def centres(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """X and y of the middles of all cells, each of the grid's shape."""
        x = self.west + (np.arange(self.columns) + 0.5) * self.step
        y = self.north - (np.arange(self.rows) + 0.5) * self.step
        across, down = np.meshgrid(x, y)
        return across, down

    def cell(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.int64]:
        """Return flat indices of the cells at points; points outside get the nearest cell of the rim."""
        column = np.floor((np.asarray(x) - self.west) / self.step).astype(np.int64)
        row = np.floor((self.north - np.asarray(y)) / self.step).astype(np.int64)
        index = np.clip(row, 0, self.rows - 1) * self.columns + np.clip(column, 0, self.columns - 1)
        return np.asarray(index, dtype=np.int64)

    def points(self, cells: ArrayLike) -> NDArray[np.float64]:
        """Return the middles of cells, shape (n, 2)."""
        index = np.asarray(cells, dtype=np.int64)
        return np.column_stack(
            [
                self.west + (index % self.columns + 0.5) * self.step,
                self.north - (index // self.columns + 0.5) * self.step,
            ]
        )

    def burn(self, geometries: Iterable[Any], *, touched: bool = True) -> NDArray[np.bool_]:
        """Return the mask of cells that geometries touch, or whose middles they hold."""
        pairs = [(geometry, 1) for geometry in geometries if not geometry.is_empty]
        if not pairs:
            return np.zeros(self.shape, dtype=bool)
        burnt = rasterize(
            pairs, self.shape, transform=self.transform, all_touched=touched, dtype="uint8", fill=0
        )
        return np.asarray(burnt > 0)

    def outlines(self, labels: NDArray[Any]) -> Iterator[tuple[int, BaseGeometry]]:
        """Give the polygon of each connected patch of equal integer labels."""
        for geometry, value in shapes(labels.astype("int32"), transform=self.transform, connectivity=4):
            yield int(value), shape(geometry)

    def refined(self, times: int) -> Grid:
        """Return the same area in cells ``times`` smaller."""
        return Grid(self.west, self.north, self.step / times, self.rows * times, self.columns * times)
