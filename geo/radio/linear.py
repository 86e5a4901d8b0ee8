"""Coverage along lines: stations on roads, railways and rivers, covered length, and the stretches without."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike

from geo.crs import metric_crs
from geo.errors import BadInput
from geo.notes import MethodNote

#: Metres between two stations, and the shortest stretch that is a gap.
STEP_M, LEAST_GAP_M = 25.0, 100.0


def stations_on(lines: gpd.GeoDataFrame, *, step_m: float = STEP_M) -> gpd.GeoDataFrame:
    """Return the stations of lines: middles of equal pieces of at most a step.

    Parameters
    ----------
    lines : GeoDataFrame
        Lines or polygons (of which the edges count) with a CRS.
    step_m : float
        Metres on the ground, as the metric CRS of the lines has them.

    Returns
    -------
    GeoDataFrame
        Points in a metric CRS, part by part and along each: ``line``, the index of its line; ``part``, its
        number in the line; ``at_m`` from the beginning of the part; ``length_m`` of its piece.

    Raises
    ------
    BadInput
        For lines without a CRS, points among them, or a step that is not positive.

    Examples
    --------
    >>> way = gpd.GeoDataFrame(geometry=[shapely.LineString([(5e5, 0), (5e5 + 100, 0)])], crs=4548)
    >>> stations_on(way, step_m=40)[["at_m", "length_m"]].round(1).values.tolist()
    [[16.7, 33.3], [50.0, 33.3], [83.3, 33.3]]
    """
    if lines.crs is None:
        raise BadInput("the lines have no CRS")
    if step_m <= 0:
        raise BadInput(f"stations cannot stand {step_m} m apart", step_m=step_m)
    if lines.geom_type.isin(["Point", "MultiPoint"]).any():
        raise BadInput("points have no length to cover")
    crs = metric_crs(lines) if len(lines) else lines.crs
    shapes = lines.geometry.to_crs(crs).to_numpy()
    area = np.isin(shapely.get_type_id(shapes), (3, 6))
    edges = np.where(area, shapely.boundary(shapes), shapes)
    parts, of = shapely.get_parts(shapely.line_merge(edges), return_index=True)
    length = shapely.length(parts)
    pieces = np.maximum(np.ceil(length / step_m - 1e-9), 1).astype(int)
    part = np.repeat(np.arange(len(parts)), pieces)
    begin = np.cumsum(pieces) - pieces
    piece = (length / pieces)[part]
    at = (np.arange(len(part)) - begin[part] + 0.5) * piece
    first = np.searchsorted(of, of)
    return gpd.GeoDataFrame(
        {
            "line": lines.index.take(of[part]),
            "part": (np.arange(len(parts)) - first)[part],
            "at_m": at,
            "length_m": piece,
        },
        geometry=shapely.line_interpolate_point(parts[part], at),
        crs=crs,
    )


def covered_lengths(stations: gpd.GeoDataFrame, covered: ArrayLike) -> pd.DataFrame:
    """Return covered length by line.

    Parameters
    ----------
    stations : GeoDataFrame
        Of `stations_on`.
    covered : array_like of bool
        Of each station.

    Returns
    -------
    DataFrame
        Index ``line``: ``length_km`` and ``covered_km``; ``attrs["note"]`` is the MethodNote.

    Examples
    --------
    >>> way = gpd.GeoDataFrame(geometry=[shapely.LineString([(5e5, 0), (5e5 + 1000, 0)])], crs=4548)
    >>> on = stations_on(way)
    >>> covered_lengths(on, on["at_m"] < 250).iloc[0].round(3).tolist()
    [1.0, 0.25]
    """
    reached = _reached(stations, covered)
    length = stations["length_m"].to_numpy() / 1000
    found = pd.DataFrame({"line": stations["line"], "length_km": length, "covered_km": length * reached})
    result = found.groupby("line", sort=False).sum()
    result.attrs["note"] = MethodNote(
        method="A line counts by the length of its pieces; each piece has the level of its middle.",
        parameters={"step_m": float(stations["length_m"].max()) if len(stations) else STEP_M},
        limits=("Of areas (rivers with two banks) both edges count.",),
    )
    return result


def gap_segments(
    stations: gpd.GeoDataFrame, covered: ArrayLike, *, least_m: float = LEAST_GAP_M
) -> gpd.GeoDataFrame:
    """Return the stretches of lines that are not covered, the longest first.

    Parameters
    ----------
    least_m : float
        Shorter stretches are left out.

    Returns
    -------
    GeoDataFrame
        Lines through the stations, in the CRS of the stations: ``line``, ``part``, ``from_m``, ``to_m`` and
        ``length_m`` along the part.

    Examples
    --------
    >>> way = gpd.GeoDataFrame(geometry=[shapely.LineString([(5e5, 0), (5e5 + 1000, 0)])], crs=4548)
    >>> on = stations_on(way)
    >>> gap_segments(on, on["at_m"] < 250)[["from_m", "to_m"]].values.tolist()
    [[250.0, 1000.0]]
    """
    reached = _reached(stations, covered)
    line = pd.factorize(stations["line"])[0]
    part, at = stations["part"].to_numpy(), stations["at_m"].to_numpy()
    new = np.ones(len(stations), dtype=bool)
    new[1:] = (np.diff(line) != 0) | (np.diff(part) != 0) | (np.diff(reached.astype(int)) != 0)
    starts = np.flatnonzero(new)
    ends = np.append(starts, len(stations))[1:]
    half = stations["length_m"].to_numpy() / 2
    xy = shapely.get_coordinates(stations.geometry.to_numpy())
    rows, shapes = [], []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        begins, stops = at[start] - half[start], at[end - 1] + half[end - 1]
        if reached[start] or stops - begins < least_m - 1e-6:
            continue
        rows.append((stations["line"].iloc[start], int(part[start]), begins, stops, stops - begins))
        points = xy[start:end] if end - start > 1 else np.repeat(xy[start:end], 2, axis=0)
        shapes.append(shapely.LineString(points))
    columns = ["line", "part", "from_m", "to_m", "length_m"]
    found = gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry=shapes, crs=stations.crs)
    return found.sort_values("length_m", ascending=False, kind="stable").reset_index(drop=True)


def _reached(stations: gpd.GeoDataFrame, covered: ArrayLike) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    reached = np.asarray(covered, dtype=bool)
    if len(reached) != len(stations):
        raise BadInput(f"{len(stations)} stations and {len(reached)} values are not of one length")
    return reached
