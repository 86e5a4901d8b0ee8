"""Where nobody looks: unseen cells with people, traffic or key places, joined, sized and ranked."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.cameras.samples import Samples, inside_any
from geo.cells import groups, polygons
from geo.crs import metric_crs
from geo.density import shares_in_cells
from geo.errors import BadInput

Numbers = NDArray[np.float64]

#: Parts of the exposure and their usual weights: residents, incidents, metres of road, uncovered key places.
WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"people": 0.4, "incidents": 0.2, "road_m": 0.2, "key_places": 0.2}
)
#: A cell is trafficked within so many metres of the centre line of a road.
TRAFFICKED_M = 15.0


def blind_cells(covered: pd.DataFrame, exposure: pd.DataFrame, *, most_seen: float = 0.0) -> pd.Series:
    """Tell which cells are blind.

    Parameters
    ----------
    covered : DataFrame
        Of `geo.cameras.coverage`.
    exposure : DataFrame
        Index ``cell``: ``people`` (residents spread over residential buildings), ``trafficked`` (bool),
        ``key_places`` (key places there that are not covered at their own task).
    most_seen : float
        Greatest share of a blind cell's outdoor area that may be seen.

    Returns
    -------
    Series of bool
        Populated or trafficked, with outdoor ground, seen by no working camera; or an uncovered key place.
    """
    there = exposure.reindex(covered.index)
    used = (there["people"].fillna(0) > 0) | there["trafficked"].eq(True)
    unseen = (covered["considered_m2"] > 0) & (covered["seen_1"] <= most_seen + 1e-9)
    return (used & unseen) | (there["key_places"].fillna(0) > 0)


def blind_spots(
    covered: pd.DataFrame,
    exposure: pd.DataFrame,
    *,
    weights: Mapping[str, float] = WEIGHTS,
    most_seen: float = 0.0,
    within: pd.Series | None = None,
    previous: pd.Series | None = None,
) -> gpd.GeoDataFrame:
    """Return connected blind cells as spots, the most exposed first.

    Parameters
    ----------
    covered : DataFrame
        Of `geo.cameras.coverage`, cells of one resolution.
    exposure : DataFrame
        As for `blind_cells`, with ``incidents`` and ``road_m``.
    weights : mapping
        Of the parts named in `WEIGHTS`; they are scaled to add up to one.
    within : Series, optional
        Area (a grid worker's grid) of each cell: a spot ends where another area begins, so that it can be
        assigned.
    previous : Series, optional
        Cells and spots of an earlier run; see `geo.cells.groups`.

    Returns
    -------
    GeoDataFrame
        Index ``spot`` (uint64, stays over runs), in degrees: ``geometry``, ``cells``, ``area_m2`` (outdoor
        ground not seen), the parts as amounts, ``share_<part>`` (of the same part of all spots), ``score``
        (their weighted mean; the scores of all add up to one), ``rank``. ``attrs["cells"]`` is the spot of
        each cell.

    Raises
    ------
    BadInput
        For weights that are unknown, negative or all zero.
    """
    if unknown := sorted(set(weights) - set(WEIGHTS)):
        raise BadInput(f"there is no part {', '.join(unknown)}: use {', '.join(WEIGHTS)}", parts=unknown)
    if min(weights.values()) < 0 or sum(weights.values()) <= 0:
        raise BadInput("weights are not negative, and one at least is above 0")
    blind = covered.index[blind_cells(covered, exposure, most_seen=most_seen).to_numpy()]
    spot = groups(blind.to_numpy(), previous, within)
    amounts = exposure.reindex(spot.index)[list(WEIGHTS)].fillna(0.0)
    there = covered.reindex(spot.index)
    amounts["area_m2"] = there["considered_m2"] * (1 - there["seen_1"].fillna(0.0))
    amounts["cells"] = 1
    found = amounts.groupby(spot.to_numpy()).sum()
    found.index = pd.Index(found.index.to_numpy(dtype=np.uint64), name="spot")
    total = sum(weights.values())
    score = pd.Series(0.0, index=found.index)
    for part in WEIGHTS:
        whole = found[part].sum()
        found[f"share_{part}"] = found[part] / whole if whole > 0 else 0.0
        score += found[f"share_{part}"] * (weights.get(part, 0.0) / total)
    found["score"] = score
    found["rank"] = score.rank(ascending=False, method="first").astype(np.int64)
    outlines = polygons(spot.index.to_numpy())
    shapes = outlines.groupby(spot.to_numpy()).agg(lambda cells: _joined(cells.to_numpy()))
    result = gpd.GeoDataFrame(found, geometry=gpd.GeoSeries(shapes.to_numpy(), index=found.index, crs=4326))
    result = result.sort_values("rank")
    result.attrs["cells"] = spot
    return result


def _joined(cells: NDArray[np.object_]) -> BaseGeometry:
    """Return the outline of some cells: they share their corners, so that their edges are only counted."""
    shape: BaseGeometry = shapely.coverage_union_all(cells)
    # The last digit of a corner may differ between two cells.
    return shape if shapely.is_valid(shape) else shapely.union_all(cells)


def spread_people(
    residents: pd.Series, outlines: gpd.GeoSeries, homes: gpd.GeoDataFrame, resolution: int
) -> tuple[pd.Series, float]:
    """Spread residents of areas over the residential buildings in them, by floor area.

    Parameters
    ----------
    residents : Series
        By area.
    outlines : GeoSeries of polygons
        Of the areas, same index, with a CRS.
    homes : GeoDataFrame of polygons
        Residential buildings with ``floor_area_m2`` (NaN: its footprint counts).

    Returns
    -------
    Series, float
        People by cell, and people of areas without any residential building, who are in no cell.
    """
    crs = metric_crs(gpd.GeoDataFrame(geometry=outlines)) if len(outlines) else 4548
    shapes = homes.geometry.to_crs(crs)
    size = homes["floor_area_m2"].astype(float).fillna(shapes.area).clip(lower=1.0).to_numpy()
    middle = shapely.point_on_surface(shapes.to_numpy())
    area, home = shapely.STRtree(middle).query(outlines.to_crs(crs).to_numpy(), predicate="intersects")
    _, first = np.unique(home, return_index=True)
    area, home = area[first], home[first]
    weight = np.bincount(area, size[home], minlength=len(outlines))
    people = residents.to_numpy(dtype=float)
    lives = np.zeros(len(homes))
    lives[home] = people[area] * size[home] / weight[area]
    inhabited = np.flatnonzero(lives > 0)
    spread = shares_in_cells(homes.iloc[inhabited], resolution)
    cells = pd.Series(
        lives[inhabited][spread.feature] * spread.share, index=pd.Index(spread.zone, name="cell")
    )
    return cells.groupby(level=0).sum(), float(people[weight == 0].sum())


def trafficked(points: Samples, roads: gpd.GeoDataFrame, within_m: float = TRAFFICKED_M) -> NDArray[np.bool_]:
    """Tell which cells have outdoor ground near a road; give roads of class residential and above."""
    found = np.zeros(len(points.cells), dtype=bool)
    if len(roads) and len(points.x):
        strips = roads.geometry.to_crs(points.crs).buffer(within_m, quad_segs=16).to_numpy()
        found[points.cell[inside_any(np.column_stack([points.x, points.y]), strips)]] = True
    return found
