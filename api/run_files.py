"""Cells or features of a run as files: Parquet, GeoJSON and CSV, and cells as GeoTIFF, page by page."""

from __future__ import annotations

import asyncio
import csv
import io
import math
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import rasterio
import rasterio.transform
import rasterio.windows
import shapely

from api.workbook import MEDIA_TYPE, Sheet, workbook
from geo.cells import area_m2, index, polygons, resolution_of, to_text
from geo.crs import metric_crs, transformer
from layers.runs.kinds import Column

Pages = AsyncIterator[pd.DataFrame]
FeaturePages = AsyncIterator[gpd.GeoDataFrame]

#: Decimals of a degree in GeoJSON: about a centimetre.
_DECIMALS = 7
#: Characters of the description of a GeoPackage's layer.
_LONGEST_DESCRIPTION = 60_000
#: Pixels of a GeoTIFF at most, and its rows that are made at a time.
MOST_PIXELS, _ROWS_AT_ONCE = 100_000_000, 256


async def csv_of(pages: Pages, columns: list[str]) -> AsyncIterator[bytes]:
    """Yield a table with a heading line; a missing value is empty."""
    yield _csv_lines([["cell", *columns]])
    async for page in pages:
        values = page.astype(object).where(page.notna(), "").to_numpy().tolist()
        texts = to_text(page.index.to_numpy()).tolist()
        yield _csv_lines([[text, *row] for text, row in zip(texts, values, strict=True)])


def areas_csv(areas: Sequence[Mapping[str, Any]], columns: Sequence[Column]) -> bytes:
    """Return figures by region and extent as CSV; codes in words.

    It begins with a byte order mark: without one, spreadsheets take Chinese names for another encoding.
    """
    keys = ["layer", "code", "name"]
    rows = [[*(area[key] for key in keys), *(_plain(area, one) for one in columns)] for area in areas]
    return b"\xef\xbb\xbf" + _csv_lines([[*keys, *(one.name for one in columns)], *rows])


def _plain(area: Mapping[str, Any], column: Column) -> Any:
    value = area.get(column.name)
    if value is None:
        return ""
    return column.text(value) if column.words else value


async def geojson_of(pages: Pages, columns: list[str]) -> AsyncIterator[bytes]:
    """Yield a FeatureCollection of hexagons; the cell is the feature's id, as text."""
    before = b'{"type":"FeatureCollection","features":['
    async for page in pages:
        shapes = shapely.set_precision(polygons(page.index.to_numpy()).to_numpy(), 10.0**-_DECIMALS)
        texts = to_text(page.index.to_numpy()).tolist()
        rows = page.astype(object).where(page.notna(), None).to_numpy().tolist()
        for text, shape, row in zip(texts, shapely.to_geojson(shapes), rows, strict=True):
            properties = orjson.dumps({"cell": text, **dict(zip(columns, row, strict=True))})
            head = f'{{"type":"Feature","id":"{text}","geometry":{shape},"properties":'
            yield before + head.encode() + properties + b"}"
            before = b","
    if before != b",":
        yield before
    yield b"]}"


async def features_csv(pages: FeaturePages, columns: list[str]) -> AsyncIterator[bytes]:
    """Yield a table of features with a point inside each; a missing value is empty.

    Where a kind has columns ``lon`` and ``lat`` of its own, these are the point.
    """
    added = [name for name in ("lon", "lat") if name not in columns]
    yield _csv_lines([["id", *columns, *added]])
    async for page in pages:
        inside = page.geometry.representative_point()
        point = {"lon": inside.x.round(_DECIMALS), "lat": inside.y.round(_DECIMALS)}
        table = pd.DataFrame(page[columns]).assign(**{name: point[name] for name in added})
        values = table.astype(object).where(table.notna(), "").to_numpy().tolist()
        yield _csv_lines([[one, *row] for one, row in zip(page.index.tolist(), values, strict=True)])


async def features_geojson(pages: FeaturePages, columns: list[str]) -> AsyncIterator[bytes]:
    """Yield a FeatureCollection."""
    before = b'{"type":"FeatureCollection","features":['
    async for page in pages:
        shapes = shapely.to_geojson(shapely.set_precision(page.geometry.to_numpy(), 10.0**-_DECIMALS))
        table = pd.DataFrame(page[columns]).astype(object)
        rows = table.where(table.notna(), None).to_numpy().tolist()
        for one, shape, row in zip(page.index.tolist(), shapes, rows, strict=True):
            properties = orjson.dumps({"id": one, **dict(zip(columns, row, strict=True))})
            head = b'{"type":"Feature","id":' + orjson.dumps(one) + b',"geometry":' + shape.encode()
            yield before + head + b',"properties":' + properties + b"}"
            before = b","
    if before != b",":
        yield before
    yield b"]}"


async def features_parquet(
    pages: FeaturePages, columns: list[str], about: dict[str, Any]
) -> AsyncIterator[bytes]:
    """Yield a GeoParquet 1.1 file; its metadata ``onemap`` says what it is."""
    parts = [page async for page in pages]
    geo = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": []}},
    }
    ids = [one for part in parts for one in part.index.tolist()]
    table: dict[str, Any] = {"id": pa.array(ids, pa.string())}
    for name in columns:
        values = pd.concat([part[name] for part in parts]) if parts else pd.Series([], dtype=float)
        kind = pa.float64() if pd.api.types.is_numeric_dtype(values) else pa.string()
        table[name] = pa.array(values.tolist(), kind, from_pandas=True)
    shapes = [shape for part in parts for shape in shapely.to_wkb(part.geometry.to_numpy())]
    table["geometry"] = pa.array(shapes, pa.binary())
    metadata = {b"geo": orjson.dumps(geo), b"onemap": orjson.dumps(about, default=str)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "features.parquet"
        pq.write_table(pa.table(table).replace_schema_metadata(metadata), path, compression="zstd")
        with path.open("rb") as file:
            while part := file.read(1 << 18):
                yield part


async def parquet_of(pages: Pages, columns: list[str], about: dict[str, Any]) -> AsyncIterator[bytes]:
    """Yield a Parquet file: ``cell`` as uint64 and the columns; its metadata ``onemap`` says what it is."""
    fields = [
        pa.field("cell", pa.uint64(), nullable=False),
        *(pa.field(one, pa.float64()) for one in columns),
    ]
    schema = pa.schema(fields, metadata={b"onemap": orjson.dumps(about, default=str)})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cells.parquet"
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            async for page in pages:
                table = pa.Table.from_pandas(page.reset_index(), preserve_index=False)
                writer.write_table(table.cast(schema))
        with path.open("rb") as file:
            while part := file.read(1 << 18):
                yield part


async def geotiff_of(pages: Pages, columns: list[str], about: dict[str, Any]) -> AsyncIterator[bytes]:
    """Yield a GeoTIFF with one band a column, in the 3-degree zone of the cells.

    A pixel is half as wide as a cell and has the value of the cell under its centre; NaN where there is none.
    The tag ``onemap`` says what it is.
    """
    read = [page async for page in pages]
    cells = pd.concat(read) if read else pd.DataFrame()
    if not len(cells):
        return  # no cells, no place on earth: an empty file
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cells.tif"
        await asyncio.to_thread(_write_geotiff, path, cells.sort_index(), columns, about)
        with path.open("rb") as file:
            while part := file.read(1 << 18):
                yield part


def _write_geotiff(path: Path, cells: pd.DataFrame, columns: list[str], about: dict[str, Any]) -> None:
    known = cells.index.to_numpy().astype(np.uint64)
    resolution = int(resolution_of(known[:1])[0])
    outlines = polygons(known)
    zone = metric_crs(gpd.GeoDataFrame(geometry=outlines.to_numpy(), crs=4326))
    west, south, east, north = outlines.to_crs(zone).total_bounds
    side = math.sqrt(float(area_m2(known).mean())) / 2
    # A coarser pixel where the whole would not fit: a raster of the country at the finest resolution.
    side = max(side, math.sqrt((east - west) * (north - south) / MOST_PIXELS))
    columns_wide, rows = math.ceil((east - west) / side), math.ceil((north - south) / side)
    to_degrees = transformer(zone, 4326)
    options = {
        "driver": "GTiff", "width": columns_wide, "height": rows, "count": len(columns), "dtype": "float32",
        "crs": f"EPSG:{zone}", "transform": rasterio.transform.from_origin(west, north, side, side),
        "nodata": float("nan"), "compress": "deflate", "predictor": 3, "tiled": True,
    }  # fmt: skip
    values = cells[columns].to_numpy(dtype=np.float32)
    with rasterio.open(path, "w", **options) as image:
        image.update_tags(onemap=orjson.dumps(about, default=str).decode())
        for band, name in enumerate(columns, start=1):
            image.set_band_description(band, name)
        for top in range(0, rows, _ROWS_AT_ONCE):
            height = min(_ROWS_AT_ONCE, rows - top)
            x = west + (np.arange(columns_wide) + 0.5) * side
            y = north - (np.arange(top, top + height) + 0.5) * side
            lon, lat = to_degrees.transform(*(one.ravel() for one in np.meshgrid(x, y)))
            found = index(lon, lat, resolution)
            at = np.minimum(np.searchsorted(known, found), len(known) - 1)
            pixels = np.where((known[at] == found)[:, None], values[at], np.float32("nan"))
            window = rasterio.windows.Window(0, top, columns_wide, height)
            image.write(pixels.T.reshape(len(columns), height, columns_wide), window=window)


def _csv_lines(rows: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


#: Media type of each format.
FORMATS = {
    "parquet": "application/vnd.apache.parquet",
    "geojson": "application/geo+json",
    "csv": "text/csv; charset=utf-8",
    "tif": "image/tiff; application=geotiff",
}


#: Those of features, which are no cells of a raster.
FEATURE_FORMATS = {
    **{name: FORMATS[name] for name in ("parquet", "geojson", "csv")},
    "gpkg": "application/geopackage+sqlite3",
    "xlsx": MEDIA_TYPE,
}


async def features_geopackage(
    pages: FeaturePages, columns: list[str], about: dict[str, Any]
) -> AsyncIterator[bytes]:
    """Yield a GeoPackage with one layer, named like the kind; its description says what it is."""
    parts = [page async for page in pages]
    found = gpd.GeoDataFrame(pd.concat(parts), crs=4326)[[*columns, "geometry"]] if parts else None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "features.gpkg"
        if found is None:
            found = gpd.GeoDataFrame({name: [] for name in columns}, geometry=[], crs=4326)
        # The name of a feature is not the number that GeoPackage gives its rows.
        table = found.rename_axis("feature_id").reset_index()
        description = orjson.dumps(about, default=str).decode()
        await asyncio.to_thread(
            table.to_file, path, layer=about["kind"], driver="GPKG", engine="pyogrio",
            layer_options={"DESCRIPTION": description[:_LONGEST_DESCRIPTION]},
        )  # fmt: skip
        with path.open("rb") as file:
            while part := file.read(1 << 18):
                yield part


def feature_sheet(name: str, features: gpd.GeoDataFrame, columns: Sequence[Mapping[str, Any]]) -> Sheet:
    """Return features as a table with a point inside each.

    Parameters
    ----------
    columns : sequence of mapping
        ``name``, ``title`` and ``unit`` of each, as `layers.runs.showing.columns` tells them.
    """
    inside = features.geometry.representative_point()
    table = pd.DataFrame(features[[one["name"] for one in columns]]).assign(
        lon_wgs84=inside.x.round(_DECIMALS), lat_wgs84=inside.y.round(_DECIMALS)
    )
    titles = [
        f"{one['title']['zh']} {one['title']['en']}" + (f" [{one['unit']}]" if one["unit"] else "")
        for one in columns
    ]
    values = table.astype(object).where(table.notna(), None).to_numpy().tolist()
    rows = [[one, *row] for one, row in zip(features.index.tolist(), values, strict=True)]
    return Sheet(name, ["id", *titles, "lon_wgs84", "lat_wgs84"], rows)


async def features_workbook(
    pages: FeaturePages, columns: Sequence[Mapping[str, Any]], about: dict[str, Any], more: Sequence[Sheet]
) -> AsyncIterator[bytes]:
    """Yield an Excel workbook: the features with their point, then other tables."""
    parts = [page async for page in pages]
    names = [one["name"] for one in columns]
    none = gpd.GeoDataFrame({name: [] for name in names}, geometry=[], crs=4326)
    whole = feature_sheet(about["kind"], gpd.GeoDataFrame(pd.concat(parts)) if parts else none, columns)
    yield await asyncio.to_thread(workbook, [whole, *more])


def feature_file_of(  # noqa: PLR0917 - what a file is made of
    name: str,
    pages: FeaturePages,
    names: list[str],
    about: dict[str, Any],
    columns: Sequence[Mapping[str, Any]],
    more: Sequence[Sheet],
) -> AsyncIterator[bytes]:
    """Return the bytes of a file of features in one of `FEATURE_FORMATS`.

    Parameters
    ----------
    names : list of str
        All columns of the kind.
    columns : sequence of mapping
        Those that a workbook holds, as `layers.runs.showing.columns` tells them.
    more : sequence of Sheet
        What a workbook holds beside the features.
    """
    makers: dict[str, Callable[[], AsyncIterator[bytes]]] = {
        "csv": lambda: features_csv(pages, names),
        "geojson": lambda: features_geojson(pages, names),
        "parquet": lambda: features_parquet(pages, names, about),
        "gpkg": lambda: features_geopackage(pages, names, about),
        "xlsx": lambda: features_workbook(pages, columns, about, more),
    }
    return makers[name]()


def file_of(name: str, pages: Pages, columns: list[str], about: dict[str, Any]) -> AsyncIterator[bytes]:
    """Return the bytes of a file in one of `FORMATS`."""
    makers: dict[str, Callable[[], AsyncIterator[bytes]]] = {
        "csv": lambda: csv_of(pages, columns),
        "geojson": lambda: geojson_of(pages, columns),
        "parquet": lambda: parquet_of(pages, columns, about),
        "tif": lambda: geotiff_of(pages, columns, about),
    }
    return makers[name]()
