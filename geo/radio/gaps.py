"""Areas under the threshold, those near each other as one, ranked by the people in them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.cells import area_m2, centres, groups
from geo.errors import BadInput


def is_covered(coverage: pd.DataFrame, min_dbm: float, min_sinr_db: float) -> pd.Series:
    """Tell which cells reach both thresholds at their median place; one without signal does not.

    Examples
    --------
    >>> cells = pd.DataFrame({"rsrp_dbm": [-100, -110, np.nan], "sinr_db": [0, 9, np.nan]})
    >>> is_covered(cells, -105, -3).tolist()
    [True, False, False]
    """
    if lost := {"rsrp_dbm", "sinr_db"} - set(coverage.columns):
        raise BadInput(f"the coverage has no {', '.join(sorted(lost))}", columns=sorted(lost))
    return (coverage["rsrp_dbm"] >= min_dbm) & (coverage["sinr_db"] >= min_sinr_db)


def gaps(
    coverage: pd.DataFrame,
    *,
    min_dbm: float = -105.0,
    min_sinr_db: float = -3.0,
    people: pd.Series | None = None,
    roads_km: pd.Series | None = None,
    only_used: bool = True,
    within: pd.Series | None = None,
    previous: pd.Series | None = None,
    join_m: float = 0.0,
    widest_m: float = float("inf"),
) -> tuple[pd.DataFrame, pd.Series]:
    """Return the gaps of a prediction and the cells of each.

    Parameters
    ----------
    coverage : DataFrame
        Of `geo.radio.predict`, for cells of one resolution.
    min_dbm, min_sinr_db : float
        A cell that misses either, or has no signal, belongs to a gap.
    people, roads_km : Series, optional
        Residents and road length of cells; 0 where a cell is missing.
    only_used : bool
        True to leave out cells without people and roads: nobody misses a signal there.
    within : Series, optional
        Sort of each cell: cells of two sorts are no part of one gap.
    previous : Series, optional
        Cells of the gaps of an earlier run: a gap keeps the id of the one it overlaps most.
    join_m, widest_m : float
        Patches with at most ``join_m`` of ground between them are one gap, unless it would be wider than
        ``widest_m``.

    Returns
    -------
    gaps : DataFrame
        Index ``gap`` (the smallest cell it was first made of); ``rank`` (1: most people), ``cells``,
        ``area_km2``, ``people``, ``roads_km``, ``rsrp_dbm`` (median of its cells; NaN where most have no
        signal), ``sinr_db``, ``busiest`` (the cell with most people, then road) and its ``lon``, ``lat``.
    members : Series
        Index: cells; value: their gap.

    Raises
    ------
    BadInput
        Where columns are missing or cells have several resolutions.

    Examples
    --------
    >>> import h3
    >>> from geo.cells import parse
    >>> cells = parse(h3.grid_disk("8a41b4b26c47fff", 1))
    >>> bad = pd.DataFrame({"rsrp_dbm": -120.0, "sinr_db": 0.0}, index=cells)
    >>> found, members = gaps(bad, people=pd.Series(5.0, index=cells))
    >>> found[["rank", "cells", "people"]].iloc[0].tolist(), len(members)
    ([1.0, 7.0, 35.0], 7)
    """
    wanting = ~is_covered(coverage, min_dbm, min_sinr_db)
    used = pd.DataFrame(
        {
            "people": 0.0 if people is None else people.reindex(coverage.index, fill_value=0.0),
            "roads_km": 0.0 if roads_km is None else roads_km.reindex(coverage.index, fill_value=0.0),
        },
        index=coverage.index,
    )
    if only_used and not (people is None and roads_km is None):
        wanting &= (used["people"] > 0) | (used["roads_km"] > 0)
    chosen = coverage.index.to_numpy()[wanting.to_numpy()]
    members = groups(chosen, previous, within, join_m=join_m, widest_m=widest_m)
    cells = members.index.to_numpy()
    lon, lat = centres(cells)
    table = pd.DataFrame(
        {
            "gap": members.to_numpy(),
            "busiest": cells,
            "area_km2": area_m2(cells) / 1e6,
            "people": used["people"].reindex(cells).to_numpy(),
            "roads_km": used["roads_km"].reindex(cells).to_numpy(),
            "rsrp_dbm": coverage["rsrp_dbm"].reindex(cells).fillna(-np.inf).to_numpy(),
            "sinr_db": coverage["sinr_db"].reindex(cells).to_numpy(),
            "lon": lon,
            "lat": lat,
        }
    )
    busiest = table.sort_values(["people", "roads_km"], ascending=False, kind="stable").drop_duplicates("gap")
    by = table.groupby("gap", sort=True)
    found = pd.DataFrame(
        {
            "cells": by.size().astype(float),
            **{name: by[name].sum() for name in ("area_km2", "people", "roads_km")},
            **{name: by[name].median().replace(-np.inf, np.nan) for name in ("rsrp_dbm", "sinr_db")},
        }
    ).join(busiest.set_index("gap")[["busiest", "lon", "lat"]])
    order = ["people", "roads_km", "area_km2"]
    found = found.sort_values(order, ascending=False, kind="stable")
    found.insert(0, "rank", np.arange(1, len(found) + 1))
    return found, members
