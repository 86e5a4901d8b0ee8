"""What was predicted at the points of cells, as one row a cell."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.radio.samples import Samples

Floats = NDArray[np.float64]


def by_cell(found: pd.DataFrame, points: Samples, index: pd.Index, names: pd.Index) -> pd.DataFrame:
    """Return the median level and ratio of each cell's points, its main server and mean probability."""
    count = len(index)
    sizes = np.bincount(points.of, minlength=count)
    result = pd.DataFrame(index=index)
    for column, name in (("dbm", "rsrp_dbm"), ("sinr_db", "sinr_db")):
        values = found[column].to_numpy()
        if len(np.unique(sizes)) == 1:
            # Points without any signal are the weakest; without a ratio they have none to count.
            table = values.reshape(count, -1)
            median = np.median(table, axis=1) if column == "dbm" else _median_of_known(table)
        else:
            median = pd.Series(values).groupby(points.of).median().to_numpy()
        result[name] = np.where(np.isfinite(median), median, np.nan)
    server = _main_server(found, points.of, count)
    taken = names.take(np.maximum(server, 0)).to_series(index=index)
    result["best_sector"] = taken.astype("Int64" if names.dtype.kind in "iu" else object).where(server >= 0)
    share = np.bincount(points.of, weights=found["probability"].to_numpy(), minlength=count)
    result["covered_probability"] = share / np.maximum(sizes, 1)
    result.loc[np.asarray(result["rsrp_dbm"].isna()), "sinr_db"] = np.nan
    return result


def _median_of_known(table: Floats) -> Floats:
    known = ~np.isnan(table)
    if known.all():
        return np.asarray(np.median(table, axis=1))
    median = np.full(len(table), np.nan)
    some = known.any(axis=1)
    median[some] = np.nanmedian(table[some], axis=1)
    return median


def _main_server(found: pd.DataFrame, of: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return the sector that serves most points of each cell, the stronger one of two; -1 for none."""
    sector = found["sector"].to_numpy()
    there = sector >= 0
    size = int(sector.max()) + 1 if there.any() else 1
    pairs, place, points = np.unique(
        of[there] * size + sector[there], return_inverse=True, return_counts=True
    )
    most = np.full(len(pairs), -np.inf)
    np.maximum.at(most, place, found["dbm"].to_numpy()[there])
    order = np.lexsort((most, points, pairs // size))
    result = np.full(count, -1, dtype=np.int64)
    result[pairs[order] // size] = pairs[order] % size
    return result


def nothing(index: pd.Index) -> pd.DataFrame:
    """Return the result without any sector: no signal anywhere."""
    return pd.DataFrame(
        {
            "rsrp_dbm": np.nan,
            "sinr_db": np.nan,
            "best_sector": pd.Series(pd.NA, index=index, dtype="Int64"),
            "covered_probability": 0.0,
        },
        index=index,
    )
