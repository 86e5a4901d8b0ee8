"""How far poles are shared, as the city is and with a plan: roads, places, devices, what could merge."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geo.siting import has_near, length_near, mergeable
from layers.city import CARD
from layers.runs.cameras.scene import STREETS
from layers.runs.kinds import Inputs, Wanted

#: A multi-use pole within this serves a road or a place (plan row B041).
WITHIN_M = 50.0
#: Poles no farther from each other than this could be one.
MERGE_M = 15.0
#: A road that opened in the years of one plan is new.
NEW_YEARS = 5
#: Extents in which new roads count.
MAIN_URBAN = ("main_urban",)
#: Key places that are public.
PUBLIC_CLASSES = ("public_area", "municipal_place")
#: Groups of poles that are listed.
MOST_LISTED = 50
#: Devices by layer, and the field that names what carries them.
CARRIED = {"cameras": "pole_code", "sensors": "carrier_code", "base_stations": "host_code"}


def sharing_layers() -> list[Wanted]:
    """Return the layers that tell how far poles are shared, beside those of the models."""
    return [
        *(Wanted(layer, (field,), f"carried_{layer}") for layer, field in CARRIED.items()),
        Wanted("roads", ("class", "opened_on"), "opened_roads"),
        Wanted("green_and_public_space", ("public_space",), "public_spaces"),
    ]


def sharing(
    sites: gpd.GeoDataFrame, added: Mapping[str, list[str]], moved: Mapping[int, str], inputs: Inputs
) -> dict[str, Any]:
    """Return the finding ``sharing``.

    Parameters
    ----------
    sites : GeoDataFrame
        Poles of the plan, in degrees.
    added : mapping of str to list of str
        By layer, the carrier of each device that the plan adds.
    moved : mapping of int to str
        Rows of ``carried_sensors`` and the pole that each would hang on.
    """
    poles = inputs.frames["poles"]
    several = poles[(poles["kind"] == "multi_use").to_numpy(dtype=bool)]
    then = gpd.GeoDataFrame(
        pd.concat([several[["geometry"]], sites[["geometry"]]], ignore_index=True), crs=4326
    )
    since = _since(inputs)
    roads = _new_roads(inputs, since)
    places = _public_places(inputs)
    groups = mergeable(poles, MERGE_M)
    lengths = [length_near(roads, one, WITHIN_M) for one in (several, then)]
    return {
        "what": "sharing",
        "within_m": WITHIN_M,
        "new_since": since.isoformat(),
        "new_roads": {
            "km": round(float(lengths[0]["length_m"].sum()) / 1000, 3),
            "with_km_before": round(float(lengths[0]["near_m"].sum()) / 1000, 3),
            "with_km_after": round(float(lengths[1]["near_m"].sum()) / 1000, 3),
        },
        "public_places": {
            "count": len(places),
            "with_before": int(has_near(places, several, WITHIN_M).sum()),
            "with_after": int(has_near(places, then, WITHIN_M).sum()),
        },
        "mergeable": _merging(poles, groups),
        "devices": _devices(added, moved, inputs),
    }


def _since(inputs: Inputs) -> date:
    as_of = inputs.documents.get(CARD, {}).get("as_of")
    now = date.fromisoformat(as_of) if as_of else datetime.now(UTC).date()
    return date(now.year - NEW_YEARS + 1, 1, 1)


def _new_roads(inputs: Inputs, since: date) -> gpd.GeoDataFrame:
    """Return the parts of new streets inside the main urban area."""
    roads, extents = inputs.frames["opened_roads"], inputs.frames.get("extents")
    opened = pd.to_datetime(roads["opened_on"], errors="coerce").to_numpy() >= pd.Timestamp(since)
    new = roads[opened & roads["class"].isin(STREETS).to_numpy(dtype=bool)]
    if extents is None or not len(new):
        return new.iloc[:0]
    urban = shapely.union_all(
        extents.geometry[extents["kind"].isin(MAIN_URBAN).to_numpy(dtype=bool)].to_numpy()
    )
    inner = new.set_geometry(new.geometry.intersection(urban))
    return inner[(shapely.get_dimensions(inner.geometry.to_numpy()) == 1) & ~inner.geometry.is_empty]


def _public_places(inputs: Inputs) -> gpd.GeoDataFrame:
    spaces, grounds = inputs.frames["public_spaces"], inputs.frames["grounds"]
    public = spaces["public_space"].map(lambda value: value is True).to_numpy(dtype=bool)
    known = grounds["class"].isin(PUBLIC_CLASSES).to_numpy(dtype=bool)
    both = pd.concat([spaces.loc[public, ["geometry"]], grounds.loc[known, ["geometry"]]], ignore_index=True)
    return gpd.GeoDataFrame(both, geometry="geometry", crs=4326)


def _merging(poles: gpd.GeoDataFrame, groups: pd.Series) -> dict[str, Any]:
    some = poles.assign(group=groups)[(groups >= 0).to_numpy()]
    listed = []
    for _, group in list(some.groupby("group"))[:MOST_LISTED]:
        middle = shapely.union_all(group.geometry.to_numpy()).centroid
        codes = [str(one) for one in group["code"].dropna()]
        listed.append({"codes": codes, "lon": round(middle.x, 6), "lat": round(middle.y, 6)})
    count = int(some["group"].nunique())
    return {
        "within_m": MERGE_M, "groups": count, "poles": len(some), "spare": len(some) - count, "list": listed
    }  # fmt: skip


def _devices(added: Mapping[str, list[str]], moved: Mapping[int, str], inputs: Inputs) -> dict[str, Any]:
    """Return how many devices have a carrier, and how many one that carries more than them."""
    before, after = [], []
    for layer, field in CARRIED.items():
        carriers = inputs.frames[f"carried_{layer}"][field].reset_index(drop=True)
        table = pd.DataFrame({"layer": layer, "carrier": carriers})
        before.append(table)
        if layer == "sensors" and moved:
            table = table.copy()
            table.loc[list(moved), "carrier"] = list(moved.values())
        after += [table, pd.DataFrame({"layer": layer, "carrier": added.get(layer, [])})]
    tables = [pd.concat(several, ignore_index=True) for several in (before, after)]
    for one in tables:
        one["shared"] = one["carrier"].map(one["carrier"].dropna().value_counts()).fillna(0) >= 2

    def told(tables: list[pd.DataFrame]) -> dict[str, int]:
        now, then = tables
        return {
            "count_before": len(now), "count_after": len(then),
            "carried_before": int(now["carrier"].notna().sum()),
            "carried_after": int(then["carrier"].notna().sum()),
            "shared_before": int(now["shared"].sum()), "shared_after": int(then["shared"].sum()),
        }  # fmt: skip

    by_layer = {layer: told([one[one["layer"] == layer] for one in tables]) for layer in CARRIED}
    return {**told(tables), "by_layer": by_layer}
