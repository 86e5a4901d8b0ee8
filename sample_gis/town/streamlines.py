"""Main and secondary streets: evenly spaced streamlines of a cross-field (after Jobard and Lefer 1997)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage

from geo.compiled import compiled
from sample_gis.shapes.lines import Points, bearings, line_through, relaxed, resampled
from sample_gis.town.canvas import STEP, Canvas

if TYPE_CHECKING:
    from sample_gis.city import City

MAIN, SECONDARY = 1, 2
SPACING = {MAIN: 430.0, SECONDARY: 225.0}
SHORTEST = {MAIN: 500.0, SECONDARY: 260.0}
STRIDE = 14.0
PARALLEL = 0.82  # cosine from which two streets count as running side by side


@compiled
def _trace(
    angle: NDArray[np.float64],
    allowed: NDArray[np.bool_],
    taken: NDArray[np.float64],
    spacing: NDArray[np.float64],
    start: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Follow the field from ``start`` (x, y, heading) in cells; stop near a parallel street (taken >= -9)."""
    rows, columns = angle.shape
    out = np.empty((400, 2))
    x, y, heading = start[0], start[1], start[2]
    count = 0
    while count < 400:
        out[count, 0], out[count, 1] = x, y
        count += 1
        for half in range(2):
            # The midpoint rule: look at the field here, then half a stride ahead.
            column = int(x + half * 0.35 * math.cos(heading))
            row = int(y + half * 0.35 * math.sin(heading))
            if row < 0 or column < 0 or row >= rows or column >= columns:
                return out[:count]
            best, turned = -2.0, heading
            for quarter in range(4):
                way = angle[row, column] + quarter * math.pi / 2
                if math.cos(way - heading) > best:
                    best, turned = math.cos(way - heading), way
            heading = turned
        x += 0.7 * math.cos(heading)
        y += 0.7 * math.sin(heading)
        column, row = int(x), int(y)
        if row < 1 or column < 1 or row >= rows - 1 or column >= columns - 1 or not allowed[row, column]:
            return out[:count]
        near = int(spacing[row, column])
        for r in range(max(row - near, 0), min(row + near + 1, rows)):
            for c in range(max(column - near, 0), min(column + near + 1, columns)):
                close = (r - row) ** 2 + (c - column) ** 2 <= near * near
                if close and taken[r, c] > -9 and abs(math.cos(taken[r, c] - heading)) > 0.82:
                    return out[:count]
    return out[:count]


class _Growth:
    """Streets of one town while they grow."""

    def __init__(self, canvas: Canvas, allowed: NDArray[np.bool_]) -> None:
        self.canvas = canvas
        self.allowed = allowed
        # Direction of the street in each cell, -10 where there is none.
        self.taken = np.full(canvas.reach.shape, -10.0)

    def stamp(self, line: Points) -> None:
        points = resampled(line, STEP * 0.8)
        column = ((points[:, 0] - self.canvas.west) // STEP).astype(int)
        row = ((points[:, 1] - self.canvas.south) // STEP).astype(int)
        size = self.canvas.size
        within = (row >= 0) & (column >= 0) & (row < size) & (column < size)
        self.taken[row[within], column[within]] = bearings(points)[within]

    def free(self, row: int, column: int, heading: float, apart: float) -> bool:
        """Tell whether no parallel street runs within ``apart`` metres."""
        near = int(apart / STEP)
        around = self.taken[max(row - near, 0) : row + near + 1, max(column - near, 0) : column + near + 1]
        there = around[around > -9]
        return not len(there) or not bool((np.abs(np.cos(there - heading)) > PARALLEL).any())

    def street(self, row: int, column: int, heading: float, spacing: NDArray[np.float64]) -> Points:
        """Return the streamline through a cell, both ways, in metres."""
        halves = [
            _trace(
                self.canvas.angle,
                self.allowed,
                self.taken,
                spacing,
                np.array([column + 0.5, row + 0.5, heading + back]),
            )
            for back in (0.0, math.pi)
        ]
        line = np.vstack([halves[1][::-1], halves[0][1:]]) * STEP
        return np.asarray(line + np.array([self.canvas.west, self.canvas.south]))


def grow(city: City, canvas: Canvas) -> list[tuple[shapely.LineString, int]]:
    """Return the main and secondary streets of a town with their class; regional roads stand already."""
    allowed = ndimage.binary_dilation(canvas.inside, iterations=14) & np.isfinite(canvas.reach)
    growth = _Growth(canvas, allowed)
    for line in canvas.main_roads.geometry:
        for part in shapely.get_parts(line):
            growth.stamp(shapely.get_coordinates(part))
    across, up = canvas.centres()
    away = np.hypot(across - canvas.seat[0], up - canvas.seat[1]) / canvas.radius_m
    # Streets lie closer in the core than at the rim, and closer in small towns.
    density = (0.72 + 0.55 * np.clip(away, 0, 1.3)) * (1.0 if canvas.number == 0 else 0.85)
    streets = []
    for rank in (MAIN, SECONDARY):
        spacing = SPACING[rank] * density
        seeds = np.argwhere(canvas.inside)
        order = away[seeds[:, 0], seeds[:, 1]] / 4.6
        order += 0.35 * city.noise.uniform(seeds[:, 0], seeds[:, 1], salt=101 + 10 * canvas.number + rank)
        seeds = seeds[np.argsort(np.round(order, 6), kind="stable")]
        for row, column in seeds[::7]:
            for heading in (canvas.angle[row, column], canvas.angle[row, column] + math.pi / 2):
                if not growth.free(row, column, heading, spacing[row, column]):
                    continue
                line = growth.street(row, column, heading, np.floor(spacing * 0.55 / STEP))
                if (len(line) - 1) * STRIDE < SHORTEST[rank]:
                    continue
                line = relaxed(line, 4)
                growth.stamp(line)
                streets.append((line_through(np.vstack([line[:-1:2], line[-1:]])), rank))
    return streets
