"""The railway and its passenger station."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

from sample_gis.shapes.lines import line_through, spline

if TYPE_CHECKING:
    from sample_gis.city import City


def make(city: City) -> None:
    """Set the railway: one smooth line with radii well over a kilometre."""
    sketch = city.layout.railway
    line = line_through(spline(city.project(sketch.points), 60.0))
    city.railways = gpd.GeoDataFrame({"name": [sketch.name]}, geometry=[line], crs=city.crs)
    (seat,) = city.project([next(iter(city.layout.towns.values())).seat])
    # Abreast of the county town, a little down the line, as stations that came after the town are.
    city.station = line.interpolate(line.project(shapely.Point(seat[0] + 3600.0, seat[1] + 1200.0)))
