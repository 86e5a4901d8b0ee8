"""Move the limits of communities onto streets inside towns, and make the outlines tile the county exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from shapely import STRtree
from shapely.ops import polygonize

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sample_gis.city import City


def _face_owners(city: City) -> NDArray[np.int64]:
    """Return for each face the position of the community that holds most of it."""
    faces, wholes = city.faces.geometry.to_numpy(), city.communities.geometry.to_numpy()
    face_of, whole_of = STRtree(wholes).query(faces, predicate="intersects")
    share = shapely.area(shapely.intersection(faces[face_of], wholes[whole_of])).round(1)
    owner = np.zeros(len(faces), dtype=np.int64)
    most = np.full(len(faces), -1.0)
    for k in np.lexsort((whole_of, face_of)):
        if share[k] > most[face_of[k]]:
            owner[face_of[k]], most[face_of[k]] = whole_of[k], share[k]
    return owner


def _pieces(city: City, owners: NDArray[np.int64]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Cut the county along all limits; return the pieces and the community that each belongs to."""
    faces, wholes = city.faces.geometry.to_numpy(), city.communities.geometry.to_numpy()
    merged = [shapely.union_all(faces[owners == k]) for k in np.unique(owners)]
    lines = [shapely.boundary(shape) for shape in [*merged, *wholes, city.outline]]
    noded = shapely.union_all(lines, grid_size=0.01)
    pieces = list(polygonize(shapely.get_parts(noded)))
    inside = [piece.representative_point() for piece in pieces]
    shapely.prepare(city.outline)
    kept = np.flatnonzero(shapely.intersects(city.outline, inside))
    pieces = [pieces[k] for k in kept]
    inside = [inside[k] for k in kept]
    owner = STRtree(wholes).nearest(inside).astype(np.int64)
    piece_of, face_of = STRtree(faces).query(inside, predicate="intersects")
    owner[piece_of] = owners[face_of]
    return np.array(pieces, dtype=object), owner


def _without_exclaves(pieces: NDArray[np.object_], owner: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give every part of a community that is cut off from its largest part to the neighbour along it."""
    left, right = STRtree(pieces).query(pieces, predicate="touches")
    border = shapely.length(shapely.intersection(pieces[left], pieces[right])).round(2)
    touching = [(int(a), int(b), float(w)) for a, b, w in zip(left, right, border, strict=True) if w > 0.02]
    area = shapely.area(pieces)
    for _ in range(8):
        part = np.arange(len(pieces))
        changed = True
        while changed:
            changed = False
            for a, b, _ in touching:
                if owner[a] == owner[b] and part[a] != part[b]:
                    part[a] = part[b] = min(part[a], part[b])
                    changed = True
        size = np.bincount(part, weights=area, minlength=len(pieces))
        largest = {k: max(np.unique(part[owner == k]), key=lambda p: size[p]) for k in np.unique(owner)}
        lost = np.array([part[k] != largest[owner[k]] for k in range(len(pieces))])
        if not lost.any():
            break
        along: dict[int, dict[int, float]] = {}
        for a, b, w in touching:
            if lost[a] and not lost[b]:
                shares = along.setdefault(int(part[a]), {})
                shares[int(owner[b])] = shares.get(int(owner[b]), 0.0) + w
        for k in np.flatnonzero(lost):
            shares = along.get(int(part[k]), {})
            if shares:
                owner[k] = max(sorted(shares), key=lambda one: shares[one])
    return owner


def make(city: City) -> None:
    """Set the final outlines of communities and, from them, of towns."""
    pieces, owner = _pieces(city, _face_owners(city))
    owner = _without_exclaves(pieces, owner)
    outlines = [shapely.union_all(pieces[owner == k], grid_size=0.01) for k in range(len(city.communities))]
    city.communities["geometry"] = gpd.GeoSeries(outlines, index=city.communities.index, crs=city.crs)
    city.communities = city.communities.set_geometry("geometry")
    towns = [
        shapely.union_all(
            city.communities.geometry[city.communities["town"] == code].to_numpy(), grid_size=0.01
        )
        for code in city.towns.index
    ]
    city.towns["geometry"] = gpd.GeoSeries(towns, index=city.towns.index, crs=city.crs)
    city.towns = city.towns.set_geometry("geometry")
