"""Registered rasters: GeoTIFFs in the city's folder, each with its title and style in its own tags.

Readers name a raster, never a file: a name is looked up in the folder, and files are opened as GeoTIFF only.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import rasterio
from rasterio.shutil import copy, delete
from rasterio.warp import transform_bounds

from geo.errors import BadInput, NotFound
from layers.definitions.words import Words
from layers.raster_style import RasterStyle
from layers.scope import Classification

#: Tags of a file that say what it is.
TITLE_ZH, TITLE_EN, STYLE, SOURCE, CLASSIFICATION = (
    "ONEMAP_TITLE_ZH", "ONEMAP_TITLE_EN", "ONEMAP_STYLE", "ONEMAP_SOURCE", "ONEMAP_CLASSIFICATION",
)  # fmt: skip
#: Only the file itself is opened: no listing of its folder, no auxiliary files.
GDAL_OPTIONS = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO"}
#: A raster of the whole province at 5 m has fewer pixels.
MOST_PIXELS = 10_000_000_000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


@dataclass(frozen=True, slots=True)
class Raster:
    """One registered raster.

    Attributes
    ----------
    generation : str
        Changes whenever the file does.
    bounds : (west, south, east, north)
        In degrees.
    """

    name: str
    path: Path
    title: Words
    style: RasterStyle
    source: str
    classification: Classification
    generation: str
    bounds: tuple[float, float, float, float]
    low: float
    high: float


class BadRaster(BadInput):
    """A file cannot be registered; details: ``file``, ``reason``."""

    code = "bad-raster"


def rasters(folder: Path) -> dict[str, Raster]:
    """Return the rasters of a folder by name; files that are no registered raster are passed over."""
    found: dict[str, Raster] = {}
    for path in sorted(folder.glob("*.tif")) if folder.is_dir() else ():
        if _NAME.fullmatch(path.stem) is None:
            continue
        status = path.stat()
        raster = _described(path, f"{status.st_mtime_ns:x}{status.st_size:x}")
        if raster is not None:
            found[raster.name] = raster
    return found


def raster_of(folder: Path, name: str) -> Raster:
    """Return one raster.

    Raises
    ------
    NotFound
        Where there is none of this name.
    """
    found = rasters(folder).get(name) if _NAME.fullmatch(name) else None
    if found is None:
        raise NotFound("there is no such raster", raster=name[:60])
    return found


@lru_cache(maxsize=256)
def _described(path: Path, generation: str) -> Raster | None:
    try:
        with rasterio.Env(**GDAL_OPTIONS), rasterio.open(path, driver="GTiff") as image:
            tags: Mapping[str, str] = image.tags()
            if TITLE_ZH not in tags or image.crs is None:
                return None
            bounds = transform_bounds(image.crs, 4326, *image.bounds)
            statistics = image.stats(indexes=1, approx=True)[0]
            return Raster(
                name=path.stem,
                path=path,
                title=Words(zh=tags[TITLE_ZH], en=tags.get(TITLE_EN, path.stem)),
                style=RasterStyle(tags.get(STYLE, RasterStyle.HILLSHADE)),
                source=tags.get(SOURCE, ""),
                classification=Classification(tags.get(CLASSIFICATION, Classification.INTERNAL)),
                generation=generation,
                bounds=(float(bounds[0]), float(bounds[1]), float(bounds[2]), float(bounds[3])),
                low=float(statistics.min),
                high=float(statistics.max),
            )
    except (rasterio.errors.RasterioError, ValueError):
        return None


def tags_of(
    title: Words, style: RasterStyle, source: str, classification: Classification = Classification.INTERNAL
) -> dict[str, str]:
    """Return the tags that make a GeoTIFF a registered raster."""
    return {
        TITLE_ZH: title.zh,
        TITLE_EN: title.en,
        STYLE: style,
        SOURCE: source,
        CLASSIFICATION: classification,
    }


def register(file: Path, folder: Path, name: str, tags: Mapping[str, str]) -> Raster:
    """Copy a GeoTIFF into the folder of rasters, as a Cloud Optimized GeoTIFF with its tags.

    Parameters
    ----------
    file : Path
        One band of heights, with a coordinate reference system.
    folder : Path
        Made where it is missing. A raster of the same name is replaced when the new one is whole.
    name : str
        Small letters, digits and underscores, a letter first.
    tags : mapping
        From `tags_of`.

    Raises
    ------
    BadRaster
        Where the file cannot be read to its end, has no reference system, more than one band, no numbers, or
        too many pixels; or where the name is none.
    """

    def bad(reason: str) -> BadRaster:
        return BadRaster(f"{file.name} cannot be registered: {reason}", file=file.name, reason=reason)

    if _NAME.fullmatch(name) is None:
        raise bad(f"{name[:60]!r} is no name: small letters, digits and underscores, a letter first")
    half = folder / f".{name}.half"
    try:
        with rasterio.Env(**GDAL_OPTIONS), rasterio.open(file, driver="GTiff") as image:
            if image.crs is None:
                raise bad("it has no coordinate reference system")
            if image.count != 1 or "complex" in image.dtypes[0]:
                raise bad(f"it has {image.count} bands of {image.dtypes[0]}, not one of heights")
            if image.width * image.height > MOST_PIXELS:
                raise bad(f"it has {image.width} × {image.height} pixels; at most {MOST_PIXELS:,} are taken")
            folder.mkdir(parents=True, exist_ok=True)
            _copy_with_tags(image, half, tags)
    except (rasterio.errors.RasterioError, rasterio._err.CPLE_BaseError) as error:
        half.unlink(missing_ok=True)
        raise bad(f"it cannot be read as a GeoTIFF: {error}") from error
    half.replace(folder / f"{name}.tif")
    return raster_of(folder, name)


def _copy_with_tags(image: rasterio.DatasetReader, half: Path, tags: Mapping[str, str]) -> None:
    """Write a COG that has its tags from the beginning: adding them later would undo its layout."""
    virtual = f"/vsimem/{uuid.uuid4().hex}.vrt"
    copy(image, virtual, driver="VRT")
    try:
        with rasterio.open(virtual, "r+") as described:
            described.update_tags(**tags)
        copy(
            virtual, half, driver="COG", compress="DEFLATE", predictor="YES", blocksize=256,
            overview_resampling="AVERAGE",
        )  # fmt: skip
    finally:
        delete(virtual)
