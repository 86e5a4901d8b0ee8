r"""Rows as PostgreSQL's binary COPY format, a column at a time.

Writing rows one by one through the driver costs more than everything else on the client's side of an import.
Here each column becomes arrays of ready fields (length and bytes, by the documentation of COPY, section
"Binary Format"), and Arrow joins them to rows outside of Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from struct import Struct
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from layers.definitions import FieldType
from layers.importing.binary_geometry import geometries_as_bytes
from layers.importing.clearance import clearances

#: The signature, no flags, no extension.
HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"

_LENGTH = Struct(">i").pack
_TEXT_OID = 25
#: Days and microseconds from 1970 to 2000, where PostgreSQL begins to count.
_DAY_ZERO = 10_957
_TIME_ZERO = _DAY_ZERO * 86_400_000_000
#: With offsets of 64 bits: a thousand outlines of half a million vertices are more than 2 GiB.
_BYTES = pa.large_binary()


@dataclass(frozen=True, slots=True)
class CopyColumn:
    """One column to copy.

    Attributes
    ----------
    kind : FieldType, or "clearance"
        The latter writes, as real, how far the corners of areas are apart: `values` are the areas.
    values : ndarray of object, or str
        Python values or shapely geometries, None for NULL; a str stands for the same text in every row.
    system : int
        EPSG code in which geometries, given in degrees, are written: 4326 or 3857.
    """

    name: str
    kind: FieldType | Literal["clearance"]
    values: NDArray[np.object_] | str
    system: int = 4326


class Encoded:
    """Columns as fields, of which rows are joined in any order.

    All values are encoded in the order in which they lie in memory: rows along a curve would find each
    geometry and each text somewhere else, which takes twice as long.

    Parameters
    ----------
    columns : sequence of CopyColumn
        In the order of the COPY statement.
    rows : ndarray of int
        Which rows there are, by position; the others may hold what cannot be encoded.
    """

    def __init__(self, columns: Sequence[CopyColumn], rows: NDArray[np.intp]) -> None:
        ordered = np.sort(rows)
        #: Where each row lies among those that are encoded.
        self._places = np.zeros(ordered[-1] + 1 if len(ordered) else 0, dtype=np.intp)
        self._places[ordered] = np.arange(len(ordered))
        self._count = pa.scalar(len(columns).to_bytes(2, "big"), _BYTES)
        self._fields: list[pa.Scalar | pa.Array] = []
        with ThreadPoolExecutor(2) as threads:
            for fields in threads.map(partial(_encode, ordered), columns):
                self._fields += fields

    def rows(self, rows: NDArray[np.intp]) -> memoryview:
        """Return rows, by position and in this order, in the binary format without header and trailer."""
        chosen = pa.array(self._places[rows])
        fields = [one.take(chosen) if isinstance(one, pa.Array) else one for one in self._fields]
        joined = pc.binary_join_element_wise(
            pa.repeat(self._count, len(rows)), *fields, pa.scalar(b"", _BYTES)
        )
        _, offsets, data = joined.buffers()
        first, last = np.frombuffer(offsets, dtype=np.int64)[[joined.offset, joined.offset + len(rows)]]
        return memoryview(data)[first:last]


def numbers_as_column(name: str, rows: int) -> CopyColumn:
    """Return the numbers of the rows, from 1, as a column of integers."""
    values = np.empty(rows, dtype=object)
    values[:] = range(1, rows + 1)
    return CopyColumn(name, FieldType.INTEGER, values)


def _encode(rows: NDArray[np.intp], column: CopyColumn) -> list[pa.Scalar | pa.Array]:
    """Return one column's fields as arrays, or one value for all rows, that are joined side by side."""
    if isinstance(column.values, str):
        text = column.values.encode()
        return [pa.scalar(_LENGTH(len(text)) + text, _BYTES)]
    values = column.values if len(rows) == len(column.values) else column.values[rows]
    match column.kind:
        case FieldType.INTEGER:
            fields = [_fixed(pa.array(values, pa.int64()), ">i8")]
        case FieldType.NUMBER:
            fields = [_fixed(pa.array(values, pa.float64(), from_pandas=False), ">f8")]
        case FieldType.BOOLEAN:
            fields = [_fixed(pa.array(values, pa.bool_()).cast(pa.int8()), ">i1")]
        case FieldType.DATE:
            days = pa.array(values, pa.date32()).cast(pa.int32())
            fields = [_fixed(pc.subtract(days, pa.scalar(_DAY_ZERO, pa.int32())), ">i4")]
        case FieldType.DATETIME:
            moments = pa.array(values, pa.timestamp("us", tz="UTC")).cast(pa.int64())
            fields = [_fixed(pc.subtract(moments, _TIME_ZERO), ">i8")]
        case FieldType.GEOMETRY:
            fields = _varying(geometries_as_bytes(values, column.system, _BYTES))
        case "clearance":
            fields = [_fixed(pa.array(clearances(values), pa.float32(), from_pandas=True), ">f4")]
        case FieldType.CODES:
            lists = [None if value is None else _list(value) for value in values]
            fields = _varying(pa.array(lists, _BYTES))
        case _:
            fields = _varying(pa.array(values, pa.large_string()).cast(_BYTES))
    return fields


def _fixed(numbers: pa.Array, dtype: str) -> pa.Array:
    """Return fields of one width; NULL is a length of -1 and nothing behind it."""
    width = np.dtype(dtype).itemsize
    fields = np.empty(len(numbers), dtype=[("length", ">i4"), ("value", dtype)])
    fields["length"] = width
    if not numbers.null_count:
        fields["value"] = numbers.to_numpy(zero_copy_only=False)
        ends = np.arange(len(numbers) + 1, dtype=np.int64) * (4 + width)
        return _joined(ends, fields.tobytes())
    here = numbers.is_valid().to_numpy(zero_copy_only=False)
    fields["length"][~here] = -1
    fields["value"] = numbers.fill_null(0).to_numpy(zero_copy_only=False)
    kept = np.ones((len(numbers), 4 + width), dtype=bool)
    kept[~here, 4:] = False
    ends = np.concatenate([[0], np.cumsum(np.where(here, 4 + width, 4))])
    return _joined(ends, fields.view(np.uint8).reshape(kept.shape)[kept].tobytes())


def _varying(values: pa.Array) -> list[pa.Array]:
    """Return the lengths, and the bytes behind them."""
    lengths = pc.binary_length(values).fill_null(-1).to_numpy(zero_copy_only=False).astype(">i4")
    ends = np.arange(len(values) + 1, dtype=np.int64) * 4
    return [_joined(ends, lengths.tobytes()), values.fill_null(b"") if values.null_count else values]


def _joined(ends: NDArray[np.int64], data: bytes) -> pa.Array:
    """Return an array of byte strings that stand one behind the other."""
    buffers = [None, pa.py_buffer(np.ascontiguousarray(ends, dtype=np.int64)), pa.py_buffer(data)]
    return pa.Array.from_buffers(_BYTES, len(ends) - 1, buffers)


def _list(texts: Sequence[str]) -> bytes:
    """Return a text[]: dimensions, no NULL inside, type, length and lower bound, then the fields."""
    if not len(texts):
        return _LENGTH(0) + _LENGTH(0) + _LENGTH(_TEXT_OID)
    head = b"".join(map(_LENGTH, (1, 0, _TEXT_OID, len(texts), 1)))
    encoded = [text.encode() for text in texts]
    return head + b"".join(part for text in encoded for part in (_LENGTH(len(text)), text))
