"""Opening a vector file: which driver, which coordinate system, which datum.

Only the formats in `SUFFIXES` are opened, and only by the driver that belongs to the suffix: a file that
calls itself ``.json`` and holds a virtual data source, which could read other files, is refused.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo.datum import DATUMS, to_wgs84
from geo.errors import BadInput
from layers.importing.collection import collection_paused

#: GDAL drivers by file suffix.
SUFFIXES = {
    ".gpkg": "GPKG",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".shp": "ESRI Shapefile",
    ".fgb": "FlatGeobuf",
}
DATUM_CHOICES = ("auto", "cgcs2000", "wgs84", *DATUMS)
#: Greatest number of features of one file that is read into memory.
MOST_FEATURES = 5_000_000
#: A GeoJSON column of numbers and words, a ring left open, and ids of features that are given twice.
_TOLD_BY_ROWS = (
    "Could not parse column '.*' as JSON; leaving as string",
    "Non closed ring detected",
    "Several features with id = .* have been found",
)
_CGCS2000 = "China 2000"
#: Datums whose transformation to CGCS2000 is local: refused until an administrator gives it.
_LOCAL_DATUMS = ("Beijing 1954", "Xian 1980", "New Beijing")


@collection_paused()
def read_vector_file(
    path: Path,
    *,
    datum: str = "auto",
    crs: str | None = None,
    inner_layer: str | None = None,
    encoding: str | None = None,
) -> gpd.GeoDataFrame:
    """Read one layer of a vector file as longitude and latitude on CGCS2000.

    Parameters
    ----------
    path : Path
        GeoPackage, GeoJSON, Shapefile or FlatGeobuf.
    datum : {"auto", "cgcs2000", "wgs84", "gcj02", "bd09"}
        What the coordinates are on. ``auto`` takes what the file itself declares, and stops where that does
        not tell: "EPSG:4326" is written on GCJ-02 files too often to be believed.
    crs : str, optional
        Coordinate reference system, where the file names none or a wrong one.
    inner_layer : str, optional
        Which layer, where the file holds several.
    encoding : str, optional
        Of the texts, where the driver cannot tell (GBK shapefiles without ``.cpg``).

    Returns
    -------
    GeoDataFrame
        All columns as text, numbers and dates; geometry in EPSG:4326.

    Raises
    ------
    BadInput
        Where the file cannot be read, or its coordinates cannot be placed without guessing.
    """
    driver = _driver(path)
    layer = _inner_layer(path, inner_layer)
    try:
        info = pyogrio.read_info(path, layer=layer, encoding=encoding)
        if info["driver"] != driver:
            raise BadInput(
                f"{path.name} is no {driver} file but {info['driver']}", file=path.name, driver=info["driver"]
            )
        if info["features"] > MOST_FEATURES:
            raise BadInput(
                f"{path.name} holds {info['features']} features; split it into files of {MOST_FEATURES}",
                file=path.name,
                features=info["features"],
                most=MOST_FEATURES,
            )
        # By Arrow four times as fast. Only here: for other formats GDAL offers no short way to it, and at a
        # row without geometry of a FlatGeobuf file it ends the process.
        by_arrow = driver == "GPKG" and encoding is None
        with _told_by_rows():
            # What is no shape at all, as a ring left open, is a missing one of its row.
            frame = gpd.read_file(
                path,
                layer=layer,
                encoding=encoding,
                engine="pyogrio",
                use_arrow=by_arrow,
                on_invalid="ignore",
            )
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        UnicodeDecodeError,
        ValueError,
    ) as error:
        raise BadInput(f"{path.name} cannot be read: {error}", file=path.name, reason=str(error)) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise BadInput(f"{path.name} holds no geometry", file=path.name, reason="no-geometry")
    return _placed(frame, path, datum, crs)


@contextmanager
def _told_by_rows() -> Iterator[None]:
    """Leave out warnings of what the check tells row by row, and of ids that are not read."""
    with warnings.catch_warnings():
        for message in _TOLD_BY_ROWS:
            warnings.filterwarnings("ignore", message)
        yield


def _driver(path: Path) -> str:
    if not path.is_file():
        raise BadInput(f"there is no file {path.name}", file=path.name, reason="missing")
    driver = SUFFIXES.get(path.suffix.lower())
    if driver is None:
        raise BadInput(
            f"{path.name}: this kind of file is not imported; it takes .osm.pbf, {', '.join(SUFFIXES)}",
            file=path.name,
            suffixes=[".osm.pbf", *SUFFIXES],
        )
    if path.suffix.lower() == ".shp" and not path.with_suffix(".shx").exists():
        raise BadInput(
            f"{path.name}: its index {path.stem}.shx is missing; bring all parts of the shapefile",
            file=path.name,
            reason="incomplete-shapefile",
        )
    return driver


def _inner_layer(path: Path, wanted: str | None) -> str:
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
    except pyogrio.errors.DataSourceError as error:
        raise BadInput(f"{path.name} cannot be opened: {error}", file=path.name, reason=str(error)) from error
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted not in names:
        raise BadInput(
            f"{path.name} holds the layers {', '.join(names)}: say which one", file=path.name, layers=names
        )
    return wanted


def _placed(frame: gpd.GeoDataFrame, path: Path, datum: str, crs: str | None) -> gpd.GeoDataFrame:
    """Give the frame in EPSG:4326, undoing a shifted datum."""
    if crs is not None:
        try:
            frame = frame.set_crs(CRS.from_user_input(crs), allow_override=True)
        except CRSError as error:
            raise BadInput(f"{crs!r} is no coordinate reference system", crs=crs) from error
    if frame.crs is None:
        raise BadInput(
            f"{path.name} names no coordinate system: state one, e.g. --crs EPSG:4548", file=path.name
        )
    name = frame.crs.geodetic_crs.name if frame.crs.geodetic_crs is not None else ""
    datum_name = frame.crs.datum.name if frame.crs.datum is not None else ""
    if any(local in name or local in datum_name for local in _LOCAL_DATUMS):
        raise BadInput(
            f"{path.name} is on {name}: its transformation to CGCS2000 is local and must be given by an "
            "administrator, with check points",
            file=path.name,
            datum=name,
            reason="local-datum",
        )
    if datum == "auto":
        if _CGCS2000 not in datum_name and "CGCS2000" not in name:
            raise BadInput(
                f"{path.name} says {name or 'nothing'}, which shifted layers say too: "
                "state the datum (--datum cgcs2000, wgs84, gcj02 or bd09)",
                file=path.name,
                crs=name,
                reason="datum-unknown",
            )
        datum = "cgcs2000"
    if datum in ("cgcs2000", "wgs84"):
        return frame.to_crs(4326)
    if not frame.crs.is_geographic:
        raise BadInput(
            f"{datum} coordinates are degrees, but {path.name} is in {frame.crs.name}",
            file=path.name,
            datum=datum,
        )
    geometry = shapely.transform(frame.geometry.to_numpy(), partial(_unshifted, datum))
    return frame.set_geometry(gpd.GeoSeries(geometry, index=frame.index, crs=4326))


def _unshifted(datum: str, at: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack(to_wgs84(at[:, 0], at[:, 1], datum))
