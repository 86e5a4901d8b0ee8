"""Points to cells in bulk, and what a cell's number says: text, resolution, parent, area.

The only module that imports ``h3ronpy``. A cell is an unsigned 64-bit integer in frames; its 15-digit text is
for people, URLs and JSON, where such large numbers are silently rounded.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import Any

import h3ronpy
import numpy as np
import pyarrow as pa
from h3ronpy import vector
from numpy.typing import ArrayLike, NDArray

from geo.errors import BadInput

Cells = NDArray[np.uint64]
FINEST = 15
#: Points that one thread indexes at a time: large enough to hide the call, small enough to share the cores.
_CHUNK = 500_000


def check_resolution(resolution: int) -> int:
    """Return the resolution, or raise `BadInput` where it is no whole number from 0 to 15."""
    if isinstance(resolution, bool) or not isinstance(resolution, (int, np.integer)):
        raise BadInput(f"a resolution is a whole number, not {resolution!r}", resolution=repr(resolution))
    if not 0 <= resolution <= FINEST:
        raise BadInput(f"resolution {resolution} is outside 0 to {FINEST}", resolution=int(resolution))
    return int(resolution)


def as_cells(cells: ArrayLike) -> Cells:
    """Return an array of valid cells as uint64, or raise `BadInput` with how many are none."""
    array = np.asarray(cells)
    if array.dtype.kind not in "iu":
        raise BadInput(
            f"cells are whole numbers, not {array.dtype}; use parse() for texts", dtype=str(array.dtype)
        )
    array = np.ascontiguousarray(array.ravel(), dtype=np.uint64)
    valid = _numpy(h3ronpy.cells_valid(_arrow(array), booleanarray=True))
    if not valid.all():
        raise BadInput(
            f"{int((~valid).sum())} of {len(array)} numbers are no H3 cells", wrong=int((~valid).sum())
        )
    return array


def index(lon: ArrayLike, lat: ArrayLike, resolution: int) -> Cells:
    """Return the cell of each point.

    Parameters
    ----------
    lon, lat : array_like of float, shape (n,)
        Degrees on WGS 84 / CGCS2000.
    resolution : int
        0 to 15.

    Returns
    -------
    ndarray of uint64, shape (n,)

    Raises
    ------
    BadInput
        For a resolution out of range, coordinates that are not finite or not degrees, or two lengths.

    Notes
    -----
    H3 4.x core library through h3o, on all cores. The cell boundary convention is the library's.

    Examples
    --------
    >>> to_text(index([115.88], [31.74], 9))
    array(['8940b48902bffff'], dtype='<U15')
    """
    check_resolution(resolution)
    east, north = degrees(lon, lat)
    if len(east) <= _CHUNK:
        return _index(east, north, resolution)
    starts = range(0, len(east), _CHUNK)
    with ThreadPoolExecutor(cpu_count() or 1) as threads:
        parts = threads.map(
            lambda at: _index(east[at : at + _CHUNK], north[at : at + _CHUNK], resolution), starts
        )
        return np.concatenate(list(parts))


def degrees(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return coordinates as arrays, or raise `BadInput` where they differ in number or are no degrees."""
    east = np.ascontiguousarray(np.ravel(np.asarray(lon, dtype=np.float64)))
    north = np.ascontiguousarray(np.ravel(np.asarray(lat, dtype=np.float64)))
    if len(east) != len(north):
        raise BadInput(f"{len(east)} longitudes and {len(north)} latitudes", lon=len(east), lat=len(north))
    # NaN fails both comparisons, so that one pass finds every kind of bad coordinate.
    good = (np.abs(east) <= 180) & (np.abs(north) <= 90)
    if not good.all():
        first = int(np.argmin(good))
        raise BadInput(
            f"point {first} is at ({east[first]}, {north[first]}), which are no degrees",
            row=first,
            wrong=int((~good).sum()),
        )
    return east, north


def _index(lon: NDArray[np.float64], lat: NDArray[np.float64], resolution: int) -> Cells:
    return _numpy(vector.coordinates_to_cells(lat, lon, resolution))


def to_text(cells: ArrayLike) -> NDArray[np.str_]:
    """Return the 15-digit text of each cell, as JSON, tiles and URLs carry it.

    Examples
    --------
    >>> to_text(np.array([617700169958293503], dtype=np.uint64))
    array(['8928308280fffff'], dtype='<U15')
    """
    return np.array([format(int(cell), "015x") for cell in as_cells(cells)], dtype="<U15")


def parse(texts: ArrayLike) -> Cells:
    """Return the cells of texts made by `to_text`; `BadInput` where one is none.

    Examples
    --------
    >>> parse(["8928308280fffff"])
    array([617700169958293503], dtype=uint64)
    """
    try:
        numbers = [int(str(text), 16) for text in np.atleast_1d(np.asarray(texts)).ravel()]
        array = np.array(numbers, dtype=np.uint64)
    except (ValueError, OverflowError) as error:
        raise BadInput(f"this is no H3 cell: {error}", reason=str(error)) from error
    return as_cells(array)


def resolution_of(cells: ArrayLike) -> NDArray[np.uint8]:
    """Return the resolution of each cell.

    Examples
    --------
    >>> resolution_of(index([0.0], [0.0], 7))
    array([7], dtype=uint8)
    """
    return ((as_cells(cells) >> np.uint64(52)) & np.uint64(15)).astype(np.uint8)


def parents(cells: ArrayLike, resolution: int) -> Cells:
    """Return the ancestor of each cell at a coarser (or the same) resolution.

    Raises
    ------
    BadInput
        Where a cell is coarser than the resolution asked for.

    Examples
    --------
    >>> bool((parents(index([0.0], [0.0], 7), 5) == index([0.0], [0.0], 5))[0])
    True
    """
    check_resolution(resolution)
    array = as_cells(cells)
    if len(array) and int(resolution_of(array).min()) < resolution:
        raise BadInput(f"a cell is coarser than resolution {resolution}", resolution=resolution)
    # Clear the resolution field, write the new one, and set every finer digit to 7 ("unused").
    unused = (np.uint64(1) << np.uint64(3 * (FINEST - resolution))) - np.uint64(1)
    cleared = array & ~(np.uint64(15) << np.uint64(52))
    return (cleared | (np.uint64(resolution) << np.uint64(52))) | unused


def children(cells: ArrayLike) -> Cells:
    """Return the children of all cells, one resolution finer: seven of a hexagon, six of a pentagon.

    Raises
    ------
    BadInput
        Where a cell has the finest resolution already.

    Examples
    --------
    >>> cells = index([115.88, 116.2], [31.74, 31.9], 8)
    >>> found = children(cells)
    >>> len(found), bool(np.isin(parents(found, 8), cells).all())
    (14, True)
    """
    array = as_cells(cells)
    finer = resolution_of(array).astype(np.uint64) + np.uint64(1)
    if len(array) and int(finer.max()) > FINEST:
        raise BadInput(f"cells of resolution {FINEST} have no children", resolution=FINEST)
    shift = np.uint64(3) * (np.uint64(FINEST) - finer)
    cleared = (array & ~(np.uint64(15) << np.uint64(52))) & ~(np.uint64(7) << shift)
    digits = np.arange(7, dtype=np.uint64)[:, None] << shift
    found: Cells = (cleared | (finer << np.uint64(52)) | digits).T.ravel()
    # A pentagon has no child in the direction that it lacks.
    valid = _numpy(h3ronpy.cells_valid(_arrow(found), booleanarray=True))
    return np.asarray(found[valid], dtype=np.uint64)


def centres(cells: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return longitude and latitude of the centre of each cell, in degrees.

    Examples
    --------
    >>> lon, lat = centres(index([115.88], [31.74], 9))
    >>> float(lon[0].round(3)), float(lat[0].round(3))
    (115.88, 31.739)
    """
    found = pa.table(vector.cells_to_coordinates(_arrow(as_cells(cells))))
    return found["lng"].to_numpy(), found["lat"].to_numpy()


def area_m2(cells: ArrayLike) -> NDArray[np.float64]:
    """Return the area of each cell in square metres on the ground (spherical, as H3 defines it).

    Examples
    --------
    >>> round(float(area_m2(index([115.88], [31.74], 9))[0]))
    86324
    """
    return _numpy(h3ronpy.cells_area_m2(_arrow(as_cells(cells))))


def _arrow(array: NDArray[Any]) -> pa.Array:
    return pa.array(array)


def _numpy(array: Any) -> NDArray[Any]:
    return np.asarray(pa.array(array).to_numpy(zero_copy_only=False))
