"""The relief of the city: where its height model lies, and the heights of it that an analysis needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import rasterio
from rasterio.enums import Resampling
from rasterio.errors import RasterioIOError
from rasterio.transform import from_origin
from rasterio.vrt import WarpedVRT
from scipy.ndimage import distance_transform_edt

from geo.errors import BadInput, Unavailable
from geo.radio import Heights
from layers.city import store_setting

Connection = psycopg.Connection[Any]

#: Key of the setting that names the height model.
SETTING = "relief"
#: Squares of one grid of heights; more is the fault of a step too small.
_MOST_SQUARES = 200_000_000


def store_relief(connection: Connection, path: Path) -> None:
    """Keep where the height model of the city lies: a raster of metres in any system, on this machine.

    Raises
    ------
    BadInput
        Where no raster with a coordinate system can be read there.
    """
    try:
        with rasterio.open(path) as raster:
            placed = raster.crs is not None
    except RasterioIOError as error:
        raise BadInput(f"{path.name} cannot be read as a raster: {error}", file=path.name) from error
    if not placed:
        raise BadInput(f"{path.name} does not tell its coordinate system", file=path.name)
    store_setting(connection, SETTING, {"path": str(path.resolve())})


def heights(
    document: dict[str, Any] | None, crs: int, bounds: tuple[float, float, float, float], step: float
) -> Heights | None:
    """Return ground heights on a grid, or None where the city has no height model there.

    Parameters
    ----------
    document : dict
        The setting, or None.
    crs : int
        Metric system of the grid.
    bounds : tuple of float
        West, south, east, north in its metres.
    step : float
        Side of a square in metres.

    Raises
    ------
    Unavailable
        Where the file that the setting names cannot be read: a run without it would not be the same.
    """
    if document is None:
        return None
    west, south, east, north = bounds
    rows, columns = int((north - south) / step) + 1, int((east - west) / step) + 1
    if rows * columns > _MOST_SQUARES:
        raise BadInput(f"{rows} x {columns} heights are too many: take a larger step", reason="size")
    transform = from_origin(west, south + rows * step, step, step)
    try:
        with (
            rasterio.open(document["path"]) as raster,
            WarpedVRT(
                raster, crs=rasterio.CRS.from_epsg(crs), transform=transform, width=columns, height=rows,
                resampling=Resampling.bilinear, nodata=np.nan, dtype="float32",
            ) as warped,
        ):  # fmt: skip
            found = warped.read(1)
    except RasterioIOError as error:
        raise Unavailable(f"the height model cannot be read: {Path(document['path']).name}") from error
    known = np.isfinite(found)
    if not known.any():
        return None
    # Beyond the model the ground goes on as at its edge, so that no cliff stands there.
    row, column = distance_transform_edt(~known, return_distances=False, return_indices=True)
    return Heights(np.ascontiguousarray(found[row, column][::-1]), west, south, step)
