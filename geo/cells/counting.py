"""Points counted by cell, millions a second.

Within one face of the icosahedron the cells of a resolution are the hexagons of one plane lattice under the
gnomonic projection (H3 4.x, ``_geoToHex2d`` and ``_hex2dToCoordIJK``). So points are counted on that lattice,
and the library is asked for one point of each hexagon, and for every point that lies on another face or so
near an edge that rounding might decide. The counts are those of `index`, point by point.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

import numba
import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from geo.cells.indexing import Cells, centres, check_resolution, degrees, index
from geo.compiled import compiled, compiled_parallel

Floats = NDArray[np.float64]
Whole = NDArray[np.int32]

#: Below it indexing every point is quicker than preparing.
_FEW = 50_000
#: Hexagons of the lattice that are kept, as a multiple of the points and at all.
_ROOM, _MOST = 4, 60_000_000
#: In distances of neighbouring cells: nearer to an edge the library decides. Doubles are far finer.
_NEAR = 1e-5
#: Of cosines of the angles to the centres of two faces: nearer to each other the library decides.
_NEAR_FACE = 1e-9
#: H3 4.x, constants.h: distance of two cells of resolution 0 on a face, and turn of odd resolutions.
_UNIT, _TURN = 0.38196601125010500003, 0.333473172251832115336090755351070070900388
#: Base cells that are pentagons: their middles are the corners of the icosahedron.
_PENTAGONS = (4, 14, 24, 38, 49, 58, 63, 72, 83, 97, 107, 117)
_OFF = np.iinfo(np.int32).min


def count(lon: ArrayLike, lat: ArrayLike, resolution: int) -> tuple[Cells, NDArray[np.int64]]:
    """Count points by cell.

    Parameters
    ----------
    lon, lat : array_like of float, shape (n,)
        Degrees on WGS 84 / CGCS2000.
    resolution : int
        0 to 15.

    Returns
    -------
    cells : ndarray of uint64, shape (m,)
        The cells that hold a point, ascending.
    counts : ndarray of int64, shape (m,)

    Raises
    ------
    BadInput
        As `index`.

    Examples
    --------
    >>> cells, counts = count([115.88, 115.88, 116.2], [31.74, 31.74, 31.9], 9)
    >>> counts.tolist()
    [2, 1]
    """
    check_resolution(resolution)
    east, north = degrees(lon, lat)
    found = _on_lattice(east, north, resolution) if len(east) > _FEW else None
    return _one_by_one(east, north, resolution) if found is None else found


def _one_by_one(east: Floats, north: Floats, resolution: int) -> tuple[Cells, NDArray[np.int64]]:
    cells = index(east, north, resolution)
    if not len(cells):
        return cells, np.zeros(0, dtype=np.int64)
    values = pa.chunked_array([pa.array(cells)]).value_counts()
    values = pa.chunked_array(values).combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    found = values.field("values").to_numpy(zero_copy_only=False)
    return _ascending(found, values.field("counts").to_numpy(zero_copy_only=False))


def _on_lattice(east: Floats, north: Floats, resolution: int) -> tuple[Cells, NDArray[np.int64]] | None:
    """Count on the lattice of the face where most points are; None where they lie too far apart for it."""
    some = np.linspace(0, len(east) - 1, 64).astype(np.int64)
    middle = _on_sphere(east[some], north[some]).sum(axis=0)
    faces, axes = _faces()
    face = int((faces @ middle).argmax())
    # the three faces that share an edge are the nearest others
    others = faces[np.argsort(-(faces @ faces[face]))[1:4]]
    along, across = axes[face]
    if resolution % 2:
        turned = np.cos(_TURN) * along + np.sin(_TURN) * across
        across = np.cos(_TURN) * across - np.sin(_TURN) * along
        along = turned
    scale = 7 ** (resolution / 2) / _UNIT
    frame = np.vstack([faces[face], along * scale, across * scale])
    q, r = _places(east, north, frame, others)
    kept = q != _OFF
    if not kept.any():
        return None
    low_q, high_q, low_r, high_r = _ends(q, r)
    columns, rows = high_q - low_q + 1, high_r - low_r + 1
    if columns * rows > min(_ROOM * len(east), _MOST):
        return None
    number, first = _tally(q, r, low_q, low_r, columns, rows)
    hexagons = np.flatnonzero(number)
    one = first[hexagons]
    rest = np.flatnonzero(~kept)
    asked = np.concatenate([one, rest])
    cells = index(east[asked], north[asked], resolution)
    return _ascending(cells, np.concatenate([number[hexagons], np.ones(len(rest), dtype=np.int32)]))


def _ascending(cells: Cells, counts: NDArray[np.integer]) -> tuple[Cells, NDArray[np.int64]]:
    """Return cells in their order with the sum of their counts."""
    order = np.argsort(cells)
    cells, counts = cells[order].astype(np.uint64), counts[order].astype(np.int64)
    starts = np.flatnonzero(np.concatenate([[True], cells[1:] != cells[:-1]]))
    return cells[starts], np.add.reduceat(counts, starts)


def _on_sphere(lon: Floats, lat: Floats) -> Floats:
    along, up = np.radians(lon), np.radians(lat)
    return np.column_stack([np.cos(up) * np.cos(along), np.cos(up) * np.sin(along), np.sin(up)])


@lru_cache(maxsize=1)
def _faces() -> tuple[Floats, list[tuple[Floats, Floats]]]:
    """Return the middles of the 20 faces, and of each the direction to a corner and the one left of it."""
    base = np.array([(0x8001FFFFFFFFFFF | (one << 45)) for one in _PENTAGONS], dtype=np.uint64)
    corners = _on_sphere(*centres(base))
    touch = corners @ corners.T > 0.4  # corners that share an edge: 1/√5
    triples = [
        list(three)
        for three in combinations(range(12), 3)
        if all(touch[one, other] for one, other in combinations(three, 2))
    ]
    middles, axes = [], []
    for three in triples:
        middle = corners[three].sum(axis=0)
        middle /= np.linalg.norm(middle)
        along = corners[three[0]] - (corners[three[0]] @ middle) * middle
        along /= np.linalg.norm(along)
        middles.append(middle)
        # which corner does not matter: the lattice is the same turned by sixths
        axes.append((along, np.cross(middle, along)))
    return np.array(middles), axes


@compiled_parallel
def _places(
    lon: Floats, lat: Floats, frame: Floats, others: Floats
) -> tuple[Whole, Whole]:  # pragma: no cover
    """Return the two coordinates of the hexagon of each point; `_OFF` where the library must be asked."""
    q = np.empty(len(lon), dtype=np.int32)
    r = np.empty(len(lon), dtype=np.int32)
    for i in numba.prange(len(lon)):
        east, up = np.radians(lon[i]), np.radians(lat[i])
        flat = np.cos(up)
        x, y, z = flat * np.cos(east), flat * np.sin(east), np.sin(up)
        depth = frame[0, 0] * x + frame[0, 1] * y + frame[0, 2] * z
        q[i] = _OFF
        r[i] = _OFF
        inside = True
        for k in range(3):
            inside &= depth > others[k, 0] * x + others[k, 1] * y + others[k, 2] * z + _NEAR_FACE
        if not inside:
            continue
        a = (frame[1, 0] * x + frame[1, 1] * y + frame[1, 2] * z) / depth
        b = (frame[2, 0] * x + frame[2, 1] * y + frame[2, 2] * z) / depth
        up_b = b / np.sqrt(3.0)
        fine_q, fine_r = a - up_b, 2.0 * up_b
        fine_s = -fine_q - fine_r
        near_q, near_r, near_s = np.rint(fine_q), np.rint(fine_r), np.rint(fine_s)
        off_q, off_r, off_s = abs(near_q - fine_q), abs(near_r - fine_r), abs(near_s - fine_s)
        if off_q > off_r and off_q > off_s:
            near_q = -near_r - near_s
        elif off_r > off_s:
            near_r = -near_q - near_s
        d_q, d_r = fine_q - near_q, fine_r - near_r
        d_s = -d_q - d_r
        if max(abs(d_q - d_r), abs(d_r - d_s), abs(d_s - d_q)) < 1.0 - _NEAR:
            q[i] = np.int32(near_q)
            r[i] = np.int32(near_r)
    return q, r


@compiled
def _ends(q: Whole, r: Whole) -> tuple[int, int, int, int]:  # pragma: no cover
    low_q, high_q, low_r, high_r = 2**31, -(2**31), 2**31, -(2**31)
    for i in range(len(q)):
        if q[i] != _OFF:
            low_q, high_q = min(low_q, q[i]), max(high_q, q[i])
            low_r, high_r = min(low_r, r[i]), max(high_r, r[i])
    return low_q, high_q, low_r, high_r


@compiled
def _tally(  # noqa: PLR0917
    q: Whole, r: Whole, low_q: int, low_r: int, columns: int, rows: int
) -> tuple[Whole, NDArray[np.int64]]:  # pragma: no cover
    """Return how many points each hexagon has, and the first of them."""
    number = np.zeros(columns * rows, dtype=np.int32)
    first = np.empty(columns * rows, dtype=np.int64)
    for i in range(len(q)):
        if q[i] != _OFF:
            at = (r[i] - low_r) * columns + q[i] - low_q
            if number[at] == 0:
                first[at] = i
            number[at] += 1
    return number, first
