"""Files as departments hand them in, whose positions are not in the datum that they claim; one is right.

They are written beside the data and never loaded: no layer of the city shows wrong positions.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.datum import from_wgs84
from sample_gis.planted.truth import entry, read_causes

if TYPE_CHECKING:
    from sample_gis.city import City

THEME = "shifted_files"
#: Decimals of degrees: a centimetre.
_DECIMALS = 7
_MOST = 400


class File(NamedTuple):
    """A file: the layer that it is of, columns that it keeps, and its datum ("wgs84" is what it claims)."""

    layer: str
    columns: tuple[str, ...]
    datum: str


_FILES = {
    "gcj02_points": File("addresses", ("code", "full_text"), "gcj02"),
    "gcj02_lines": File("roads", ("code", "name", "class"), "gcj02"),
    "bd09_points": File("key_places", ("code", "name", "class"), "bd09"),
    "unshifted": File("emergency_resources", ("code", "name", "kind"), "wgs84"),
}


def make(city: City) -> None:
    """Make the files; reads addresses, roads, key places, emergency resources and towns."""
    found = []
    for cause in read_causes()[THEME]:
        file = _FILES[cause]
        own = _part(city, file.layer)
        name = f"{city.profile.name}_{file.layer}_{cause}.geojson"
        degrees = own.to_crs(4326)
        told = shapely.transform(degrees.geometry.to_numpy(), partial(_told, datum=file.datum))
        city.files[name] = gpd.GeoDataFrame(
            {column: own[column].to_numpy(dtype=object) for column in file.columns}, geometry=told, crs=4326
        )
        west, south, east, north = own.total_bounds
        entered = entry(
            city, THEME, cause, at=((west + east) / 2, (south + north) / 2),
            radius_m=round(float(np.hypot(east - west, north - south)) / 2), changed={},
            file=name, layer=file.layer, claims="wgs84", datum=file.datum, rows=len(own),
        )  # fmt: skip
        found.append(entered)
    city.truth[THEME] = found


def _part(city: City, layer: str) -> gpd.GeoDataFrame:
    """Return rows of a layer: of large ones those in the first town, places as points."""
    own = city.layers[layer]
    if layer == "key_places":
        schools = own[own["class"] == "school"]
        return schools.set_geometry(shapely.centroid(schools.geometry.to_numpy()), crs=city.crs)
    if len(own) > _MOST:
        town = city.towns.geometry.iloc[0]
        own = own[shapely.within(own.geometry.to_numpy(), town)]
        own = own.iloc[:: max(1, len(own) // _MOST)].iloc[:_MOST]
    return own.reset_index(drop=True)


def _told(xy: NDArray[np.float64], datum: str) -> NDArray[np.float64]:
    """Return coordinates in the datum of the file."""
    moved = xy if datum == "wgs84" else np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], datum))
    return np.asarray(np.round(moved, _DECIMALS))
