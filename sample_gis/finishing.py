"""The last touch to a layer: the columns that every row has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from numpy.typing import NDArray

    from sample_gis.city import City

SYNTHETIC = "样例合成数据，非实测 / synthetic sample"

Provenance = Literal["real", "plan", "synthetic"]


def finished(
    city: City,
    columns: Mapping[str, Any],
    geometry: Any,
    *,
    source: str = SYNTHETIC,
    provenance: Provenance = "synthetic",
    status: Any = "in_service",
) -> gpd.GeoDataFrame:
    """Return a layer in the city's metres with its status, provenance and source on every row.

    Parameters
    ----------
    columns : mapping
        Catalogue fields and ``code``, each a column; ``status``, ``provenance`` and ``source`` in it win.
    geometry : sequence of geometries
    source : str
        Where the rows are from.

    Examples
    --------
    >>> from shapely import Point
    >>> from sample_gis.city import City
    >>> from sample_gis.profile import read_profile
    >>> finished(City(read_profile("yeji")), {"code": ["a"]}, [Point(0, 0)]).loc[0, "provenance"]
    'synthetic'
    """
    return gpd.GeoDataFrame(
        table(columns, source=source, provenance=provenance, status=status), geometry=geometry, crs=city.crs
    )


def table(
    columns: Mapping[str, Any],
    *,
    source: str = SYNTHETIC,
    provenance: Provenance = "synthetic",
    status: Any = "in_service",
) -> pd.DataFrame:
    """Return a layer without geometry, its status, provenance and source on every row."""
    frame = pd.DataFrame(dict(columns))
    for name, value in (("status", status), ("provenance", provenance), ("source", source)):
        if name not in frame:
            frame[name] = value
    return frame


def where_known(known: Any, values: Any) -> NDArray[np.object_]:
    """Return values where they are known, and None elsewhere.

    Examples
    --------
    >>> where_known([True, False], ["a", "b"]).tolist()
    ['a', None]
    """
    mask = np.asarray(known, dtype=bool)
    result = np.full(len(mask), None, dtype=object)
    result[mask] = np.broadcast_to(np.asarray(values, dtype=object), mask.shape)[mask]
    return result


def numbered(prefix: str, count: int, width: int = 5) -> list[str]:
    """Return codes that count up from 1.

    Examples
    --------
    >>> numbered("GB", 2, 3)
    ['GB001', 'GB002']
    """
    return [f"{prefix}{number:0{width}d}" for number in range(1, count + 1)]


def numbered_within(groups: Any, width: int = 3) -> list[str]:
    """Return for each row its place among the rows of its group, counted from 1 with leading zeros.

    Examples
    --------
    >>> numbered_within(["a", "b", "a"], 2)
    ['01', '01', '02']
    """
    place = pd.Series(np.asarray(groups)).groupby(np.asarray(groups), sort=False).cumcount() + 1
    return [f"{number:0{width}d}" for number in place]
