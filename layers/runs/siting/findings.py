"""What a plan of sites answers, one by one: proof, curve, years, targets, towns."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.siting import Plan
from layers.city import CARD, TARGETS
from layers.runs.cameras.areas import Located, areas
from layers.runs.cameras.scene import middles
from layers.runs.kinds import Inputs
from layers.runs.siting.made import Made, bound_unit
from layers.runs.siting.parameters import Device, SitingParameters

#: Targets of plans that sites of a device count for.
INDICATORS = {Device.STATIONS: "base_stations_5g", Device.POLES: "multi_use_poles"}
#: Years that a target is looked for at the pace of a plan.
_FARTHEST_YEARS = 100


def first_year(parameters: SitingParameters, inputs: Inputs) -> int:
    """Return the first year of the plan: as asked, or that after the city's own date."""
    as_of = inputs.documents.get(CARD, {}).get("as_of")
    now = date.fromisoformat(as_of) if as_of else datetime.now(UTC).date()
    return parameters.first_year or now.year + 1


def findings_of(
    parameters: SitingParameters, made: Made, sites: gpd.GeoDataFrame, inputs: Inputs
) -> list[dict[str, Any]]:
    """Return the proof, the curve, the years and what they mean for the targets of plans.

    Parameters
    ----------
    sites : GeoDataFrame
        Of the result.
    """
    plan, least_cost = made.plan, parameters.target_share is not None
    proof = {
        "what": "proof", "objective": "least_cost" if least_cost else "most_covered",
        "method": plan.method, "bound_method": plan.bound_method,
        "covered": float(plan.gains.sum()), "already": plan.already, "total": plan.total,
        "bound": plan.bound, "gap": plan.gap, "proven": plan.proven, "seconds": round(plan.seconds, 2),
        "unit": made.unit, "text": plan.proof,
    }  # fmt: skip
    if least_cost:
        proof |= {"cost": plan.covered, "bound_unit": bound_unit(parameters)}
    curve = {
        "what": "curve", "unit": made.unit, "elbow": plan.elbow,
        "covered": [round(float(one), 4) for one in plan.curve],
        "cost": [round(float(one), 2) for one in sites["cost"].cumsum()],
    }  # fmt: skip
    return [proof, curve, *_years(plan, sites), *_targets(parameters, sites, inputs)]


def by_town(  # noqa: PLR0917
    cells: NDArray[np.uint64],
    whole: NDArray[np.float64],
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    inputs: Inputs,
    unit: str,
) -> dict[str, Any]:
    """Return what each town has before and after the plan, and how far apart towns are.

    Parameters
    ----------
    cells : ndarray of uint64
        Of each demand; one may stand several times.
    whole, before, after : ndarray of float64
        Weight of each demand, and what of it is covered.
    """
    own, place = np.unique(cells, return_inverse=True)
    sums = [np.bincount(place, weights=one, minlength=len(own)) for one in (whole, before, after)]
    located = Located(middles(own))
    rows: list[dict[str, Any]] = []
    for one in areas(inputs):
        if one.layer == "towns":
            inside = located.inside(one)
            figures = [round(float(each[inside].sum()), 4) for each in sums]
            rows.append(
                {"code": one.code, "name": one.name}
                | dict(zip(("whole", "before", "after"), figures, strict=True))
            )
    found: dict[str, Any] = {"what": "towns", "unit": unit, "rows": rows}
    for key, ending in (("before", "_before"), ("after", "")):
        shares = {row["code"]: row[key] / row["whole"] for row in rows if row["whole"] > 0}
        found[f"lowest{ending}"] = min(shares, key=lambda code: shares[code]) if shares else None
        found[f"spread{ending}"] = round(max(shares.values()) - min(shares.values()), 6) if shares else None
    return found


def _years(plan: Plan, sites: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    stands = plan.covered_by_phase if plan.covered_by_phase is not None else np.array([plan.gains.sum()])
    first = int(sites["year"].min()) if len(sites) else 0
    years = range(first, first + len(stands))
    return [
        {
            "what": "year", "year": year, "sites": int((sites["year"] == year).sum()),
            "cost": round(float(sites.loc[sites["year"] == year, "cost"].sum()), 2),
            "covered": float(plan.already + value),
        }
        for year, value in zip(years, stands.tolist(), strict=True)
    ]  # fmt: skip


def _targets(parameters: SitingParameters, sites: gpd.GeoDataFrame, inputs: Inputs) -> list[dict[str, Any]]:
    """Return the year in which each target of the plans is met, sites that stand counted; None for never.

    Targets are of the whole city: a run for a part of it does not know the sites of the rest, and tells none.
    """
    indicator = INDICATORS.get(parameters.device)
    of_a_part = inputs.city is not None and inputs.prefix != inputs.city_prefix and inputs.region is not None
    if indicator is None or of_a_part:
        return []
    now, new = _standing(parameters, inputs), _counting(parameters, sites, inputs)
    by_year = new["year"].value_counts().sort_index().cumsum() + now
    begin = first_year(parameters, inputs)
    years = max(len(parameters.phases), 1)
    found = []
    for one in inputs.documents.get(TARGETS, ()):
        if one["indicator"] == indicator:
            after, wanted = now + len(new), one["at_least"]
            reached = by_year[by_year >= wanted]
            met_in = begin - 1 if now >= wanted else None if reached.empty else int(reached.index[0])
            found.append(
                {
                    "what": "target", "year": one["year"], "at_least": wanted, "now": now, "after": after,
                    "source": one["source"], "met_in": met_in,
                    "met_at_pace": met_in or _at_pace(wanted - after, len(new) / years, begin + years - 1),
                }
            )  # fmt: skip
    return found


def _at_pace(missing: float, a_year: float, last: int) -> int | None:
    """Return the year in which as many more stand as are missing after the last year of the plan."""
    if a_year <= 0 or missing / a_year > _FARTHEST_YEARS:
        return None
    return last + math.ceil(missing / a_year)


def _standing(parameters: SitingParameters, inputs: Inputs) -> int:
    """Return how many of what a target counts stand already."""
    if parameters.device is Device.POLES:
        return int((inputs.frames["poles"]["kind"] == "multi_use").sum())
    return int((inputs.frames["sites"]["technology"] == "5g").sum())


def _counting(parameters: SitingParameters, sites: gpd.GeoDataFrame, inputs: Inputs) -> pd.DataFrame:
    """Return the sites that add to what a target counts: a multi-use pole that stands does not."""
    if parameters.device is not Device.POLES:
        return sites
    poles = inputs.frames["poles"]
    several = poles["code"][poles["kind"] == "multi_use"]
    return sites[~sites["host"].isin(several)]
