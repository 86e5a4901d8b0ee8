r"""Rows as PostgreSQL's binary COPY format, a column at a time.

Writing rows one by one through the driver costs more than everything else on the client's side of an import.
Here each column becomes a list of ready fields (length and bytes, by the documentation of COPY, section
"Binary Format"), and rows are joined from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain, repeat
from struct import Struct
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.definitions import FieldType

#: The signature, no flags, no extension.
HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"

_NULL = b"\xff\xff\xff\xff"
_LENGTH = Struct(">i").pack
_TEXT_OID = 25
_DAY_ZERO = date(2000, 1, 1)
_TIME_ZERO = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_BOOLEANS = {None: _NULL, True: b"\x00\x00\x00\x01\x01", False: b"\x00\x00\x00\x01\x00"}

#: The highest byte of a WKB type, with the flag for a coordinate system, and EPSG:4326, low byte first.
_WITH_SYSTEM = b"\x20" + (4326).to_bytes(4, "little")

_NUMBERS = {FieldType.INTEGER: ">i8", FieldType.NUMBER: ">f8"}


@dataclass(frozen=True, slots=True)
class CopyColumn:
    """One column to copy.

    Attributes
    ----------
    values : ndarray of object, or str
        Python values or shapely geometries, None for NULL; a str stands for the same text in every row.
    """

    name: str
    kind: FieldType
    values: NDArray[np.object_] | str


def rows_as_bytes(columns: Sequence[CopyColumn], rows: NDArray[np.intp]) -> bytes:
    """Return rows in the binary format, without header and trailer.

    Parameters
    ----------
    columns : sequence of CopyColumn
        In the order of the COPY statement.
    rows : ndarray of int
        Which rows, by position, in which order.
    """
    count = repeat(len(columns).to_bytes(2, "big"), len(rows))
    fields: list[Iterable[bytes]] = [count]
    for column in columns:
        if isinstance(column.values, str):
            fields.append(repeat(_field(column.values.encode()), len(rows)))
        else:
            fields.append(_encode(column.values[rows], column.kind))
    return b"".join(chain.from_iterable(zip(*fields, strict=True)))


def numbers_as_column(name: str, rows: int) -> CopyColumn:
    """Return the numbers of the rows, from 1, as a column of integers."""
    values = np.empty(rows, dtype=object)
    values[:] = range(1, rows + 1)
    return CopyColumn(name, FieldType.INTEGER, values)


def _encode(values: NDArray[np.object_], kind: FieldType) -> list[bytes]:
    """Return one column's fields, each with its length in front."""
    match kind:
        case FieldType.INTEGER | FieldType.NUMBER:
            fields = _numbers(values, _NUMBERS[kind])
        case FieldType.GEOMETRY:
            fields = _geometries(values)
        case FieldType.BOOLEAN:
            fields = [_BOOLEANS[value] for value in values]
        case FieldType.DATE:
            fields = [
                _NULL if day is None else b"\0\0\0\4" + _LENGTH((day - _DAY_ZERO).days) for day in values
            ]
        case FieldType.DATETIME:
            fields = list(_moments(values))
        case FieldType.CODES:
            fields = [_NULL if value is None else _list(value) for value in values]
        case _:
            fields = _texts(values)
    return fields


def _field(data: bytes) -> bytes:
    return _LENGTH(len(data)) + data


def _numbers(values: NDArray[np.object_], dtype: str) -> list[bytes]:
    here = np.array([value is not None for value in values], dtype=bool)
    fields = np.zeros(len(values), dtype=[("length", ">i4"), ("value", dtype)])
    fields["length"] = 8
    fields["value"][here] = values[here].astype(dtype[1:])
    made: list[bytes] = fields.view("V12").tolist()
    if not here.all():
        made = [field if is_here else _NULL for field, is_here in zip(made, here, strict=True)]
    return made


def _geometries(shapes: NDArray[np.object_]) -> list[bytes]:
    """Return flat geometries as extended WKB: flag and number of the system put into the plain one."""
    return [
        _NULL if wkb is None else _LENGTH(len(wkb) + 4) + wkb[:4] + _WITH_SYSTEM + wkb[5:]
        for wkb in shapely.to_wkb(shapes, byte_order=1).tolist()
    ]


def _moments(values: NDArray[np.object_]) -> Iterator[bytes]:
    for moment in values:
        if moment is None:
            yield _NULL
        else:
            yield _field(((moment - _TIME_ZERO) // _MICROSECOND).to_bytes(8, "big", signed=True))


def _list(texts: Sequence[str]) -> bytes:
    """Return a text[]: dimensions, no NULL inside, type, length and lower bound, then the fields."""
    if not len(texts):
        return _field(_LENGTH(0) + _LENGTH(0) + _LENGTH(_TEXT_OID))
    head = b"".join(map(_LENGTH, (1, 0, _TEXT_OID, len(texts), 1)))
    return _field(head + b"".join(_field(text.encode()) for text in texts))


def _texts(values: NDArray[np.object_]) -> list[bytes]:
    """Return texts; those that repeat, as codes do, are encoded once."""
    different = set(values)
    if len(different) > len(values) // 2:
        return [_NULL if text is None else _field(text.encode()) for text in values]
    made: dict[Any, bytes] = {text: _field(text.encode()) for text in different if text is not None}
    made[None] = _NULL
    return [made[text] for text in values]
