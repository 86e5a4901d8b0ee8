"""Sites built by year against the plan, each counting unit by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import pandas as pd


def sites_by_year(
    stations: gpd.GeoDataFrame, technology: str, targets: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return sites in service at the end of each year, and what plans ask for.

    Parameters
    ----------
    stations : GeoDataFrame
        ``technology``, ``counting_unit``, ``commissioned_on`` and ``status``.
    technology : str
    targets : sequence of dict
        The city's targets: ``indicator`` (``base_stations_5g``), ``year``, ``at_least``, ``counting_unit``.

    Returns
    -------
    list of dict
        One a counting unit: ``undated``, sites in service without a date, which count in no year but in
        ``now``; ``years``: ``year`` and ``built``, cumulative; ``targets``: ``year``, ``at_least``,
        ``source``, ``same_unit`` (None where the plan does not say what it counts), and ``missing``, how many
        more are needed from now. Sites and logical stations are never added together.

    Examples
    --------
    >>> one = gpd.GeoDataFrame({"technology": ["5g"], "counting_unit": ["site"], "status": ["in_service"],
    ...     "commissioned_on": ["2020-03-01"]}, geometry=gpd.points_from_xy([115.9], [31.8]))
    >>> found = sites_by_year(one, "5g", [{"indicator": "base_stations_5g", "year": 2023, "at_least": 280,
    ...     "source": "plan"}])
    >>> found[0]["years"], found[0]["targets"][0]["missing"]
    ([{'year': 2020, 'built': 1}], 279)
    """
    own = stations[(stations["technology"] == technology) & (stations["status"] == "in_service")]
    asked = [one for one in targets if one["indicator"] == f"base_stations_{technology}"]
    units = own["counting_unit"].where(own["counting_unit"].notna(), "unknown")
    found = []
    for unit, part in own.groupby(units.to_numpy(), sort=True):
        opened = pd.to_datetime(part["commissioned_on"], errors="coerce").dt.year
        by_year = opened.dropna().astype(int).value_counts().sort_index().cumsum()
        found.append(
            {
                "counting_unit": str(unit),
                "now": len(part),
                "undated": int(opened.isna().sum()),
                "years": [{"year": int(year), "built": int(count)} for year, count in by_year.items()],
                "targets": [
                    {
                        "year": one["year"],
                        "at_least": one["at_least"],
                        "source": one["source"],
                        "same_unit": None
                        if one.get("counting_unit") is None
                        else one["counting_unit"] == unit,
                        "missing": max(int(one["at_least"]) - len(part), 0),
                    }
                    for one in asked
                ],
            }
        )
    return found
