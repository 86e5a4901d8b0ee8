"""Drive tests and crowd measurements of radio: a CSV to points with a level; refused rows have a reason."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo.datum import DATUMS, to_wgs84
from geo.errors import BadInput
from layers.importing.refusals import Refusal, shortened

Floats = NDArray[np.float64]

#: Bytes of one file.
SIZE_LIMIT = 256 << 20
#: Ranges of the reports: SS-RSRP and SS-SINR of 3GPP TS 38.133 V18 tables 10.1.6.1-1 and 10.1.16.1-1.
RSRP_DBM, SINR_DB = (-156.0, -31.0), (-23.0, 40.0)
_DATUMS = ("cgcs2000", "wgs84", *DATUMS)
_NAMES = {
    "x": ("lon", "longitude", "lng", "x", "east", "easting", "经度", "东坐标"),
    "y": ("lat", "latitude", "y", "north", "northing", "纬度", "北坐标"),
    "rsrp_dbm": ("rsrp_dbm", "rsrp", "ss_rsrp", "ss-rsrp", "ssrsrp", "nrrsrp", "level", "电平"),
    "sinr_db": ("sinr_db", "sinr", "ss_sinr", "ss-sinr", "sssinr", "信干噪比"),
    "at": ("time", "timestamp", "datetime", "at", "时间", "测试时间", "采集时间"),
    "clutter": ("clutter", "地物", "场景"),
}  # fmt: skip
_NEEDED = ("x", "y", "rsrp_dbm")
_LISTED = 100
_ZONED = r"(?:Z|[+-]\d{2}:?\d{2})$"


@dataclass
class _Refusals:
    """The first reason why each row is not taken."""

    by_row: dict[int, Refusal] = field(default_factory=dict)

    def add(self, at: int, name: str | None, value: object, reason: str, allowed: str | None = None) -> None:
        """Refuse the row at a position, unless it is refused already."""
        self.by_row.setdefault(at, Refusal(at + 1, name, shortened(value), reason, allowed))


@dataclass(frozen=True)
class Measurements:
    """What a file of measurements holds.

    Attributes
    ----------
    frame : GeoDataFrame
        EPSG:4326, index: row of the file, the first is 1. ``rsrp_dbm``; ``sinr_db`` (NaN where not measured);
        ``at`` (with time zone; NaT where not told); ``clutter`` (None where not told).
    refused : list of Refusal
        The first hundred.
    refused_count : dict
        By field and reason.
    """

    frame: gpd.GeoDataFrame
    refused: list[Refusal]
    refused_count: dict[str, int]


def read_measurements(
    path: Path,
    *,
    datum: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    timezone: str = "Asia/Shanghai",
) -> Measurements:
    """Read measurements from a CSV with a header; comma, semicolon or tab.

    Parameters
    ----------
    path : Path
    datum : {"cgcs2000", "wgs84", "gcj02", "bd09"}, optional
        What degrees are on. It must be said: nothing in a CSV tells, and GCJ-02 is half a kilometre off.
    crs : str, optional
        A projected system in place of it.
    encoding : str, optional
        Tried where left out: UTF-8, UTF-16 with its mark, GB 18030.
    timezone : str
        Of times without a zone.

    Raises
    ------
    BadInput
        Where the file cannot be read, a needed column is missing, neither datum nor system is said, or no
        row can be taken.
    """
    if (datum is None) == (crs is None):
        raise BadInput(
            f"say what the coordinates of {path.name} are on: --datum {', '.join(_DATUMS)}, or --crs EPSG:…",
            file=path.name,
        )
    if datum is not None and datum not in _DATUMS:
        raise BadInput(f"--datum takes {', '.join(_DATUMS)}, not {datum!r}", datum=datum)
    table = _table(path, encoding)
    columns = _columns(table, path)
    refusals = _Refusals()
    numbers = {
        name: _number(table, columns, name, bounds, refusals)
        for name, bounds in (("x", None), ("y", None), ("rsrp_dbm", RSRP_DBM), ("sinr_db", SINR_DB))
    }
    at = _times(table, columns, timezone, refusals)
    lon, lat = _degrees(numbers["x"], numbers["y"], datum, crs)
    wrong = ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90))
    for row in np.flatnonzero(wrong).tolist():
        place = " ".join(table.iloc[row][[columns["x"], columns["y"]]])
        refusals.add(row, "geom", place, "range", "a place on earth")
    clutter = pd.Series([None] * len(table), dtype=object)
    if "clutter" in columns:
        clutter = table[columns["clutter"]].str.strip()
    frame = gpd.GeoDataFrame(
        {
            "rsrp_dbm": numbers["rsrp_dbm"],
            "sinr_db": numbers["sinr_db"],
            "at": at,
            "clutter": clutter.where(clutter != "", None).to_numpy(dtype=object),
        },
        geometry=gpd.points_from_xy(np.where(wrong, 0, lon), np.where(wrong, 0, lat)),
        crs=4326,
        index=pd.RangeIndex(1, len(table) + 1, name="row"),
    )
    again = pd.DataFrame(frame.drop(columns="geometry")).assign(lon=lon, lat=lat).duplicated()
    for row in np.flatnonzero(again).tolist():
        refusals.add(row, None, "", "duplicate")
    refused = [refusals.by_row[row] for row in sorted(refusals.by_row)]
    taken = frame.drop(index=[one.row for one in refused])
    if not len(taken):
        first = f"; row {refused[0].row}: {refused[0].field} {refused[0].reason}" if refused else ""
        raise BadInput(f"{path.name} holds no measurement that can be taken{first}", file=path.name)
    counts = Counter(f"{one.field or 'row'}: {one.reason}" for one in refused)
    return Measurements(taken, refused[:_LISTED], dict(counts.most_common()))


def _table(path: Path, encoding: str | None) -> pd.DataFrame:
    """Return the rows as text."""
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}", file=path.name) from error
    if len(data) > SIZE_LIMIT:
        raise BadInput(f"{path.name} is larger than {SIZE_LIMIT >> 20} MB: divide it", file=path.name)
    text = _text(data, path, encoding)
    header = text.split("\n", 1)[0]
    separator = max((",", ";", "\t"), key=header.count)
    try:
        table = pd.read_csv(
            io.StringIO(text), sep=separator, dtype=str, keep_default_na=False, skipinitialspace=True,
            quoting=csv.QUOTE_MINIMAL,
        )  # fmt: skip
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise BadInput(f"{path.name} is no table: {error}", file=path.name) from error
    return table.reset_index(drop=True)


def _text(data: bytes, path: Path, encoding: str | None) -> str:
    if encoding is None and data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    tries = ("utf-8-sig", "gb18030") if encoding is None else (encoding,)
    for one in tries:
        try:
            text = data.decode(one)
        except UnicodeDecodeError:
            continue
        except LookupError as error:
            raise BadInput(f"there is no encoding {one!r}", encoding=one) from error
        if "\0" not in text:
            return text
    known = "UTF-8, UTF-16 or GB 18030" if encoding is None else encoding
    raise BadInput(f"{path.name} is no text in {known}: say its encoding", file=path.name)


def _columns(table: pd.DataFrame, path: Path) -> dict[str, str]:
    """Return the column of each value by our names for it."""
    given = {str(name).strip().lower(): str(name) for name in table.columns}
    found = {}
    for ours, names in _NAMES.items():
        # Units behind a name do not matter: rsrp (dBm), 经度(°).
        known = [given[one] for one in given if one.split("(")[0].split("（")[0].strip() in names]
        if len(known) > 1:
            raise BadInput(f"{path.name} has several columns for {ours}: {', '.join(known)}", file=path.name)
        if known:
            found[ours] = known[0]
    if missing := [one for one in _NEEDED if one not in found]:
        usual = " or ".join(_NAMES[missing[0]][:4])
        raise BadInput(
            f"{path.name} has no column {usual}; it has {', '.join(map(str, table.columns[:12]))}",
            file=path.name, column=missing[0],
        )  # fmt: skip
    return found


def _number(
    table: pd.DataFrame,
    columns: dict[str, str],
    name: str,
    bounds: tuple[float, float] | None,
    refusals: _Refusals,
) -> Floats:
    """Return a column as numbers, NaN where refused or not given."""
    if name not in columns:
        return np.full(len(table), np.nan)
    text = table[columns[name]].str.strip()
    values = pd.to_numeric(text, errors="coerce").to_numpy(dtype=float)
    blank = (text == "").to_numpy()
    bad = ~np.isfinite(values)
    for row in np.flatnonzero(bad & (~blank | (name in _NEEDED))).tolist():
        refusals.add(row, name, text.iloc[row], "required" if blank[row] else "type", "a number")
    if bounds is not None:
        outside = ~bad & ((values < bounds[0]) | (values > bounds[1]))
        for row in np.flatnonzero(outside).tolist():
            refusals.add(row, name, text.iloc[row], "range", f"{bounds[0]:g} to {bounds[1]:g}")
    return np.where(bad, np.nan, values)


def _times(
    table: pd.DataFrame, columns: dict[str, str], timezone: str, refusals: _Refusals
) -> pd.DatetimeIndex:
    """Return times with a zone, NaT where not given."""
    if "at" not in columns:
        return pd.DatetimeIndex([pd.NaT] * len(table), tz="UTC")
    text = table[columns["at"]].str.strip()
    # Some files hold times with a zone beside others without one.
    zoned = text.str.contains(_ZONED, regex=True)
    with_zone = pd.to_datetime(text.where(zoned), format="mixed", errors="coerce", utc=True)
    bare = pd.to_datetime(text.where(~zoned & (text != "")), format="mixed", errors="coerce")
    local = bare.dt.tz_localize(timezone, ambiguous="NaT", nonexistent="NaT").dt.tz_convert("UTC")
    found = with_zone.where(zoned, local)
    for row in np.flatnonzero(found.isna() & (text != "")).tolist():
        refusals.add(row, "at", text.iloc[row], "type", "2020-05-01 09:30:00")
    return pd.DatetimeIndex(found)


def _degrees(x: Floats, y: Floats, datum: str | None, crs: str | None) -> tuple[Floats, Floats]:
    if crs is not None:
        try:
            system = CRS.from_user_input(crs)
        except CRSError as error:
            raise BadInput(f"{crs!r} is no coordinate reference system", crs=crs) from error
        points = gpd.GeoSeries(gpd.points_from_xy(x, y), crs=system).to_crs(4326)
        return points.x.to_numpy(), points.y.to_numpy()
    if datum in DATUMS:
        inside = (np.abs(x) <= 180) & (np.abs(y) <= 90)
        lon, lat = to_wgs84(np.where(inside, x, 0.0), np.where(inside, y, 0.0), str(datum))
        return np.where(inside, lon, x), np.where(inside, lat, y)
    return x, y
