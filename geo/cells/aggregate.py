"""Values of cells to coarser cells and to regions, without losing or inventing any."""

from __future__ import annotations

from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.cells.indexing import as_cells, check_resolution, parents
from geo.cells.shapes import polygons
from geo.crs import metric_crs
from geo.cutting import parts_inside
from geo.errors import BadInput

Rule = Literal["sum", "min", "max", "mean"]


def rollup(frame: pd.DataFrame, resolution: int, rules: dict[str, Rule] | None = None) -> pd.DataFrame:
    """Aggregate values of cells to their ancestors at a coarser resolution.

    Parameters
    ----------
    frame : DataFrame
        Index: cells of any finer resolution. Numeric columns.
    resolution : int
        Of the result.
    rules : dict, optional
        How each column is aggregated; ``sum`` where it is left out.

    Returns
    -------
    DataFrame
        Index ``cell`` (uint64, ascending), the same columns.

    Raises
    ------
    BadInput
        Where a cell is coarser than the resolution, a rule is unknown or names no column.

    Notes
    -----
    Counts may be rolled up by cell id: each child has one parent. Areas may not: the seven children do not
    tile their parent, so that a column of areas must be computed anew from the parents' own area.

    Examples
    --------
    >>> from geo.cells.indexing import index
    >>> fine = pd.DataFrame({"n": [2, 3]}, index=index([115.88, 115.8801], [31.74, 31.74], 11))
    >>> int(rollup(fine, 7)["n"].sum())
    5
    """
    check_resolution(resolution)
    rules = rules or {}
    if lost := sorted(set(rules) - set(frame.columns)):
        raise BadInput(f"there are no columns {', '.join(lost)} to roll up", columns=lost)
    chosen = {column: rules.get(column, "sum") for column in frame.columns}
    if wrong := sorted({rule for rule in chosen.values() if rule not in ("sum", "min", "max", "mean")}):
        raise BadInput(f"unknown rule {', '.join(wrong)}: use sum, min, max or mean", rules=wrong)
    parent = pd.Index(parents(frame.index.to_numpy(), resolution), name="cell")
    if not chosen:
        return pd.DataFrame(index=parent.unique().sort_values())
    return frame.groupby(parent, sort=True).agg(chosen)


def to_regions(
    values: pd.DataFrame, regions: gpd.GeoDataFrame, *, within: BaseGeometry | None = None
) -> pd.DataFrame:
    """Transfer sums of cells to regions in proportion to the area that each cell has in each region.

    Parameters
    ----------
    values : DataFrame
        Index: cells of one resolution. Numeric columns that may be added up (counts, people).
    regions : GeoDataFrame
        Polygons with a CRS; they may overlap, and need not tile anything.
    within : polygon, optional
        In degrees (EPSG:4326): values are of the part of each cell in there, and lie nowhere else. Without it
        they are of whole cells, and what was counted up to a boundary would be cut there a second time.

    Returns
    -------
    DataFrame
        Index of the regions; the columns of ``values`` and ``covered_share``, the share of the region's area
        that lies under the given cells. ``attrs["outside"]`` holds what lies in no region, by column, and is
        meaningful where the regions do not overlap: their sums and it add up to the whole.

    Raises
    ------
    BadInput
        Where the regions have no CRS, a value is no number, or a cell occurs twice.

    Notes
    -----
    Areal weighting (Goodchild and Lam 1980) on planar areas in the 3-degree zone of the regions. It assumes
    that a value is spread evenly over its cell.

    Examples
    --------
    >>> from geo.cells.covering import cover
    >>> box = shapely.box(115.88, 31.74, 115.92, 31.76)
    >>> cells = pd.DataFrame({"n": 1.0}, index=cover(box.buffer(0.02), 9))
    >>> halves = gpd.GeoDataFrame(geometry=[shapely.box(115.88, 31.74, 115.9, 31.76), box], crs=4326)
    >>> found = to_regions(cells, halves)["n"]
    >>> bool(abs(found[1] / found[0] - 2) < 0.01)
    True
    """
    cells = as_cells(values.index.to_numpy())
    if len(np.unique(cells)) != len(cells):
        raise BadInput("a cell occurs twice: add its values up first")
    if regions.crs is None:
        raise BadInput("the regions have no CRS")
    numbers = values.to_numpy(dtype=float)
    if not np.isfinite(numbers).all():
        raise BadInput("values of cells must be numbers: leave a cell without one out")
    metric = metric_crs(regions)
    areas = regions.geometry.to_crs(metric)
    shapes = polygons(cells).to_crs(metric).to_numpy()
    if within is not None:
        shapes = parts_inside(shapes, gpd.GeoSeries([within], crs=4326).to_crs(metric).iloc[0])
    cell_area = shapely.area(shapes)
    region_at, cell_at = shapely.STRtree(shapes).query(areas.to_numpy(), predicate="intersects")
    part = shapely.area(shapely.intersection(areas.to_numpy()[region_at], shapes[cell_at]))
    share = part / cell_area[cell_at]
    sums = np.zeros((len(regions), numbers.shape[1]))
    np.add.at(sums, region_at, numbers[cell_at] * share[:, None])
    result = pd.DataFrame(sums, index=regions.index, columns=values.columns)
    region_area = areas.area.to_numpy()
    covered = np.bincount(region_at, weights=part, minlength=len(regions))
    result["covered_share"] = np.divide(
        covered, region_area, out=np.zeros(len(regions)), where=region_area > 0
    )
    inside = np.bincount(cell_at, weights=share, minlength=len(cells))
    outside = (numbers * np.clip(1 - inside, 0, None)[:, None]).sum(axis=0)
    result.attrs["outside"] = dict(zip(values.columns, outside.tolist(), strict=True))
    return result
