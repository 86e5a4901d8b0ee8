"""Files of a sample city as departments hand them in: GeoJSON beside the data, to import and judge."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import shapely

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from sample_gis.city import City


def write_files(city: City, folder: Path) -> list[Path]:
    """Write the files of a city.

    Parameters
    ----------
    city : City
        With ``files``.
    folder : Path
        Made where it is missing.

    Returns
    -------
    list of Path
        GeoJSON, which by RFC 7946 is in WGS 84, whatever the positions are in; the same bytes for a seed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, frame in sorted(city.files.items()):
        path = folder / name
        half = path.with_suffix(".half")
        half.write_text(_geojson(frame), encoding="utf-8")
        half.replace(path)
        written.append(path)
    return written


def _geojson(frame: GeoDataFrame) -> str:
    columns = [column for column in frame.columns if column != "geometry"]
    features = [
        {"type": "Feature", "properties": dict(zip(columns, row, strict=True)), "geometry": json.loads(shape)}
        for row, shape in zip(
            frame[columns]
            .astype(object)
            .where(frame[columns].notna(), None)
            .itertuples(index=False, name=None),
            shapely.to_geojson(frame.geometry.to_numpy()),
            strict=True,
        )
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
