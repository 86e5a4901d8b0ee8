"""The relief of a sample city as a Cloud Optimized GeoTIFF, which any GIS opens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import rasterio
from rasterio.io import MemoryFile
from rasterio.shutil import copy

from layers.definitions.words import Words
from layers.raster_style import RasterStyle
from layers.rasters import tags_of
from layers.scope import Classification

if TYPE_CHECKING:
    from sample_gis.city import City

TITLE = Words(zh="地形晕渲", en="Hillshade")
NODATA = -9999.0
HEIGHT_DATUM = "1985国家高程基准"
#: Overviews of the COG driver are halved until they fit a block; small blocks give small cities some.
_BLOCK = 128


def dem_path(folder: Path, name: str) -> Path:
    """Return where the relief of a city lies.

    Examples
    --------
    >>> dem_path(Path("rasters"), "yeji").name
    'yeji_dem.tif'
    """
    return folder / f"{name}_dem.tif"


def write_dem(city: City, folder: Path) -> Path:
    """Write the relief of a city as a Cloud Optimized GeoTIFF.

    Parameters
    ----------
    city : City
        With its terrain.
    folder : Path
        Made where it is missing.

    Returns
    -------
    Path
        ``<folder>/<city>_dem.tif``: float32 metres above 1985国家高程基准 (synthetic), in the zone
        of the city, tiled, with overviews; the old file stays until the new one is whole.
    """
    grid = city.terrain.grid
    folder.mkdir(parents=True, exist_ok=True)
    path = dem_path(folder, city.profile.name)
    half = path.with_suffix(".half")
    shape = {"width": grid.columns, "height": grid.rows, "count": 1, "dtype": "float32"}
    place = {"crs": rasterio.CRS.from_epsg(city.profile.crs), "transform": grid.transform}
    with MemoryFile() as memory:
        # The COG driver only copies, so the grid is written to memory first.
        with memory.open(driver="GTiff", nodata=NODATA, **shape, **place) as made:
            made.write(city.terrain.height_m.astype(np.float32), 1)
            made.set_band_description(1, "合成地面高程 / synthetic ground height")
            made.set_band_unit(1, "m")
            source = f"样例城市 {city.profile.name}"
            made.update_tags(
                **tags_of(TITLE, RasterStyle.HILLSHADE, source, Classification.PUBLIC),
                provenance="synthetic",
                vertical_datum=f"{HEIGHT_DATUM} (synthetic)",
                description=f"{city.profile.title_zh}：合成地形，非实测 / synthetic relief, not surveyed",
                seed=str(city.profile.seed),
            )
        with memory.open() as made:
            copy(
                made,
                half,
                driver="COG",
                compress="DEFLATE",
                predictor="YES",
                blocksize=_BLOCK,
                overview_resampling="AVERAGE",
            )
    half.replace(path)
    return path
