"""What gaps are called: after the village or estate that they lie at, or the road that has none."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.crs import metric_crs

#: A gap farther than this from any named place is called after its community alone.
NEAR_M = 600.0
#: Kinds of named places that gaps lie at.
KINDS = ("village", "settlement", "estate")


def with_short_names(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return regions under their short names, where they have one: the village, not its committee."""
    if "short_name" not in frame:
        return frame
    return frame.assign(name=frame["short_name"].where(frame["short_name"].notna(), frame["name"]))


def community_of(points: gpd.GeoSeries, communities: gpd.GeoDataFrame | None) -> pd.Series:
    """Return the name of the community that holds each point; missing where none does."""
    if communities is None or not len(communities) or not len(points):
        return pd.Series(None, index=points.index, dtype=object)
    inside = gpd.GeoDataFrame(geometry=points).sjoin(
        with_short_names(communities)[["name", "geometry"]], how="left", predicate="within"
    )
    return inside["name"][~inside.index.duplicated()].reindex(points.index)


def nearest_name(points: gpd.GeoSeries, named: gpd.GeoDataFrame, texts: pd.Series) -> pd.Series:
    """Return the text of the feature that lies nearest to each point, within `NEAR_M`; missing beyond.

    Parameters
    ----------
    texts : Series of str
        Of the features, by their index; one without a text is passed over.

    Examples
    --------
    >>> places = gpd.GeoDataFrame(geometry=gpd.points_from_xy([115.9, 115.91], [31.8, 31.8]), crs=4326)
    >>> at = gpd.GeoSeries(gpd.points_from_xy([115.901, 115.95], [31.8, 31.8]), crs=4326)
    >>> nearest_name(at, places, pd.Series(["东庄", "西庄"])).fillna("—").tolist()
    ['东庄', '—']
    """
    known = named[texts.notna().to_numpy()]
    found = pd.Series(None, index=points.index, dtype=object)
    if not len(known) or not len(points):
        return found
    crs = metric_crs(gpd.GeoDataFrame(geometry=points))
    at, which = known.geometry.to_crs(crs).sindex.nearest(
        points.to_crs(crs), return_all=False, max_distance=NEAR_M
    )
    found.iloc[at] = texts.reindex(known.index).to_numpy()[which]
    return found


def gap_names(
    points: gpd.GeoSeries,
    lived_in: np.ndarray[tuple[int], np.dtype[np.bool_]],
    communities: gpd.GeoDataFrame | None,
    places: gpd.GeoDataFrame | None,
    ways: gpd.GeoDataFrame,
) -> pd.Series:
    """Return what gaps are called.

    Parameters
    ----------
    points : GeoSeries
        The busiest place of each.
    lived_in : ndarray of bool
        Whether anybody lives in each.
    communities, places : GeoDataFrame, optional
        ``name``, of places ``kind``.
    ways : GeoDataFrame
        Main roads and railways, with ``ref`` and ``name``.
    """
    within = community_of(points, communities).fillna("")
    own = pd.Series(None, index=points.index, dtype=object)
    if places is not None:
        settled = places[places["kind"].isin(KINDS)]
        own = nearest_name(points, settled, settled["name"])
    roads = nearest_name(points, ways, ways["ref"].where(ways["ref"].notna(), ways["name"]))
    told = own.where(lived_in, roads).fillna("")
    both = (within != "") & (told != "") & (within != told)
    return (within + np.where(both, " · ", "") + told.where(told != within, "")).astype(object)
