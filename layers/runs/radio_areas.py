"""What is covered of regions, extents, places and enterprises, with verdicts; in towns and in the country."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from geo.cells import to_regions
from layers.runs.kinds import Inputs
from layers.runs.radio_columns import AREA_COLUMNS
from layers.runs.radio_inputs import AREA_LAYERS
from layers.runs.radio_naming import with_short_names
from layers.runs.radio_priority import WHOLE

#: A place is fully covered when this share of its residents (of its area where nobody lives) is.
FULL_SHARE = 0.95
#: Layers whose features are rows because a priority class holds them.
PLACE_LAYERS = ("key_places", "legal_entities")

#: Kinds of extents that make a place urban: urban areas and the seats of towns (城区 and 镇区 of the rules on
#: urban and rural areas in statistics, 国函〔2008〕60号).
URBAN = ("main_urban", "central_urban", "built_up", "county_town", "town_seat")

#: Columns that add up over cells, those of which a group of cells has the median, and the mean.
SUMS = (
    "area_km2", "area_covered_km2", "people", "people_covered", "people_indoor", "roads_km",
    "roads_covered_km", "railways_km", "railways_covered_km",
)  # fmt: skip
MEDIANS = ("rsrp_dbm", "sinr_db")
MEANS = ("covered_probability", "indoor_probability")


def verdicts(table: pd.DataFrame) -> pd.DataFrame:
    """Add the share that is covered, of residents or of the area where nobody lives, and both verdicts.

    A verdict is 1 or 0; there is none on deep coverage where nobody lives.
    """
    lived_in = table["people"] > 0
    by_people = table["people_covered"] / table["people"].where(lived_in)
    by_area = table["area_covered_km2"] / table["area_km2"].where(table["area_km2"] > 0)
    share = by_people.where(lived_in, by_area)
    deep = table["people_indoor"] / table["people"].where(lived_in) >= FULL_SHARE
    return table.assign(
        covered_percent=100 * share,
        full=(share >= FULL_SHARE).astype(float),
        deep=deep.astype(float).where(lived_in),
    )


def by_areas(
    shown: pd.DataFrame, inputs: Inputs, members: gpd.GeoDataFrame, outline: BaseGeometry
) -> pd.DataFrame:
    """Sum up by region, extent, and place of a priority class; cells are told up to the outline."""
    weights = shown[list(SUMS)].copy()
    means = [*MEDIANS, *MEANS]
    # Means over the area inside, so that a cell counts with what lies in the area.
    for name in means:
        weights[name] = shown[name] * shown["area_km2"]
    found = []
    for layer, areas in _areas_in(inputs, members):
        sums = to_regions(weights, areas, within=outline)
        for name in means:
            sums[name] = sums[name] / sums["area_km2"].where(sums["area_km2"] > 0)
        sums = verdicts(sums)
        if layer in PLACE_LAYERS:
            # Without a hole: every part of what lies around must be reached.
            whole = sums["area_covered_km2"] >= WHOLE * sums["area_km2"]
            sums["full"] = whole.astype(float).where(sums["area_km2"] > 0)
            sums["covered_percent"] = 100 * sums["area_covered_km2"] / sums["area_km2"]
        found.append(sums.assign(layer=layer, code=areas["code"], name=areas["name"]))
    columns = ["layer", "code", "name", *(column.name for column in AREA_COLUMNS)]
    return _with_villages(pd.concat(found))[columns] if found else pd.DataFrame(columns=columns)


def _areas_in(inputs: Inputs, members: gpd.GeoDataFrame) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    prefix = inputs.prefix or inputs.city_prefix
    for layer in AREA_LAYERS:
        areas = inputs.frames.get(layer)
        if areas is None or (inputs.prefix and layer == "extents"):
            continue
        areas = with_short_names(areas[areas["code"].notna()])
        if prefix and layer != "extents":
            areas = areas[areas["code"].str.startswith(prefix)]
        if len(areas):
            yield layer, areas
    for layer in PLACE_LAYERS:
        places = members[members["layer"] == layer].drop_duplicates("code").reset_index(drop=True)
        if len(places):
            yield layer, places


def _with_villages(areas: pd.DataFrame) -> pd.DataFrame:
    """Add to regions how many villages they have and how many of these are fully covered."""
    villages = areas[areas["layer"] == "communities"]
    regions = areas["layer"].isin(AREA_LAYERS) & (areas["layer"] != "extents")
    full = (villages["full"] == 1).to_numpy()
    counted = np.full((len(areas), 2), np.nan)
    for at in np.flatnonzero(regions):
        # Codes of counties, towns and villages begin with that of what they lie in.
        inside = villages["code"].str.startswith(areas["code"].iloc[at]).to_numpy(dtype=bool)
        counted[at] = inside.sum(), (inside & full).sum()
    return areas.assign(villages=counted[:, 0], villages_full=counted[:, 1])


def urban_and_rural(cells: pd.DataFrame, inputs: Inputs, outline: BaseGeometry) -> dict[str, Any]:
    """Return the residents covered in towns and in the country, in percent, and how far they are apart.

    Nothing where no extents are loaded: then nobody knows where the towns end.
    """
    extents = inputs.frames.get("extents")
    towns = None if extents is None else extents[extents["kind"].isin(URBAN)]
    if towns is None or not len(towns):
        return {}
    urban = gpd.GeoDataFrame(geometry=[towns.union_all()], crs=4326)
    columns = ["people", "people_covered"]
    inside = to_regions(cells[columns], urban, within=outline)[columns].sum()
    outside = cells[columns].sum() - inside
    shares = [
        round(100 * float(one["people_covered"] / one["people"]), 2) if one["people"] > 0 else None
        for one in (inside, outside)
    ]
    found: dict[str, Any] = {"urban_covered_percent": shares[0], "rural_covered_percent": shares[1]}
    if shares[0] is not None and shares[1] is not None:
        found["urban_rural_gap_points"] = round(shares[0] - shares[1], 2)
    return found
