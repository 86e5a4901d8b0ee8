"""The smooth picture beside the tested one: kernel density of the incidents that a run of hotspots counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import rasterio
from rasterio.transform import from_origin

from geo.hotspots import Raster, kde
from layers.runs.hotspot_inputs import events_of
from layers.runs.hotspot_parameters import HotspotParameters
from layers.runs.kinds import Inputs


def density_of(
    parameters: HotspotParameters, inputs: Inputs, *, bandwidth_m: float | None = None
) -> tuple[Raster, dict[str, Any]]:
    """Return the density of incidents in events per square kilometre, and what was counted.

    Parameters
    ----------
    parameters : HotspotParameters
        Classes and span.
    inputs : Inputs
        With the features: density needs their points.
    bandwidth_m : float, optional
        Standard deviation of the kernel; Silverman's rule of thumb where left out.
    """
    events = events_of(parameters, inputs)
    points = gpd.GeoDataFrame(events.frame[events.chosen], geometry="geometry", crs=4326)
    return kde(points, bandwidth_m=bandwidth_m), {"counted": len(points), **events.facts}


def write_geotiff(raster: Raster, file: Path) -> None:
    """Write a density as a GeoTIFF of one band; nothing where there is none."""
    rows, columns = raster.values.shape
    options = {
        "driver": "GTiff", "width": columns, "height": rows, "count": 1, "dtype": "float32",
        "crs": f"EPSG:{raster.crs}", "compress": "deflate", "predictor": 3, "tiled": True,
        "transform": from_origin(raster.west, raster.north, raster.pixel_m, raster.pixel_m),
    }  # fmt: skip
    with rasterio.open(file, "w", **options) as image:
        image.write(raster.values.astype("float32"), 1)
