"""The computation of incident hotspots: counts, what was to be expected, tests, histories, findings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.cells import parents
from geo.hotspots import (
    Category,
    background,
    benjamini_hochberg,
    borne_out,
    can_be_exact,
    cube,
    dispersion,
    edge_cells,
    excess,
    getis_ord,
    histories,
    k_rings,
    sum_p,
    two_sided,
)
from geo.hotspots.emerging import space_time_z
from geo.hotspots.findings import Hotspot, beginning, hotspots
from geo.notes import MethodNote
from layers.runs.hotspot_beside import dense_clusters, near_repeat_facts
from layers.runs.hotspot_findings import NUMBERS, by_areas, columns_of, hides, told
from layers.runs.hotspot_inputs import Events, base_by_cell, events_of, study_area
from layers.runs.hotspot_parameters import Against, Clusters, HotspotParameters, Scan
from layers.runs.hotspot_pictures import PER, Background, seen_otherwise
from layers.runs.hotspot_scan import clusters
from layers.runs.kinds import Inputs, Outcome, Progress
from layers.runs.parameters import bad

MOST_BINS = 12_000_000
#: Hotspots that a result tells one by one, and those of the grid one resolution up.
MOST_TOLD, MOST_TOLD_ABOVE = 200, 100


@dataclass(frozen=True, slots=True)
class _Level:
    """The answer at one resolution."""

    table: pd.DataFrame  # as `geo.hotspots.histories`, with n, expected and the whole period
    spread: float


def compute(parameters: HotspotParameters, inputs: Inputs, progress: Progress) -> Outcome:
    """Count by cell and step, fit what was to be expected, test each bin, and name each cell's history."""
    area = study_area(parameters, inputs)
    events = events_of(parameters, inputs)
    progress(0.2)
    own = events.frame[events.chosen]
    counts = cube(
        own["cell"].to_numpy(),
        own["local"],
        step=parameters.step,
        area=area,
        start=events.first,
        end=events.last,
    )
    if counts.size > MOST_BINS:
        raise bad("steps", parameters.steps, "fewer-cells", cells=counts.size, most=MOST_BINS)
    base = base_by_cell(parameters, inputs, events, area)
    progress(0.4)
    fine = _level(parameters, area, counts.to_numpy(), base)
    progress(0.6)
    above, above_counts, above_base = _one_up(parameters, area, counts.to_numpy(), base)
    coarse = _level(parameters, above, above_counts, above_base)
    progress(0.7)
    hidden = hides(parameters, own["class"].unique())
    happened = pd.DataFrame(own[["cell", "class", "local"]])
    above_happened = happened.assign(cell=parents(own["cell"].to_numpy(), parameters.resolution - 1))
    above_cube = pd.DataFrame(above_counts, index=above, columns=counts.columns)
    found = _hotspots(fine, counts, happened, coarser=coarse.table)
    found_above = _hotspots(coarse, above_cube, above_happened)
    beside = clusters(
        parameters, inputs, above_cube, coarse.table["expected"].to_numpy(), above_happened, hidden=hidden
    )
    beside += dense_clusters(parameters, inputs, own, hidden=hidden)
    progress(0.9)
    levels = [
        columns_of(level.table, level.table.attrs["hot"], counts.columns, hidden=hidden)
        for level in (fine, coarse)
    ]
    listed = [*found[:MOST_TOLD], *found_above[:MOST_TOLD_ABOVE]]
    facts = {"hotspots": len(found), "clusters": len(beside), **near_repeat_facts(parameters, own)}
    return Outcome(
        cells=pd.concat(levels),
        areas=by_areas(inputs, own, levels[0], hidden=hidden),
        note=_note(parameters, events, counts, fine.spread, facts),
        units={"rate": PER[parameters.against][0]},
        findings=[*(told(one, inputs, parameters, hidden=hidden) for one in listed), *beside],
    )


def _hotspots(
    level: _Level, counts: pd.DataFrame, events: pd.DataFrame, *, coarser: pd.DataFrame | None = None
) -> list[Hotspot]:
    return hotspots(level.table, level.table.attrs["hot"], counts, events, coarser=coarser)


def _level(
    parameters: HotspotParameters,
    area: NDArray[np.uint64],
    values: NDArray[np.float64],
    base: Background,
) -> _Level:
    rings = k_rings(area)
    total = values.sum(axis=1)
    exposed = base.exposed()
    if parameters.against is Against.MEAN:
        return _against_mean(parameters, area, values, exposed, rings)
    expected = background(total, base.values, rings)
    sums, around = rings @ total, rings @ expected
    spread = dispersion(sums, around)
    whole_z, whole_p = excess(sums, around, spread)
    z, p = _bins(values, expected, spread, rings)
    table = histories(area, z, p, parameters.q)
    whole = benjamini_hochberg(whole_p, parameters.q) & (whole_z > 0)
    hot = table.attrs["hot"]
    table = table.assign(n=total, expected=expected, whole_z=whole_z, whole=whole, edge=edge_cells(area))
    beside = seen_otherwise(parameters, rings, total=total, expected=expected, exposed=exposed, spread=spread)
    return _told(table, beside, hot, values, spread)


def _against_mean(
    parameters: HotspotParameters,
    area: NDArray[np.uint64],
    values: NDArray[np.float64],
    exposed: NDArray[np.float64],
    rings: Any,
) -> _Level:
    """Test bins by Gi* with neighbours in space and time; p by permutation where counts are sparse."""
    total = values.sum(axis=1)
    z, sums, sizes = space_time_z(values, rings)
    exact = can_be_exact(values.ravel(), sizes.ravel())
    p = sum_p(values.ravel(), sums.ravel(), sizes.ravel()).reshape(z.shape) if exact else two_sided(z)
    whole = getis_ord(pd.Series(total, index=area), q=parameters.q)
    table = histories(area, z, p, parameters.q)
    hot_over_all = whole["significant"] & (whole["z"] > 0)
    expected = np.full(len(area), total.mean())
    hot = table.attrs["hot"]
    table = table.assign(
        n=total, expected=expected, whole_z=whole["z"], whole=hot_over_all, edge=whole["edge"]
    )
    beside = seen_otherwise(parameters, rings, total=total, expected=expected, exposed=exposed, spread=0.0)
    return _told(table, beside, hot, values, 0.0)


def _told(
    table: pd.DataFrame,
    beside: pd.DataFrame,
    hot: NDArray[np.int8],
    values: NDArray[np.float64],
    spread: float,
) -> _Level:
    """Leave a category to those cells that have it by their own counts too; every statistic stays.

    The pictures ``beside`` are of the same cells in the same order.
    """
    table = table.join(beside.set_index(table.index))
    side = np.sign(table["category"].map(NUMBERS).to_numpy()).astype(np.int8)
    own = borne_out(
        table.index.to_numpy(), side, hot, values, expected=table["expected"].to_numpy(), spread=spread
    )
    table["category"] = table["category"].where(own, Category.NONE)
    table["whole"] = table["whole"].astype(float)
    table.attrs["hot"] = hot
    return _Level(table, spread)


def _one_up(
    parameters: HotspotParameters,
    area: NDArray[np.uint64],
    values: NDArray[np.float64],
    base: Background,
) -> tuple[NDArray[np.uint64], NDArray[np.float64], Background]:
    """Add counts and background up to the cells one resolution coarser: hotspots may depend on the grid."""
    above, member = np.unique(parents(area, parameters.resolution - 1), return_inverse=True)

    def added(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(pd.DataFrame(numbers).groupby(member.ravel()).sum().to_numpy())

    return above, added(values), replace(base, values=added(base.values))


def _bins(
    values: NDArray[np.float64], expected: NDArray[np.float64], spread: float, rings: Any
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Test each bin with its ring and the step before."""
    seen = rings @ values
    base = np.repeat((rings @ expected / values.shape[1])[:, None], values.shape[1], axis=1)
    seen[:, 1:], base[:, 1:] = seen[:, 1:] + seen[:, :-1], base[:, 1:] + base[:, :-1]
    return excess(seen, base, spread)


_METHOD_OF_MEAN = (
    "Incidents by cell and step of local time; Gi* of each bin with its ring and the step before against the "
    "mean of all bins; false discovery rate held at q by Benjamini-Hochberg over all bins; trend by "
    "Mann-Kendall; categories by the definitions of Emerging Hot Spot Analysis."
)


_SCANNED = (
    "Clusters in space and time by Kulldorff's scan over coarser cells, up to 3 km and half "
    "the steps; p by seeded Monte Carlo for the most likely one, and conservative for the others."
)


_OWN = (
    "A test is of a cell with its ring: a cell is told as hot only where, in the steps in which it is, its "
    "own count exceeds what was expected there too, and that of the place (hot cells that touch) is more "
    "than chance gives at 5 % by the same law. Cold cells likewise."
)

_OTHERWISE = (
    "Beside the categories: rates by empirical Bayes (Marshall 1991), drawn to the common rate where little "
    "is exposed; local Moran's I (Anselin 1995) of each cell's own excess, by seeded conditional "
    "permutations, at the same false discovery rate."
)

_CLUSTERED = "Dense groups of points by DBSCAN or HDBSCAN beside, whatever the grid: they are not tested."

_KNOX = (
    "Near repeats by Knox's test within 200 m and 14 days: times are shuffled over the places, by seeded "
    "Monte Carlo."
)


def _note(
    parameters: HotspotParameters,
    events: Events,
    counts: pd.DataFrame,
    spread: float,
    found: dict[str, Any],
) -> MethodNote:
    facts = {
        "counted": int(counts.to_numpy().sum()),
        **events.facts,
        "first_step": beginning(counts.columns[0]),
        "last_step": beginning(counts.columns[-1]),
        "dispersion": round(spread, 4),
        **found,
    }
    if parameters.scan is Scan.OFF and parameters.clusters is Clusters.OFF:
        del facts["clusters"]
    return MethodNote(
        method=_METHOD_OF_MEAN
        if parameters.against is Against.MEAN
        else (
            "Incidents by cell and step of local time; expected counts fitted to the background by a Poisson "
            "regression over rings of cells; each bin tested with its ring and the step before by a negative "
            "binomial law; false discovery rate held at q by Benjamini-Hochberg over all bins; trend by "
            "Mann-Kendall; categories by the definitions of Emerging Hot Spot Analysis."
        ),
        source="Benjamini and Hochberg 1995; Mann 1945, Kendall 1975; Esri, Emerging Hot Spot Analysis",
        parameters=parameters.model_dump(mode="json"),
        facts=facts,
        limits=(
            "An H3 cell is an index for analysis, no official unit.",
            f"Of the bins called hot, {parameters.q:.0%} are expected to be called so by chance (FDR).",
            "Reports on default points and recorded repeats are left out; other repeats are only counted.",
            _OWN,
            _OTHERWISE,
            "More than expected by the chosen background is not a cause.",
            "Hotspots depend on the grid: cells one resolution coarser are computed by themselves, beside.",
            "Cells on the edge of the study area have fewer neighbours: the test sees less there.",
            *(() if parameters.scan is Scan.OFF else (_SCANNED,)),
            *(() if parameters.clusters is Clusters.OFF else (_CLUSTERED,)),
            *((_KNOX,) if parameters.near_repeats else ()),
        ),
    )
