"""Place names with aliases, pinyin and initials: divisions, villages, streets, estates, water."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from sample_gis.boundary import county_name
from sample_gis.finishing import SYNTHETIC, finished, numbered
from sample_gis.places.kinds import kind_of
from sample_gis.places.pinyin import initials, pinyin
from sample_gis.places.streets import named_streets
from sample_gis.places.villages import villages
from sample_gis.regions.administrative import SYNTHETIC_OUTLINE, admin_regions

if TYPE_CHECKING:
    from sample_gis.city import City

# (kind, name, aliases, geometry, whether the name is real)
Row = tuple[str, str, list[str], BaseGeometry, bool]
_REAL_NAME = "名称真实；走向与位置为样例合成 / real name, synthetic course"
# The smallest villages are left to the addresses.
HOUSES_AT_LEAST = 5


def make(city: City) -> None:
    """Add the layer ``place_names``."""
    rows = [
        *_divisions(city),
        *_villages(city),
        *_streets(city),
        *_blocks(city),
        *_schools(city),
        *_water_and_station(city),
    ]
    table = pd.DataFrame(rows, columns=["kind", "name", "aliases", "geometry", "real"])
    city.layers["place_names"] = finished(
        city,
        {
            "code": numbered("DM", len(table)),
            "name": table["name"],
            "aliases": ["；".join(aliases) or None for aliases in table["aliases"]],
            "pinyin": table["name"].map(pinyin),
            "initials": table["name"].map(initials).str.slice(0, 60),
            "kind": table["kind"],
            "source": [_source(kind, real) for kind, real in zip(table["kind"], table["real"], strict=True)],
        },
        table["geometry"].to_numpy(),
    )


def _source(kind: str, real: bool) -> str:
    """Return where a name is from: a list of divisions, a real name given a synthetic course, or invented."""
    if not real:
        return SYNTHETIC
    return SYNTHETIC_OUTLINE if kind == "division" else _REAL_NAME


def _divisions(city: City) -> list[Row]:
    rows: list[Row] = []
    for level in ("town", "community"):
        for region in admin_regions(city, level).itertuples():
            aliases = [name for name in (region.short_name,) if name != region.name]
            point = shapely.point_on_surface(region.geometry)
            rows.append(("division", region.name, aliases, point, True))
    name = county_name(city.profile.county)
    main = city.towns.loc[sorted(city.towns.index)[0], "seat"]
    return [("division", name, [name.removesuffix("区")], main, True), *rows]


def _villages(city: City) -> list[Row]:
    known = villages(city)
    known = known[known["houses"] >= HOUSES_AT_LEAST]
    community = city.communities["short_name"].loc[known["community"]].to_numpy()
    return [
        ("village", name, [f"{where}{name}"], shapely.Point(x, y), False)
        for name, where, x, y in zip(known["name"], community, known["x"], known["y"], strict=True)
    ]


def _streets(city: City) -> list[Row]:
    streets = named_streets(city)
    town = city.towns["name"].loc[streets["town"]].to_numpy()
    rows: list[Row] = [
        ("road", name, [f"{where}{name}"], line, False)
        for name, where, line in zip(streets["name"], town, streets.geometry, strict=True)
    ]
    for ref, edges in city.roads[city.roads["ref"].fillna("") != ""].groupby("ref", sort=True):
        title = {"G": "国道", "S": "省道", "X": "县道"}[ref[0]]
        line = shapely.line_merge(shapely.multilinestrings(list(edges.geometry)))
        rows.append(("road", ref, [f"{ref[1:]}{title}", f"{title}{ref[1:]}"], line, True))
    for railway in city.railways.itertuples():
        rows.append(("road", railway.name, [], railway.geometry, True))
    return rows


def _blocks(city: City) -> list[Row]:
    """Return what blocks and buildings are called: estates, offices, hospitals, markets, parks, firms."""
    rows: list[Row] = []
    blocks = city.blocks[city.blocks["name"].fillna("").astype(bool) & (city.blocks["use"] != "school")]
    for block in blocks.itertuples():
        kind = "estate" if block.use == "estate" else kind_of(block.name)
        rows.append((kind, block.name, [], block.geometry, False))
    taken = {row[1] for row in rows}
    buildings = city.buildings[city.buildings["name"].fillna("").astype(bool)]
    # 1号楼, 2号楼 of an estate are addresses, not places of their own.
    own = ~buildings["name"].isin(taken) & ~buildings["name"].str.endswith("号楼")
    named = buildings[own & (buildings["use"] != "school")]
    for building in named.drop_duplicates("name").itertuples():
        rows.append((kind_of(building.name), building.name, [], building.geometry, False))
    return rows


def _schools(city: City) -> list[Row]:
    sites = city.school_sites
    return [
        ("school", name, [], geometry, False)
        for name, geometry in zip(sites["name"], sites.geometry, strict=True)
        if name
    ]


def _water_and_station(city: City) -> list[Row]:
    stem = county_name(city.profile.county).removesuffix("区")
    rows: list[Row] = [
        ("river", city.layout.river.name, [], city.river_line, True),
        ("river", city.layout.canal.name, ["总干渠"], city.canal, True),
        ("station", f"{stem}站", [f"{stem}火车站"], city.station, False),
    ]
    reservoirs = city.reservoirs
    names = reservoirs["name"] if "name" in reservoirs else [""] * len(reservoirs)
    rows += [
        ("lake", name, [], geometry, False)
        for name, geometry in zip(names, reservoirs.geometry, strict=True)
        if name
    ]
    return rows
