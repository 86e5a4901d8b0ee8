"""Unit grids (单元网格): about a hectare each along streets, tiling the area of urban management.

Faces of the street network are cut where they are large and joined where they are small. The code has 15
digits, 6 + 3 + 3 + 3: the community's twelve and a number within it, counted from the north-west.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from sample_gis.finishing import finished, numbered_within
from sample_gis.regions.administrative import add_regions, admin_regions
from sample_gis.shapes.polygons import cut

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sample_gis.city import City

CUT_ABOVE_M2 = 15_500.0
JOIN_BELOW_M2 = 4_800.0
JOINED_AT_MOST_M2 = 17_000.0
SHARED_AT_LEAST_M = 15.0
# A face that lies in two communities is cut at their limit only where both parts are worth a cell.
PART_AT_LEAST_M2 = 1_500.0
ROW_M = 150.0


def make(city: City) -> None:
    """Add the unit grids to the layer ``regions``."""
    communities = admin_regions(city, "community")
    pieces, home = _by_community(city.faces.geometry.to_numpy(), communities.geometry.to_numpy())
    cells, owner = _cut_large(pieces, home, city.random("unit grids"))
    cells, owner = _join_small(cells, owner)
    middles = shapely.get_coordinates(shapely.centroid(np.array(cells, dtype=object)))
    order = np.lexsort((middles[:, 0], -np.floor(middles[:, 1] / ROW_M), owner))
    parents = communities["code"].to_numpy()[owner[order]]
    number = numbered_within(parents)
    names = communities["short_name"].to_numpy()[owner[order]]
    add_regions(
        city,
        finished(
            city,
            {
                "code": [f"{parent}{k}" for parent, k in zip(parents, number, strict=True)],
                "system": "unit_grid",
                "level": "unit_grid",
                "name": [f"{name}{k}单元网格" for name, k in zip(names, number, strict=True)],
                "parent_code": parents,
                "community_code": parents,
                "legal": False,
                "boundary_kind": "road",
            },
            [cells[row] for row in order],
        ),
    )


def _by_community(
    faces: NDArray[np.object_], communities: NDArray[np.object_]
) -> tuple[list[Polygon], list[int]]:
    """Give each face its community; cut it where it lies in several by more than a corner."""
    pieces: list[Polygon] = []
    home: list[int] = []
    face_of, community_of = shapely.STRtree(communities).query(faces, predicate="intersects")
    shared = shapely.area(shapely.intersection(faces[face_of], communities[community_of]))
    for number, face in enumerate(faces):
        rows = np.flatnonzero(face_of == number)
        if not len(rows):
            continue
        ordered = rows[np.argsort(-np.round(shared[rows], 1), kind="stable")]
        main = ordered[0]
        rest = face
        for row in ordered[1:]:
            own = communities[community_of[row]]
            parts = [p for p in shapely.get_parts(rest.intersection(own)) if _worth(p)]
            for part in parts:
                pieces.append(part)
                home.append(int(community_of[row]))
                rest = rest.difference(part)
        for part in shapely.get_parts(rest):
            if isinstance(part, Polygon) and part.area > 1:
                pieces.append(part)
                home.append(int(community_of[main]))
    return pieces, home


def _worth(part: BaseGeometry) -> bool:
    return isinstance(part, Polygon) and part.area > PART_AT_LEAST_M2


def _cut_large(
    pieces: list[Polygon], home: list[int], random: np.random.Generator
) -> tuple[list[Polygon], NDArray[np.int64]]:
    cells: list[Polygon] = []
    owner: list[int] = []
    for piece, community in zip(pieces, home, strict=True):
        waiting = [piece]
        while waiting:
            one = waiting.pop()
            halves = cut(one, random, off_centre=0.06, tilt=1.0, bow=0.0) if one.area > CUT_ABOVE_M2 else None
            if halves is None:
                cells.append(one)
                owner.append(community)
            else:
                waiting += halves[0]
    return cells, np.array(owner, dtype=np.int64)


def _join_small(cells: list[Polygon], home: NDArray[np.int64]) -> tuple[list[Polygon], NDArray[np.int64]]:
    """Join cells that are too small to the neighbour of the same community with the longest common side."""
    tree = shapely.STRtree(cells)
    current: list[Polygon | None] = list(cells)
    inside: dict[int, int] = {}  # joined cell -> the cell that took it in

    def holder(number: int) -> int:
        while number in inside:
            number = inside[number]
        return number

    areas = np.round(shapely.area(np.array(cells, dtype=object)), 1)
    for number in np.argsort(areas, kind="stable"):
        cell = current[number]
        if cell is None or cell.area > JOIN_BELOW_M2:
            continue
        best: tuple[float, int] | None = None
        near = {holder(int(k)) for k in tree.query(cell, predicate="dwithin", distance=0.05)}
        for other in sorted(near - {int(number)}):
            beside = current[other]
            if beside is None or home[other] != home[number] or beside.area + cell.area > JOINED_AT_MOST_M2:
                continue
            side = round(cell.intersection(beside.buffer(0.05)).length / 2, 1)
            if side > SHARED_AT_LEAST_M and (best is None or side > best[0]):
                best = (side, other)
        if best is None:
            continue
        taker = current[best[1]]
        joined = shapely.union(taker, cell, grid_size=0.01)
        if isinstance(joined, Polygon):
            current[best[1]], current[number] = joined, None
            inside[int(number)] = best[1]
    kept = [number for number, cell in enumerate(current) if cell is not None]
    return [cell for cell in current if cell is not None], home[kept]
