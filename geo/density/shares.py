"""Which share of each feature lies in which cell or area.

The rule: a point lies where it is; a line is shared out by length, a polygon by area. The shares of a feature
that lies inside whole add up to one, so that sums over cells or over a tiling are the sums over the features.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.cells import index, polygons
from geo.cells.covering import touched
from geo.crs import metric_crs
from geo.cutting import parts_inside
from geo.errors import BadInput

Shapes = NDArray[Any]
Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Shares:
    """A sparse table: feature by zone.

    Attributes
    ----------
    feature : ndarray of intp, shape (k,)
        Position of the feature.
    zone : ndarray, shape (k,)
        The cell (uint64), or the position of the area.
    share : ndarray of float64, shape (k,)
        Above 0 and at most 1.
    """

    feature: Positions
    zone: NDArray[Any]
    share: NDArray[np.float64]


def shares_in_cells(
    features: gpd.GeoDataFrame, resolution: int, within: BaseGeometry | None = None
) -> Shares:
    """Return the share of each feature in each cell.

    Parameters
    ----------
    features : GeoDataFrame
        Points, lines or polygons, also mixed, with a CRS. Rows without geometry have no share.
    resolution : int
        Of the cells.
    within : polygon, optional
        In degrees (EPSG:4326). Only what lies inside counts; a feature across the boundary counts with its
        share inside.

    Returns
    -------
    Shares
        ``zone`` holds cells.

    Raises
    ------
    BadInput
        Without a CRS, or for a resolution out of range.

    Notes
    -----
    Lengths and areas are planar in the 3-degree Gauss-Krüger zone of the features. A line without length or a
    polygon without area counts at its first coordinate, as a point does.

    Examples
    --------
    >>> line = shapely.LineString([(115.88, 31.74), (115.90, 31.74)])
    >>> found = shares_in_cells(gpd.GeoDataFrame(geometry=[line], crs=4326), 9)
    >>> len(found.zone) > 3, round(float(found.share.sum()), 9)
    (True, 1.0)
    """
    degrees, metres, zone_crs = _both(features)
    dimension = shapely.get_dimensions(degrees)
    at = _points(degrees, dimension == 0)
    if within is not None:
        kept = _inside(at.zone, within)
        at = Shares(at.feature[kept], at.zone[kept], at.share[kept])
    parts = [Shares(at.feature, _cells_of(at.zone, resolution), at.share)]
    for kind in (1, 2):
        chosen = np.flatnonzero(dimension == kind)
        if not len(chosen):
            continue
        pieces = _pieces(metres[chosen], kind)
        whole = pieces.total()
        if within is not None:
            pieces = pieces.inside(_projected(within, zone_crs))
        found = _spread(pieces, resolution, zone_crs)
        parts.append(Shares(chosen[found.feature], found.zone, found.share / whole[found.feature]))
        parts.append(_degenerate(degrees, chosen[whole == 0], resolution, within))
    return _joined(parts)


def shares_in_areas(
    features: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, *, overlapping: bool = False
) -> Shares:
    """Return the share of each feature in each area.

    Parameters
    ----------
    features : GeoDataFrame
        Points, lines or polygons with a CRS.
    areas : GeoDataFrame
        Polygons with a CRS.
    overlapping : bool
        False where the areas tile: a point on a common boundary then counts in the first only.

    Returns
    -------
    Shares
        ``zone`` holds positions of areas.

    Raises
    ------
    BadInput
        Where either has no CRS.

    Examples
    --------
    >>> box = gpd.GeoDataFrame(geometry=[shapely.box(115, 31, 116, 32)], crs=4326)
    >>> line = shapely.LineString([(115.5, 31.5), (116.5, 31.5)])
    >>> found = shares_in_areas(gpd.GeoDataFrame(geometry=[line], crs=4326), box)
    >>> round(float(found.share[0]), 2)
    0.5
    """
    if areas.crs is None:
        raise BadInput("the areas have no CRS")
    degrees, metres, zone_crs = _both(features)
    dimension = shapely.get_dimensions(degrees)
    at = _points(degrees, dimension == 0)
    area_degrees = areas.geometry.to_crs(4326).to_numpy()
    area_at, point_at = shapely.STRtree(at.zone).query(area_degrees, predicate="intersects")
    if not overlapping:
        order = np.lexsort((area_at, point_at))
        area_at, point_at = area_at[order], point_at[order]
        first = np.concatenate([[True], point_at[1:] != point_at[:-1]]) if len(point_at) else slice(0)
        area_at, point_at = area_at[first], point_at[first]
    parts = [Shares(at.feature[point_at], area_at, at.share[point_at])]
    area_metres = areas.geometry.to_crs(zone_crs).to_numpy()
    for kind in (1, 2):
        chosen = np.flatnonzero(dimension == kind)
        if not len(chosen):
            continue
        pieces = _pieces(metres[chosen], kind)
        area_at, piece_at = shapely.STRtree(pieces.shapes).query(area_metres, predicate="intersects")
        order = np.lexsort((area_at, piece_at))
        area_at, piece_at = area_at[order], piece_at[order]
        part = pieces.common(area_metres, piece_at, area_at, by_zone=True)
        found = _summed(pieces.of[piece_at], area_at, part)
        share = np.minimum(found.share / pieces.total()[found.feature], 1.0)
        parts.append(Shares(chosen[found.feature], found.zone, share))
    return _joined(parts)


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Straight segments of lines, or polygons, in metres, and the feature that each belongs to."""

    shapes: Shapes
    of: Positions
    dimension: int
    size: int

    def measure(self, shapes: Shapes) -> NDArray[np.float64]:
        found: NDArray[np.float64] = shapely.length(shapes) if self.dimension == 1 else shapely.area(shapes)
        return found

    def total(self) -> NDArray[np.float64]:
        """Return length or area by feature."""
        return np.asarray(
            np.bincount(self.of, weights=self.measure(self.shapes), minlength=self.size), dtype=np.float64
        )

    def inside(self, polygon: BaseGeometry) -> _Pieces:
        """Return what lies inside a polygon; only pieces across its boundary are cut."""
        shapely.prepare(polygon)
        touching = shapely.intersects(polygon, self.shapes)
        shapes, of = parts_inside(self.shapes[touching], polygon), self.of[touching]
        kept = self.measure(shapes) > 0
        return _Pieces(shapes[kept], of[kept], self.dimension, self.size)

    def common(
        self, zones: Shapes, piece_at: Positions, zone_at: Positions, *, by_zone: bool
    ) -> NDArray[np.float64]:
        """Return the length or area that each touching pair has in common.

        Parameters
        ----------
        by_zone : bool
            True where the zones are few and large, so that they are the ones to prepare.
        """
        part = self.measure(self.shapes)[piece_at]
        pairs = _keys(piece_at, zone_at, len(zones))
        # Pieces inside a zone whole, and zones inside a piece, need no cutting; they are most.
        if by_zone:
            zone, piece = shapely.STRtree(self.shapes).query(zones, predicate="contains")
            cut = ~np.isin(pairs, _keys(piece, zone, len(zones)))
        else:
            tree = shapely.STRtree(zones)
            cut = ~np.isin(pairs, _keys(*_pairs(tree, self.shapes, "within"), len(zones)))
            if self.dimension == 2:
                inside = np.isin(pairs, _keys(*_pairs(tree, self.shapes, "contains"), len(zones)))
                part[inside] = shapely.area(zones[zone_at[inside]])
                cut &= ~inside
        part[cut] = self.measure(shapely.intersection(self.shapes[piece_at[cut]], zones[zone_at[cut]]))
        return part


def _pairs(
    tree: shapely.STRtree, shapes: Shapes, predicate: Literal["within", "contains"]
) -> tuple[Positions, Positions]:
    piece, zone = tree.query(shapes, predicate=predicate)
    return piece, zone


def _keys(first: Positions, second: Positions, size: int) -> NDArray[np.int64]:
    return np.asarray(first, dtype=np.int64) * size + second


def _pieces(shapes: Shapes, dimension: int) -> _Pieces:
    """Cut lines to their segments: a short one meets few zones, and a way back is a way too."""
    if dimension == 2:
        return _Pieces(shapes, np.arange(len(shapes)), 2, len(shapes))
    lines, line_of = shapely.get_parts(shapes, return_index=True)
    points, of = shapely.get_coordinates(lines, return_index=True)
    same = of[1:] == of[:-1]
    ends = np.stack([points[:-1][same], points[1:][same]], axis=1)
    segments = np.asarray(shapely.linestrings(ends), dtype=object)
    return _Pieces(segments, line_of[of[:-1][same]], 1, len(shapes))


def _both(features: gpd.GeoDataFrame) -> tuple[Shapes, Shapes, int]:
    """Return the shapes in degrees and in metres, and the system of the metres."""
    if features.crs is None:
        raise BadInput("the features have no CRS")
    if not len(features) or not features.geometry.notna().any():
        empty = np.empty(0, dtype=object)
        return empty, empty, 3857
    zone_crs = metric_crs(features)
    degrees = features.geometry.to_crs(4326).to_numpy()
    missing = shapely.is_missing(degrees) | shapely.is_empty(degrees)
    if (shapely.get_dimensions(degrees) == 0).all():
        return degrees, degrees, zone_crs  # points are never measured
    metres = features.geometry.to_crs(zone_crs).to_numpy()
    if missing.any():
        degrees = np.where(missing, None, degrees)
    return degrees, metres, zone_crs


def _projected(shape: BaseGeometry, crs: int) -> BaseGeometry:
    made: BaseGeometry = gpd.GeoSeries([shape], crs=4326).to_crs(crs).iloc[0]
    shapely.prepare(made)
    return made


def _points(shapes: Shapes, chosen: NDArray[np.bool_]) -> Shares:
    """Return the single points of point features; ``zone`` holds the points themselves."""
    position = np.flatnonzero(chosen)
    points, of = shapely.get_parts(shapes[position], return_index=True)
    return Shares(position[of], points, 1.0 / shapely.get_num_geometries(shapes[position])[of])


def _inside(points: Shapes, within: BaseGeometry) -> NDArray[np.bool_]:
    shapely.prepare(within)
    found: NDArray[np.bool_] = shapely.intersects_xy(within, shapely.get_x(points), shapely.get_y(points))
    return found


def _cells_of(points: Shapes, resolution: int) -> NDArray[np.uint64]:
    return index(shapely.get_x(points), shapely.get_y(points), resolution)


def _spread(pieces: _Pieces, resolution: int, crs: int) -> Shares:
    """Return length or area of each feature in each cell, in place of a share."""
    cells = touched(gpd.GeoSeries(pieces.shapes, crs=crs).to_crs(4326).to_numpy(), resolution)
    outlines = polygons(cells).to_crs(crs).to_numpy()
    piece_at, cell_at = shapely.STRtree(outlines).query(pieces.shapes, predicate="intersects")
    # In the order of pieces and cells: sums are then the same to the last bit whatever else is computed.
    order = np.lexsort((cell_at, piece_at))
    piece_at, cell_at = piece_at[order], cell_at[order]
    part = pieces.common(outlines, piece_at, cell_at, by_zone=False)
    # What lies on the edge of two cells was found in both: scale each piece to its own measure.
    total = np.bincount(piece_at, weights=part, minlength=len(pieces.shapes))
    own = pieces.measure(pieces.shapes)
    factor = np.divide(own, total, out=np.zeros(len(own)), where=total > 0)
    found = _summed(pieces.of[piece_at], cell_at, part * factor[piece_at])
    return Shares(found.feature, cells[found.zone], found.share)


def _summed(feature: Positions, zone: Positions, amount: NDArray[np.float64]) -> Shares:
    """Add up the pieces of each feature in each zone, and leave out what is only touched."""
    kept = amount > 0
    size = int(zone.max()) + 1 if len(zone) else 1
    keys, place = np.unique(_keys(feature[kept], zone[kept], size), return_inverse=True)
    total = np.bincount(place.ravel(), weights=amount[kept], minlength=len(keys))
    return Shares(keys // size, keys % size, np.asarray(total, dtype=np.float64))


def _degenerate(degrees: Shapes, at: Positions, resolution: int, within: BaseGeometry | None) -> Shares:
    """Place shapes without length or area at their first coordinate."""
    first = [shapely.get_coordinates(shape)[0] for shape in degrees[at]]
    points: Any = shapely.points(np.array(first).reshape(-1, 2))
    if within is not None:
        kept = _inside(points, within)
        at, points = at[kept], points[kept]
    return Shares(at, _cells_of(points, resolution), np.ones(len(at)))


def _joined(parts: list[Shares]) -> Shares:
    return Shares(
        np.concatenate([part.feature for part in parts]),
        np.concatenate([part.zone for part in parts]),
        np.concatenate([part.share for part in parts]),
    )
