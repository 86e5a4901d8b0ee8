"""One column of a frame as values that the database takes; what is no value of its type is named."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.definitions import FieldType

Read = tuple[NDArray[np.object_], NDArray[np.bool_], str]

# True equals 1 and False equals 0, so numbers are in these sets too.
_TRUE = {True, "true", "True", "TRUE", "1", "yes", "是"}
_FALSE = {False, "false", "False", "FALSE", "0", "no", "否"}
_UNSAFE = re.compile("[\x00\ud800-\udfff]")
_SEPARATOR = re.compile(r"\s*[,;，；、]\s*")
_LARGEST = 2**63


class NotReadable(ValueError):
    """The column as a whole has a form that no value of the type can have."""


def read_column(series: pd.Series, kind: FieldType, timezone: str) -> Read:
    """Convert a column.

    Parameters
    ----------
    series : Series
        Any dtype. NaN, NaT, None and empty text are missing.
    kind : FieldType
        Every type but ``geometry``.
    timezone : str
        Zone of times without one.

    Returns
    -------
    values : ndarray of object
        str, int, float, bool, date, datetime (with zone) or list of str; None where missing or wrong.
    wrong : ndarray of bool
        Where something stands that is no value of the type.
    reason : str
        ``"type"``, or ``"text"`` for characters that no database takes.

    Examples
    --------
    >>> values, wrong, _ = read_column(pd.Series([1.0, None, 2.5]), FieldType.INTEGER, "Asia/Shanghai")
    >>> values.tolist(), wrong.tolist()
    ([1, None, None], [False, False, True])
    """
    if kind in (FieldType.TEXT, FieldType.CODE):
        return _texts(series)
    if kind is FieldType.CODES:
        return _lists(series)
    if kind in (FieldType.INTEGER, FieldType.NUMBER):
        return _numbers(series, whole=kind is FieldType.INTEGER)
    if kind is FieldType.BOOLEAN:
        return _booleans(series)
    if kind in (FieldType.DATE, FieldType.DATETIME):
        return _times(series, timezone, days=kind is FieldType.DATE)
    raise NotReadable(f"{kind} is not a plain column")


def _objects(series: pd.Series) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Return the values as objects, and where nothing stands."""
    raw = series.to_numpy(dtype=object)
    missing = np.asarray(pd.isna(raw), dtype=bool)
    if missing.shape != raw.shape:
        raise NotReadable("it holds nested arrays of equal length")
    return raw, missing


def _each(series: pd.Series, convert: Callable[[Any], Any], reason: str = "type") -> Read:
    raw, missing = _objects(series)
    values = np.full(len(raw), None, dtype=object)
    wrong = np.zeros(len(raw), dtype=bool)
    for row in np.flatnonzero(~missing):
        try:
            values[row] = convert(raw[row])
        except (ValueError, TypeError, OverflowError):
            wrong[row] = True
    return values, wrong, reason


def _texts(series: pd.Series) -> Read:
    if isinstance(series.dtype, pd.StringDtype):
        # Such a column holds whole Unicode text and nothing else, so that only NUL is to be looked for.
        wrong = series.str.contains("\x00", regex=False, na=False).to_numpy(dtype=bool)
        values = series.mask(series == "", None).to_numpy(dtype=object, na_value=None)
        if wrong.any():
            values[wrong] = None
        return values, wrong, "text"
    raw, missing = _objects(series)
    texts = [
        None if gone else value if type(value) is str else _as_text(value)
        for value, gone in zip(raw, missing, strict=True)
    ]
    values = np.array([text or None for text in texts], dtype=object)
    wrong = np.array([text is not None and bool(_UNSAFE.search(text)) for text in texts], dtype=bool)
    values[wrong] = None
    return values, wrong, "text"


def _as_text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))  # a code column that a file format has turned into numbers
    return str(value)


def _lists(series: pd.Series) -> Read:
    def convert(value: Any) -> list[str]:
        if isinstance(value, str):
            return [part for part in _SEPARATOR.split(value.strip()) if part]
        if isinstance(value, (list, tuple, set, frozenset, np.ndarray)):
            return sorted(map(str, value)) if isinstance(value, (set, frozenset)) else [str(x) for x in value]
        raise TypeError(type(value))

    values = np.full(len(series), None, dtype=object)
    wrong = np.zeros(len(series), dtype=bool)
    for row, value in enumerate(series.to_numpy(dtype=object)):
        if _is_missing(value) or (isinstance(value, str) and not value):
            continue
        try:
            values[row] = convert(value)
        except TypeError:
            wrong[row] = True
    return values, wrong, "type"


def _is_missing(value: Any) -> bool:
    return (
        value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value))
    )


def _numbers(series: pd.Series, *, whole: bool) -> Read:
    if series.dtype == bool:
        series = series.astype("int64")
    raw, missing = _objects(series)
    if series.dtype == object:
        missing |= np.array([type(value) is str and not value for value in raw], dtype=bool)
    if whole and pd.api.types.is_integer_dtype(series.dtype) and not missing.any():
        integers = np.empty(len(raw), dtype=object)
        integers[:] = series.to_numpy().tolist()
        numbers = series.to_numpy()
        wrong = (numbers >= _LARGEST) | (numbers <= -_LARGEST)
        integers[wrong] = None
        return integers, wrong, "type"
    if pd.api.types.is_float_dtype(series.dtype) and not whole:
        # The common case of a file's number column: finite ones are taken as they are.
        finite = np.isfinite(series.to_numpy(dtype=float, na_value=np.nan))
        raw[~finite] = None
        return raw, ~finite & ~missing, "type"
    numbers = pd.to_numeric(pd.Series(raw, dtype=object), errors="coerce").to_numpy(
        dtype=float, na_value=np.nan
    )
    usable = np.isfinite(numbers)
    if whole:
        usable &= np.equal(np.mod(np.where(usable, numbers, 0.5), 1), 0) & (np.abs(numbers) < 2**53)
    values = np.full(len(raw), None, dtype=object)
    kept = numbers[usable]
    values[usable] = kept.astype("int64").tolist() if whole else kept.tolist()
    return values, ~usable & ~missing, "type"


def _booleans(series: pd.Series) -> Read:
    def convert(value: Any) -> bool | None:
        if isinstance(value, str) and not value:
            return None
        if value in _TRUE:
            return True
        if value in _FALSE:
            return False
        raise ValueError(value)

    if series.dtype == bool:
        values = np.empty(len(series), dtype=object)
        values[:] = series.tolist()
        return values, np.zeros(len(series), dtype=bool), "type"
    return _each(series, convert)


def _times(series: pd.Series, timezone: str, *, days: bool) -> Read:
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        missing, parsed = series.isna().to_numpy(), series
    else:
        raw, missing = _objects(series)
        missing |= np.array([type(value) is str and not value for value in raw], dtype=bool)
        parsed = _parse_times(raw, missing, timezone)
    if getattr(parsed.dtype, "tz", None) is None:
        # Where summer time made an hour stand twice or never, the time is not known.
        parsed = parsed.dt.tz_localize(timezone, ambiguous="NaT", nonexistent="NaT")
    known = parsed.notna().to_numpy()
    values = np.full(len(known), None, dtype=object)
    if days:
        local = parsed.dt.tz_convert(timezone)
        values[known] = local[known].dt.date.to_numpy()
    else:
        values[known] = parsed[known].dt.tz_convert("UTC").dt.to_pydatetime()
    return values, ~known & ~missing, "type"


def _parse_times(raw: NDArray[np.object_], missing: NDArray[np.bool_], timezone: str) -> pd.Series:
    """Read dates, datetimes and ISO 8601 text; numbers are no times."""
    plain = [
        None if gone or not isinstance(value, (str, date, datetime, pd.Timestamp)) else value
        for value, gone in zip(raw, missing, strict=True)
    ]
    texts = [
        None if value is None else value if isinstance(value, str) else value.isoformat() for value in plain
    ]
    zoned = [text is not None and bool(re.search(r"(Z|[+-]\d\d:?\d\d)$", text[10:])) for text in texts]
    with_zone = pd.to_datetime(
        pd.Series([t if z else None for t, z in zip(texts, zoned, strict=True)], dtype=object),
        utc=True, format="ISO8601", errors="coerce",
    )  # fmt: skip
    without = pd.to_datetime(
        pd.Series([None if z else t for t, z in zip(texts, zoned, strict=True)], dtype=object),
        format="ISO8601", errors="coerce",
    )  # fmt: skip
    local = without.dt.tz_localize(timezone, ambiguous="NaT", nonexistent="NaT").dt.tz_convert("UTC")
    return with_zone.fillna(local)
