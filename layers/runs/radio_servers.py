"""Which sector serves a cell and which way it faces, also of coarser cells."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.cells import parents
from layers.runs.radio_columns import ALL_ROUND, NOBODY

_TURN_DEG = 60.0


def servers_of(best: pd.Series, sectors: gpd.GeoDataFrame) -> dict[str, pd.Series]:
    """Return the columns ``best_sector`` (NaN for none) and ``server_facing`` of cells.

    Parameters
    ----------
    best : Series
        Index of the best sector of each cell; missing where there is none.
    sectors : GeoDataFrame
        ``azimuth_deg``, ``pattern`` and ``beamwidth_deg``.

    Examples
    --------
    >>> some = gpd.GeoDataFrame({"azimuth_deg": [350.0, 120.0, 0.0], "pattern": ["8x8", "8x8", "omni"],
    ...     "beamwidth_deg": 65.0}, geometry=gpd.points_from_xy([0] * 3, [0] * 3), index=[7, 8, 9], crs=4326)
    >>> servers_of(pd.Series([7, 8, 9, None], dtype="Int64"), some)["server_facing"].tolist()
    [1.0, 3.0, 7.0, 8.0]
    """
    azimuth = pd.to_numeric(sectors["azimuth_deg"], errors="coerce")
    facing = ((azimuth + _TURN_DEG / 2) % 360 // _TURN_DEG + 1).fillna(float(ALL_ROUND))
    round_about = (sectors["pattern"] == "omni") | (pd.to_numeric(sectors["beamwidth_deg"]) >= 360)
    facing = facing.mask(round_about, float(ALL_ROUND))
    server = pd.Series(best.to_numpy(dtype=float, na_value=np.nan), index=best.index)
    return {
        "best_sector": server,
        "server_facing": server.map(facing).fillna(float(NOBODY)).astype(float),
    }


def main_servers(cells: pd.DataFrame, coarse: pd.Index, resolution: int) -> pd.DataFrame:
    """Return of coarser cells the sector that serves most of their cells, of two the lower number.

    Parameters
    ----------
    cells : DataFrame
        Of one resolution, with the columns of `servers_of`.
    """
    columns = ["best_sector", "server_facing"]
    served = cells[columns].assign(coarse=parents(cells.index.to_numpy(), resolution))
    counts = served[served["best_sector"].notna()].groupby(["coarse", *columns]).size().reset_index(name="n")
    counts = counts.sort_values(["coarse", "n", "best_sector"], ascending=[True, False, True])
    most = counts.drop_duplicates("coarse").set_index("coarse")[columns].reindex(coarse)
    return most.assign(server_facing=most["server_facing"].fillna(float(NOBODY)))
