"""The cells of a run as files: Parquet, GeoJSON and CSV, made page by page."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from geo.cells import polygons, to_text

Pages = AsyncIterator[pd.DataFrame]

#: Decimals of a degree in GeoJSON: about a centimetre.
_DECIMALS = 7


async def csv_of(pages: Pages, columns: list[str]) -> AsyncIterator[bytes]:
    """Yield a table with a heading line; a missing value is empty."""
    yield _csv_lines([["cell", *columns]])
    async for page in pages:
        values = page.astype(object).where(page.notna(), "").to_numpy().tolist()
        texts = to_text(page.index.to_numpy()).tolist()
        yield _csv_lines([[text, *row] for text, row in zip(texts, values, strict=True)])


def areas_csv(areas: Sequence[Mapping[str, Any]], columns: list[str]) -> bytes:
    """Return figures by region and extent as CSV.

    It begins with a byte order mark: without one, spreadsheets take Chinese names for another encoding.
    """
    keys = ["layer", "code", "name", *columns]
    rows = [["" if area.get(key) is None else area[key] for key in keys] for area in areas]
    return b"\xef\xbb\xbf" + _csv_lines([keys, *rows])


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


def _csv_lines(rows: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


#: Media type of each format.
FORMATS = {
    "parquet": "application/vnd.apache.parquet",
    "geojson": "application/geo+json",
    "csv": "text/csv; charset=utf-8",
}


def file_of(name: str, pages: Pages, columns: list[str], about: dict[str, Any]) -> AsyncIterator[bytes]:
    """Return the bytes of a file in one of `FORMATS`."""
    makers: dict[str, Callable[[], AsyncIterator[bytes]]] = {
        "csv": lambda: csv_of(pages, columns),
        "geojson": lambda: geojson_of(pages, columns),
        "parquet": lambda: parquet_of(pages, columns, about),
    }
    return makers[name]()
