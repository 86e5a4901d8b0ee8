"""What plans want covered first, class by class: areas, key places and enterprises, each without a hole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.cells import to_regions
from geo.crs import metric_crs
from layers.definitions.words import Words
from layers.runs.kinds import Inputs

#: A place has no hole where this share of its area is covered: the rest is rounding at the rim.
WHOLE = 0.999
#: Places with a hole that are listed of each class; the sums hold all.
MOST_LISTED = 100
#: Sums of cells that the classes tell.
_SUMS = ["area_km2", "area_covered_km2", "people", "people_covered"]
_MEMBER = ["class", "layer", "code", "name", "spot"]


@dataclass(frozen=True)
class PriorityClass:
    """One class of places.

    Attributes
    ----------
    extents : tuple of str
        Kinds of named extents that belong to it.
    grades : tuple of str
        Grades of scenic areas that do; one of unknown grade does, too.
    places : tuple of str
        Classes of key places that do.
    instead : tuple of str
        Classes of key places that stand in where no extent of the kinds is loaded.
    industries : tuple of str
        Beginnings of industry codes (GB/T 4754-2017) of the legal entities that do.
    scales : tuple of str
        Of these entities; enterprises of any industry where no industry is named.
    around_m : float
        How far around a place or an entity must be covered.
    """

    code: str
    title: Words
    extents: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    scales: tuple[str, ...] = ()
    around_m: float = 100.0


CLASSES = (
    PriorityClass(
        "built_up",
        Words(zh="主城区、建成区", en="Main urban and built-up areas"),
        extents=("main_urban", "central_urban", "built_up", "county_town"),
    ),
    PriorityClass("town_seat", Words(zh="集镇", en="Town seats"), extents=("town_seat",)),
    PriorityClass(
        "development_zone",
        Words(zh="开发园区", en="Development zones"),
        extents=("development_zone",),
        instead=("industrial_park",),
    ),
    PriorityClass(
        "tourism_town", Words(zh="重点旅游乡镇", en="Key tourism towns"), extents=("tourism_town",)
    ),
    PriorityClass("pilot_zone", Words(zh="实验区", en="Pilot zones"), extents=("pilot_zone",)),
    PriorityClass(
        "scenic",
        Words(zh="4A 级以上景区", en="Scenic areas of 4A and above"),
        extents=("priority_scenic",),
        grades=("4a", "5a"),
        instead=("scenic_spot",),
    ),
    PriorityClass(
        "hot_area",
        Words(zh="热点区域", en="Hot areas"),
        extents=("key_public_area",),
        places=("crowded_place",),
        instead=("public_area",),
    ),
    PriorityClass(
        "transport_hub", Words(zh="交通枢纽", en="Transport hubs"), places=("transport_hub",), around_m=500.0
    ),
    PriorityClass(
        "logistics",
        Words(zh="物流基地", en="Logistics bases"),
        industries=("543", "58", "59"),
        scales=("large", "medium", "small"),
        around_m=500.0,
    ),
    PriorityClass("enterprise", Words(zh="重点企业", en="Key enterprises"), scales=("large", "medium")),
)

LIMIT = (
    "Priority classes: extents by their kind, of scenic areas those of grade 4A or 5A or of none on record; "
    "transport hubs and logistics bases (freight and storage of at least small scale) with 500 m around; "
    "crowded places and key enterprises (those of large or medium scale, where no list of them is loaded) "
    "with 100 m around. The distances, but for the hubs', and both rules are ours. A place has no hole where "
    "its whole area is covered; a run of one region tells the part that lies in it."
)


def priority_members(inputs: Inputs) -> gpd.GeoDataFrame:
    """Return the places of all classes: ``class``, ``layer``, ``code``, ``name``, shape, ``spot``.

    A place that belongs to two classes comes twice. Of a run of one region there are those that meet it: only
    their cells in the region are predicted, and there lies ``spot``, a point to go to.
    """
    found = [part for one in CLASSES for part in _members(one, inputs)]
    if not found:
        return gpd.GeoDataFrame({name: [] for name in _MEMBER}, geometry=[], crs=4326)
    members = gpd.GeoDataFrame(pd.concat(found, ignore_index=True), crs=4326)
    inside = members.geometry if inputs.region is None else members.intersection(inputs.region)
    return members.assign(spot=shapely.point_on_surface(inside.to_numpy()))


def _read(inputs: Inputs, layer: str) -> gpd.GeoDataFrame:
    """Return a layer as it was read, of a run of one region what meets it."""
    fields = ("code", "name", "kind", "class", "entity_kind", "scale", "industry_code")
    empty = gpd.GeoDataFrame({name: [] for name in fields}, geometry=[], crs=4326)
    frame = inputs.frames.get(layer, empty)
    return frame if inputs.region is None else frame[frame.intersects(inputs.region)]


def _members(one: PriorityClass, inputs: Inputs) -> list[gpd.GeoDataFrame]:
    extents, places, entities = (_read(inputs, name) for name in ("extents", "key_places", "legal_entities"))
    areas = extents[extents["kind"].isin(one.extents)]
    loaded = inputs.frames.get("extents", extents)["kind"].isin(one.extents).any()
    classes = one.places if loaded else (*one.places, *one.instead)
    if one.grades and len(areas):
        areas = areas[areas["scenic_grade"].isna() | areas["scenic_grade"].isin(one.grades)]
    firms = entities["scale"].isin(one.scales)
    if one.industries:
        firms &= entities["industry_code"].fillna("").astype(str).str.startswith(one.industries)
    else:
        firms &= entities["entity_kind"] == "enterprise"
    parts = {
        "extents": areas,
        "key_places": _around(places[places["class"].isin(classes)], one.around_m),
        "legal_entities": _around(entities[firms], one.around_m),
    }
    return [
        part[["code", "name", "geometry"]].assign(**{"class": one.code, "layer": layer})
        for layer, whole in parts.items()
        for part in [whole[whole["code"].notna()]]
        if len(part)
    ]


def _around(places: gpd.GeoDataFrame, metres: float) -> gpd.GeoDataFrame:
    """Return places with what lies around them."""
    if not len(places):
        return places
    flat = places.to_crs(metric_crs(places))
    return flat.set_geometry(flat.buffer(metres)).to_crs(4326)


def priority_findings(
    cells: pd.DataFrame, members: gpd.GeoDataFrame, outline: BaseGeometry
) -> list[dict[str, Any]]:
    """Return what is covered of each class that has places, and its places with a hole.

    Parameters
    ----------
    cells : DataFrame
        Of one resolution, with ``area_km2``, ``people`` and what is covered of both.
    members : GeoDataFrame
        Of `priority_members`.
    outline : polygon
        In degrees: up to there cells are told.

    Returns
    -------
    list of dict
        ``{"what": "priority", "class", "title", "places", "whole", …, "holes"}`` in the order of `CLASSES`;
        areas and people count once where places of a class overlap; ``holes`` have ``layer``, ``code``,
        ``name``, ``share``, ``lon`` and ``lat`` (its spot), the least covered first.
    """
    found = []
    for one in CLASSES:
        own = members[members["class"] == one.code].reset_index(drop=True)
        if not len(own):
            continue
        sums = to_regions(cells[_SUMS], own, within=outline)
        # One without any cell lies beyond the city: nothing is known of it.
        own, sums = own[sums["area_km2"] > 0], sums[sums["area_km2"] > 0]
        if not len(own):
            continue
        share = sums["area_covered_km2"] / sums["area_km2"]
        union = gpd.GeoDataFrame(geometry=[shapely.union_all(own.geometry.to_numpy())], crs=own.crs)
        together = to_regions(cells[_SUMS], union, within=outline).iloc[0]
        holes = own.assign(share=share)[share < WHOLE].sort_values(["share", "code"])
        found.append(
            {
                "what": "priority",
                "class": one.code,
                "title": one.title.model_dump(),
                "places": len(own),
                "whole": int((share >= WHOLE).sum()),
                **{name: round(float(together[name]), 3) for name in _SUMS},
                "holes": [_hole(row) for row in holes.head(MOST_LISTED).itertuples()],
            }
        )
    return found


def _hole(row: Any) -> dict[str, Any]:
    at = row.spot
    return {
        "layer": row.layer,
        "code": row.code,
        "name": row.name,
        "share": round(float(row.share), 4),
        "lon": round(at.x, 6),
        "lat": round(at.y, 6),
    }
