"""Coverage along national roads, railways and rivers: covered length and the stretches without."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import metric_crs
from geo.radio import Settings, covered_lengths, gap_segments, is_covered, predict_at, stations_on
from layers.runs.kinds import Inputs
from layers.runs.radio_naming import community_of

#: Classes of roads and kinds of water that plans want covered without a break.
ROADS, WATER = ("motorway", "trunk"), ("river", "canal")
#: Stretches that are listed; the sums hold all.
MOST_LISTED = 200


def line_findings(
    inputs: Inputs,
    outline: BaseGeometry,
    sectors: gpd.GeoDataFrame,
    settings: Settings,
    common: dict[str, Any],
) -> list[dict[str, Any]]:
    """Return what is covered along lines, by kind of line, and the longest stretches without.

    Parameters
    ----------
    sectors : GeoDataFrame
        In service.
    common : dict
        Of `geo.radio.predict`: model, surface, terrain, patterns.

    Returns
    -------
    list of dict
        First ``{"what": "lines", "layer", "length_km", "covered_km"}`` of each layer with such lines, then
        ``{"what": "line_gap", "layer", "name", "ref", "place", "from_m", "to_m", "length_m", "lon", "lat",
        "line"}``, the longest first, with the middle of the stretch and the community that it lies in.
    """
    found: list[dict[str, Any]] = []
    gaps: list[dict[str, Any]] = []
    for layer, lines in _lines(inputs).items():
        inside = lines[lines.intersects(outline)]
        inside = inside.set_geometry(inside.intersection(outline))
        inside = _whole_ways(inside[shapely.length(inside.geometry.to_numpy()) > 0])
        if not len(inside):
            continue
        on = stations_on(inside)
        reached = np.zeros(len(on), dtype=bool)
        if len(sectors):
            level = predict_at(sectors, on.geometry, settings=settings, **common)
            reached = is_covered(level, settings.rsrp_threshold, settings.sinr_threshold).to_numpy()
        sums = covered_lengths(on, reached).sum()
        found.append(
            {"what": "lines", "layer": layer, **{name: round(float(sums[name]), 3) for name in sums.index}}
        )
        gaps += _told(layer, inside, gap_segments(on, reached), inputs.frames.get("communities"))
    gaps.sort(key=lambda one: -one["length_m"])
    return found + gaps[:MOST_LISTED]


def _lines(inputs: Inputs) -> dict[str, gpd.GeoDataFrame]:
    roads, water = (
        inputs.frames["roads"],
        inputs.frames.get("water", gpd.GeoDataFrame({"kind": []}, geometry=[])),
    )
    return {
        "roads": roads[roads["class"].isin(ROADS)],
        "railways": inputs.frames["railways"],
        "water": water[water["kind"].isin(WATER)],
    }


def _whole_ways(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return lines of one number or name as one: a layer cuts them at junctions, where no gap ends.

    Areas, of which the edges count, stay apart from lines.
    """
    if not len(lines):
        return lines
    texts = [lines[name] for name in ("ref", "name") if name in lines]
    known = [one.where(one.map(lambda text: _text(text) is not None)) for one in texts]
    alone = pd.Series([f"#{at}" for at in lines.index], index=lines.index)
    way = alone
    for one in reversed(known):
        way = one.where(one.notna(), way)
    areal = lines.geom_type.isin(["Polygon", "MultiPolygon"])
    # Streets that carry a number have names of their own: the way is called as most of it is.
    lines = lines.assign(way=way).loc[_most_of_it_first(lines, way)]
    way, areal = lines["way"], areal.reindex(lines.index)
    joined = lines.assign(way=way, areal=areal).dissolve(by=["way", "areal"], aggfunc="first")
    return gpd.GeoDataFrame(joined.reset_index(drop=True), crs=lines.crs)


def _most_of_it_first(lines: gpd.GeoDataFrame, way: pd.Series) -> pd.Index:
    """Return the lines in the order of how much of their way bears their name."""
    names = lines.get("name", way)
    length = lines.geometry.to_crs(metric_crs(lines)).length
    bears = length.groupby([way, names]).transform("sum")
    return bears.fillna(0.0).sort_values(ascending=False, kind="stable").index


def _told(
    layer: str,
    lines: gpd.GeoDataFrame,
    segments: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame | None,
) -> list[dict[str, Any]]:
    middle = segments.geometry.interpolate(0.5, normalized=True).to_crs(4326)
    drawn = segments.geometry.simplify(5.0).to_crs(4326)
    places = community_of(middle, communities)
    told = []
    for one, at, line_drawn, place in zip(segments.itertuples(), middle, drawn, places, strict=True):
        line = lines.loc[one.line]
        told.append(
            {
                "what": "line_gap",
                "layer": layer,
                "name": _text(line.get("name")),
                "ref": _text(line.get("ref")),
                "place": _text(place),
                "from_m": round(one.from_m),
                "to_m": round(one.to_m),
                "length_m": round(one.length_m),
                "lon": round(at.x, 6),
                "lat": round(at.y, 6),
                "line": [(round(x, 5), round(y, 5)) for x, y in shapely.get_coordinates(line_drawn).tolist()],
            }
        )
    return told


def _text(value: Any) -> str | None:
    return None if pd.isna(value) or not str(value).strip() else str(value)
