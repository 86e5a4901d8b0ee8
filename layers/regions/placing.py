"""In which region features lie, for many at once: the same rule as the database's ``onemap.region_of``.

A feature's region is the smallest one that holds it whole; one that crosses a boundary also has the list of
the smallest regions that it touches. An import finds this here, on the frame, ten times faster than by a join
in the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray

Objects = NDArray[np.object_]

_PIECES = "SELECT code, prefix, depth, ST_AsBinary(geom) FROM onemap.region_piece ORDER BY code, id"
_SHAPES = "SELECT code, prefix, ST_AsBinary(geom) FROM onemap.region_shape ORDER BY depth DESC, code"


@dataclass(frozen=True)
class Regions:
    """Regions that give region codes: the tree and the governance grids.

    Attributes
    ----------
    codes, prefixes, depths, pieces : ndarray
        Of small pieces of regions, sorted by code; a greater depth is a smaller region.
    shapes : list of (code, prefix, polygon)
        Whole regions, the smallest first.
    """

    codes: Objects
    prefixes: Objects
    depths: NDArray[np.int64]
    pieces: Objects
    shapes: list[tuple[str, str, Any]]

    def place(self, features: Objects) -> tuple[Objects, Objects]:
        """Return region codes and, of features that cross, the lists of codes that they touch.

        Parameters
        ----------
        features : ndarray of shapely geometries
            EPSG:4326; None gives None.
        """
        found = np.full(len(features), None, dtype=object)
        crossing = np.full(len(features), None, dtype=object)
        if not len(self.pieces):
            return found, crossing
        smallest = np.flatnonzero(self.depths == self.depths.max())
        tree = shapely.STRtree(features)
        piece, feature = tree.query(self.pieces[smallest], predicate="covers")
        # Written from the back, so that of several codes the first one stays.
        found[feature[::-1]] = self.codes[smallest[piece[::-1]]]
        rest = np.array([row for row, code in enumerate(found) if code is None], dtype=np.intp)
        feature, piece = shapely.STRtree(self.pieces).query(features[rest], predicate="intersects")
        borders = np.flatnonzero(np.diff(feature)) + 1
        for row, touching in zip(rest[np.unique(feature)], np.split(piece, borders), strict=False):
            found[row], crossing[row] = self._place_one(features[row], np.sort(touching))
        return found, crossing

    def _place_one(self, feature: Any, touching: NDArray[np.intp]) -> tuple[str | None, list[str] | None]:
        if feature.geom_type == "Point":
            deepest = touching[np.argmax(self.depths[touching])]
            return self.codes[deepest], None
        prefixes = set(self.prefixes[touching])
        codes = sorted(
            one
            for one in prefixes
            if not any(len(other) > len(one) and other.startswith(one) for other in prefixes)
        )
        holders = (
            code
            for code, prefix, shape in self.shapes
            if codes[0].startswith(prefix) and codes[-1].startswith(prefix) and shapely.covers(shape, feature)
        )
        holder = next(holders, None)
        return holder, codes if len(codes) > 1 or holder is None else None


def read_regions(connection: psycopg.Connection[Any]) -> Regions:
    """Read the regions that give region codes."""
    rows = connection.execute(_PIECES).fetchall()
    shapes = connection.execute(_SHAPES).fetchall()
    pieces = np.array(shapely.from_wkb([row[3] for row in rows]), dtype=object)
    wholes = np.array(shapely.from_wkb([row[2] for row in shapes]), dtype=object)
    shapely.prepare(pieces)
    shapely.prepare(wholes)
    return Regions(
        codes=np.array([row[0] for row in rows], dtype=object),
        prefixes=np.array([row[1] for row in rows], dtype=object),
        depths=np.array([row[2] for row in rows], dtype=np.int64),
        pieces=pieces,
        shapes=[(code, prefix, shape) for (code, prefix, _), shape in zip(shapes, wholes, strict=True)],
    )
