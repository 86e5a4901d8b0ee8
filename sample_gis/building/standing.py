"""One building while the city is made, and ways to line buildings up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely
from shapely import Polygon

from sample_gis.shapes.polygons import Ring, box_of, corners, largest, turned

Draw = Callable[[], float]


class Building(NamedTuple):
    """A building to be.

    Attributes
    ----------
    storey_m : float
        Height of a floor.
    block : int
        Row number of the block, -1 in the country.
    """

    shape: Polygon
    use: str
    floors: int
    storey_m: float
    built: int
    block: int = -1


@dataclass(frozen=True)
class Rows:
    """How rows of buildings stand in a block.

    Attributes
    ----------
    depth, pitch, gap : float
        Depth of a building, distance from one row to the next, distance between ends, metres.
    length : callable
        Draws the length of a building.
    jitter : float
        How far a building leaves its row, metres.
    missing : float
        Share of places left empty.
    first : float
        Offset of the first row from the edge.
    """

    depth: float
    pitch: float
    gap: float
    length: Draw
    jitter: float = 0.0
    missing: float = 0.0
    first: float = 1.0


def facing_south(block: Polygon) -> float:
    """Return the angle of rows that keeps to the block's own within 24 degrees of east-west, radians.

    Examples
    --------
    >>> facing_south(shapely.box(0, 0, 100, 50))
    0.0
    """
    quarter = np.pi / 4
    folded = (box_of(block).angle + quarter) % (np.pi / 2) - quarter
    return round(float(np.clip(folded, -0.42, 0.42)), 6)


def _intervals(block: Polygon, rows: list[float], depth: float) -> list[list[tuple[float, float]]]:
    """Return for each row the stretches where both its edges lie inside an upright block."""
    west, _, east, _ = block.bounds
    ends = [[(west - 1, at), (east + 1, at)] for y in rows for at in (y, y + depth)]
    crossed = shapely.intersection(block, shapely.linestrings(np.array(ends).reshape(-1, 2, 2)))
    parts, edge = shapely.get_parts(crossed, return_index=True)
    edges: list[list[tuple[float, float]]] = [[] for _ in ends]
    for number, (start, _, end, _) in zip(edge.tolist(), shapely.bounds(parts).tolist(), strict=True):
        edges[number].append((start, end))
    return [
        [
            (round(max(low[0], high[0]), 2) + 0.02, round(min(low[1], high[1]), 2) - 0.02)
            for low in edges[2 * number]
            for high in edges[2 * number + 1]
        ]
        for number in range(len(rows))
    ]


def _filled(
    rows: Rows, start: float, end: float, y: float, random: np.random.Generator
) -> list[tuple[float, float, float, float]]:
    """Fill one stretch of a row from its western end; return west, south, east and north of each box."""
    placed = []
    x = start
    while end - x > 8:
        long = rows.length()
        left = end - x
        if left < long:
            long = left if left > long * 0.45 or left > 17 else 0.0
        elif left - long - rows.gap < long * 0.45 and left < long * 1.3:
            long = left
        if long < 8:
            break
        aside = random.uniform(-rows.jitter, rows.jitter)
        if random.random() >= rows.missing:
            placed.append((x, y + aside, x + long - 0.01, y + aside + rows.depth))
        x += long + rows.gap
    return placed


def in_rows(block: Polygon, angle: float, rows: Rows, random: np.random.Generator) -> list[Polygon]:
    """Return buildings in rows that are turned ``angle`` from east; all lie inside the block.

    Parameters
    ----------
    block : Polygon
        In metres.
    angle : float
        Radians.
    """
    if block.is_empty:
        return []
    middle = shapely.get_coordinates(block.centroid)[0].round(2)
    upright = turned(block, -angle, middle)
    _, south, _, north = upright.bounds
    heights: list[float] = []
    y = round(south + rows.first, 2)
    while y + rows.depth < north:
        heights.append(y)
        y += rows.pitch
    found: list[tuple[float, float, float, float]] = []
    for y, stretches in zip(heights, _intervals(upright, heights, rows.depth), strict=True):
        for start, end in stretches:
            found += _filled(rows, start, end, y, random)
    if not found:
        return []
    shapely.prepare(upright)
    boxes = shapely.box(*np.array(found).T)
    return [turned(one, angle, middle) for one in boxes[shapely.contains(upright, boxes)]]


def along_streets(
    block: Polygon,
    fronts: Callable[[np.ndarray], bool],
    depth: float,
    length: Draw,
    gap: float,
    *,
    random: np.random.Generator,
    set_back: float = 1.5,
    missing: float = 0.04,
) -> list[Polygon]:
    """Return buildings along the sides of a block that face a street.

    Parameters
    ----------
    fronts : callable
        Tells whether a street that counts runs near a point outside the block.
    set_back : float
        Distance from the block's edge, metres.
    """
    ring = shapely.get_coordinates(largest(shapely.orient_polygons(block.simplify(2.5))).exterior).round(2)
    found: list[Ring] = []
    shapely.prepare(block)
    for start, end in pairwise(ring):
        side = float(np.hypot(*(end - start)))
        if side < 14:
            continue
        way = (end - start) / side
        inward = np.array([-way[1], way[0]])
        if not fronts((start + end) / 2 - inward * 10):
            continue
        angle = float(np.arctan2(way[1], way[0]))
        x = 2.0
        while x < side - 8:
            long = min(length(), side - 2 - x)
            if long < 6:
                break
            at = start + way * (x + long / 2) + inward * (set_back + depth / 2)
            if random.random() > missing:
                found.append(corners(at[0], at[1], long - 0.01, depth, angle))
            x += long + (gap if random.random() < 0.3 else 0.4)
    if not found:
        return []
    shops = np.asarray(shapely.polygons(np.array(found)), dtype=object)
    kept: list[Polygon] = []
    for shop in shops[shapely.contains(block, shops)]:
        if not any(shop.intersects(other) for other in kept):
            kept.append(shop)
    return kept


def behind(block: Polygon, built: list[Polygon], apart: float) -> Polygon:
    """Return what is left of a block ``apart`` metres from what is built."""
    if not built:
        return block
    taken = shapely.union_all(built).buffer(apart, join_style="mitre")
    return largest(block.difference(taken).buffer(-2).buffer(2))
