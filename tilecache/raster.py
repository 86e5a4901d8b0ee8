"""Drawing tiles of registered rasters with rio-tiler."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import morecantile
import numpy as np
import rasterio

from geo.relief import hillshade
from layers.raster_style import RasterStyle
from layers.rasters import GDAL_OPTIONS, Raster

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LOADING = threading.Lock()
#: Pixels along the side of a tile.
TILE_PIXELS = 256
#: Metres of a degree of latitude on a sphere of the radius of WGS 84.
_METRES_A_DEGREE = 6_378_137 * np.pi / 180
_FLAT = np.sin(np.radians(45))
#: How dark the darkest slope is drawn, and how light the lightest.
_SHADE, _LIGHT = 0.75, 0.55
#: Colours of heights from the lowest to the highest: green, ochre, brown, white.
_HYPSOMETRIC = np.array(
    [[172, 208, 165], [198, 214, 176], [225, 222, 186], [214, 190, 146], [186, 154, 112], [240, 236, 230]]
)

#: Colour of what is dense, and how opaque the densest place is.
_DENSE, _DENSEST = (217, 115, 25), 0.85


def draw_raster(raster: Raster, scheme: morecantile.TileMatrixSet, x: int, y: int, z: int) -> bytes:
    """Draw one tile of a raster.

    Parameters
    ----------
    scheme : morecantile.TileMatrixSet
        WebMercatorQuad or WorldCRS84Quad.

    Returns
    -------
    bytes
        PNG of `TILE_PIXELS` squared; empty where the raster has nothing there.
    """
    with _LOADING:
        # Not at the top: the library takes a second to load, and most processes never draw a raster. It does
        # not bear to be loaded by two threads at once.
        from rio_tiler.errors import TileOutsideBounds  # noqa: PLC0415
        from rio_tiler.io import Reader  # noqa: PLC0415

    try:
        with (
            rasterio.Env(**GDAL_OPTIONS),
            rasterio.open(raster.path, driver="GTiff") as image,
            Reader(str(raster.path), dataset=image, tms=scheme) as reader,
        ):
            read = reader.tile(
                x, y, z, tilesize=TILE_PIXELS, indexes=1, buffer=1,
                resampling_method="cubic_spline", reproject_method="cubic_spline",
            )  # fmt: skip
    except TileOutsideBounds:
        return b""
    height = read.array[0].astype(np.float64).filled(np.nan)
    if np.isnan(height).all():
        return b""
    if raster.style is RasterStyle.HILLSHADE:
        return _png(_shaded(height, _cell_m(scheme, x, y, z)))
    if raster.style is RasterStyle.DENSITY:
        return _png(_dense(height[1:-1, 1:-1], raster.high))
    return _png(_coloured(height[1:-1, 1:-1], raster.low, raster.high))


def _cell_m(scheme: morecantile.TileMatrixSet, x: int, y: int, z: int) -> tuple[float, float]:
    """Return width and height of a pixel on the ground, in the middle of a tile."""
    west, south, east, north = scheme.bounds(morecantile.Tile(x, y, z))
    latitude = np.radians((south + north) / 2)
    return (
        float((east - west) / TILE_PIXELS * _METRES_A_DEGREE * np.cos(latitude)),
        float((north - south) / TILE_PIXELS * _METRES_A_DEGREE),
    )


def _shaded(height: NDArray[np.float64], cell_m: tuple[float, float]) -> NDArray[np.uint8]:
    """Return black and white with an opacity, so that it darkens and lightens any map under it."""
    # far out slopes are averaged away: they are drawn steeper there
    exaggeration = float(np.clip(np.sqrt(cell_m[1] / 8), 1, 8))
    light = hillshade(height, cell_m, exaggeration=exaggeration)
    darker = np.clip((_FLAT - light) / _FLAT, 0, 1) * _SHADE
    lighter = np.clip((light - _FLAT) / (1 - _FLAT), 0, 1) * _LIGHT
    tone = np.where(light < _FLAT, 0, 255)
    opacity = np.nan_to_num(np.where(light < _FLAT, darker, lighter)) * 255
    return np.stack([tone, opacity.round()]).astype(np.uint8)


def _coloured(height: NDArray[np.float64], low: float, high: float) -> NDArray[np.uint8]:
    share = np.clip((height - low) / max(high - low, 1e-9), 0, 1)
    steps = np.linspace(0, 1, len(_HYPSOMETRIC))
    known = ~np.isnan(height)
    bands = [np.interp(np.where(known, share, 0), steps, _HYPSOMETRIC[:, band]) for band in range(3)]
    return np.stack([*bands, known * 255]).astype(np.uint8)


def _dense(values: NDArray[np.float64], high: float) -> NDArray[np.uint8]:
    """Return one colour, the more opaque the denser; by the root, for few places are the densest by far."""
    share = np.nan_to_num(np.sqrt(np.clip(values / max(high, 1e-9), 0, 1)))
    bands = [np.full(values.shape, tone) for tone in _DENSE]
    return np.stack([*bands, (share * _DENSEST * 255).round()]).astype(np.uint8)


def _png(bands: NDArray[np.uint8]) -> bytes:
    with _LOADING:
        from rio_tiler.utils import render  # noqa: PLC0415

    encoded: Any = render(bands, img_format="PNG", ZLEVEL=6)
    return bytes(encoded)


@lru_cache(maxsize=1)
def clear_png() -> bytes:
    """Return a tile with nothing in it, for readers that know no empty answer."""
    return _png(np.zeros((2, TILE_PIXELS, TILE_PIXELS), dtype=np.uint8))
