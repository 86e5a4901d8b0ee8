"""Named extents that figures refer to: built-up areas, zones, scenic and public areas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from sample_gis.boundary import county_name
from sample_gis.finishing import finished, numbered
from sample_gis.places.kinds import kind_of
from sample_gis.shapes.grouping import tidied

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from sample_gis.city import City

# (name, kind, legal basis, geometry)
Row = tuple[str, str, str, BaseGeometry]

SAMPLE_BASIS = "样例设定，无法定依据"
SCENIC_BASIS = "样例设定，无法定依据；等级亦为样例设定"
#: Grades of the invented scenic areas (GB/T 17775-2003), by how their names end.
SCENIC_GRADES = {"湿地景区": "4a", "水库生态旅游区": "4a", "景区": "3a"}
PUBLIC_AREAS = 8
AROUND_PUBLIC_M = 120.0
ZONE_GAP_M = 60.0


def make(city: City) -> None:
    """Add the layer ``extents``; the plans state no area for this county, so ``stated_area_km2`` is empty."""
    rows = pd.DataFrame(
        [*_towns(city), *_zones(city), *_scenic(city), *_public_areas(city), *_tourism_towns(city)],
        columns=["name", "kind", "legal_basis", "geometry"],
    )
    city.layers["extents"] = finished(
        city,
        {
            "code": numbered("FW", len(rows), 3),
            "name": rows["name"],
            "kind": rows["kind"],
            "as_of": city.as_of,
            "legal_basis": rows["legal_basis"],
            "stated_area_km2": np.nan,
            "scenic_grade": [
                _grade(name) if kind == "priority_scenic" else None
                for name, kind in zip(rows["name"], rows["kind"], strict=True)
            ],
        },
        [tidied(shapely.make_valid(geometry)) for geometry in rows["geometry"]],
    )


def _towns(city: City) -> list[Row]:
    towns = city.towns
    stem = county_name(city.profile.county).removesuffix("区")
    built_up = towns["built_up"].to_numpy()
    streets = (towns["kind"] == "street").to_numpy()
    first = built_up[0]
    rows: list[Row] = [
        (f"{stem}主城区", "main_urban", SAMPLE_BASIS, first),
        (f"{stem}中心城区", "central_urban", SAMPLE_BASIS, shapely.union_all(built_up[streets])),
        (f"{stem}建成区", "built_up", SAMPLE_BASIS, shapely.union_all(built_up)),
        (f"{stem}县城城区", "county_town", SAMPLE_BASIS, first),
        (f"{stem}改革发展试验区", "pilot_zone", "名称见规划；范围取全区，样例设定", city.outline),
    ]
    for name, kind, area in zip(towns["name"], towns["kind"], built_up, strict=True):
        if kind != "street":
            rows.append((f"{name}集镇", "town_seat", SAMPLE_BASIS, area))
    regions = city.layers["regions"]
    units = regions[regions["system"] == "unit_grid"]
    managed = units.groupby(units["code"].str.slice(0, 9))
    for code, name in zip(towns.index, towns["name"], strict=True):
        if code in managed.groups:
            area = shapely.union_all(managed.get_group(code).geometry.to_numpy())
            rows.append((f"{name}城市管理范围", "urban_management", "按单元网格汇总，样例设定", area))
    return rows


def _zones(city: City) -> list[Row]:
    """Return the development zone, from the factory faces of each town that has many."""
    stem = county_name(city.profile.county).removesuffix("区")
    rows: list[Row] = []
    for town, faces in city.faces[city.faces["use"] == "industry"].groupby("town", sort=True):
        if faces.area.sum() < 3e5:
            continue
        together = shapely.union_all(faces.geometry.to_numpy()).buffer(ZONE_GAP_M).buffer(-ZONE_GAP_M)
        parts = [part for part in shapely.get_parts(together) if part.area > 4e4]
        place = stem if not rows else city.towns.loc[town, "name"]
        title = "经济开发区" if not rows else "工业集中区"
        rows.append((f"{place}{title}", "development_zone", SAMPLE_BASIS, shapely.MultiPolygon(parts)))
    return rows


def _scenic(city: City) -> list[Row]:
    """Return the scenic areas: the largest park by the river, a reservoir, the hills behind it."""
    rows: list[Row] = []
    parks = _named(city.blocks[city.blocks["use"] == "park"])
    if len(parks):
        green = parks[parks["name"].str.endswith("公园")]
        largest = (green if len(green) else parks).assign(size=lambda rows: rows.area.round(1))
        largest = largest.sort_values("size", ascending=False, kind="stable").iloc[0]
        rows.append((f"{largest['name']}景区", "priority_scenic", SCENIC_BASIS, largest.geometry.buffer(30)))
    near = city.river_line.intersection(city.towns["built_up"].iloc[0].buffer(1500))
    if not near.is_empty:
        banks = near.buffer(220).intersection(city.outline)
        rows.append((f"{city.layout.river.name}湿地景区", "priority_scenic", SCENIC_BASIS, banks))
    if len(city.reservoirs):
        lake = max(city.reservoirs.geometry, key=lambda one: round(one.area, 1))
        area = lake.buffer(350).intersection(city.outline)
        rows.append(("水库生态旅游区", "priority_scenic", SCENIC_BASIS, area))
    return rows


def _grade(name: str) -> str:
    """Return the invented grade of a scenic area.

    Examples
    --------
    >>> _grade("史河湿地景区"), _grade("中心公园景区")
    ('4a', '3a')
    """
    return next(grade for end, grade in SCENIC_GRADES.items() if name.endswith(end))


def _public_areas(city: City) -> list[Row]:
    """Return the surroundings of the main public places of the first town, and of the station."""
    first = sorted(city.towns.index)[0]
    blocks = _named(city.blocks[(city.blocks["town"] == first)])
    kinds = blocks["name"].map(kind_of)
    wanted = blocks[
        kinds.isin(["hospital", "station", "park"]) | blocks["name"].str.contains("人民政府|政务|市场$")
    ]
    stem = county_name(city.profile.county).removesuffix("区")
    around = city.station.buffer(AROUND_PUBLIC_M * 1.5)
    rows: list[Row] = [(f"{stem}站周边", "key_public_area", SAMPLE_BASIS, around)]
    for block in wanted.sort_values("centrality", kind="stable").head(PUBLIC_AREAS - 1).itertuples():
        area = block.geometry.buffer(AROUND_PUBLIC_M, join_style="mitre", mitre_limit=2.0)
        rows.append((f"{block.name}周边", "key_public_area", SAMPLE_BASIS, area))
    return rows


def _tourism_towns(city: City) -> list[Row]:
    """Return the town around the largest reservoir as the key tourism town."""
    if not len(city.reservoirs):
        return []
    lake = max(city.reservoirs.geometry, key=lambda one: round(one.area, 1)).representative_point()
    around = city.towns[city.towns.geometry.contains(lake)]
    return [
        (f"{name}（重点旅游乡镇）", "tourism_town", SAMPLE_BASIS, area)
        for name, area in zip(around["name"], around.geometry, strict=True)
    ]


def _named(blocks: GeoDataFrame) -> GeoDataFrame:
    return blocks[blocks["name"].fillna("").astype(bool)]
