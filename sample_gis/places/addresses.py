"""Standard addresses: in towns odd and even by side, number = distance / 5 m; elsewhere by village."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from sample_gis.boundary import county_name
from sample_gis.finishing import finished, numbered
from sample_gis.places.streets import along, named_streets
from sample_gis.places.villages import villages
from sample_gis.regions.administrative import CITY_NAMES, admin_regions
from sample_gis.shapes.locating import containing, nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sample_gis.city import City

PROVINCES = {"34": "安徽省"}
STREET_AT_MOST_M = 160.0
METRES_PER_NUMBER = 5.0
METRES_PER_STAIRCASE = 18.0
STANDARD = "GB/T 30428.3、GB/T 39609（样例按其分段，版本待确认）"


def make(city: City) -> None:
    """Add the layer ``addresses``."""
    buildings = city.buildings
    middles = shapely.get_coordinates(shapely.centroid(buildings.geometry.to_numpy()))
    communities = admin_regions(city, "community")
    home = containing(communities.geometry.to_numpy(), middles)
    table = pd.DataFrame(
        {
            "row": np.arange(len(buildings)),
            "building_code": buildings["code"].to_numpy(),
            "use": buildings["use"].to_numpy(),
            "block": buildings["block"].to_numpy(),
            "x": middles[:, 0],
            "y": middles[:, 1],
            "community": home,
        }
    )[home >= 0]
    in_town = _in_towns(city, table)
    rural = _in_villages(city, table[~table["row"].isin(in_town["row"])], communities)
    rows = pd.concat(
        [_with_staircases(city, in_town).assign(in_street=True), rural.assign(in_street=False)],
        ignore_index=True,
    )
    rows = rows.sort_values(["row", "unit"], kind="stable", na_position="first").reset_index(drop=True)
    _finish(city, rows, communities)


def _in_towns(city: City, table: pd.DataFrame) -> pd.DataFrame:
    """Give every building near a named street its street and number; houses of an estate share one."""
    streets = named_streets(city)
    if streets.empty:
        empty = table[["row", "building_code", "community", "block", "x", "y"]].iloc[:0]
        return empty.assign(street="", town="", estate=False, number="", building=None, label="")
    block = table["block"].to_numpy()
    estate = np.zeros(len(table), dtype=bool)
    estate[block >= 0] = city.blocks["use"].to_numpy()[block[block >= 0]] == "estate"
    estate &= (table["use"] == "apartment").to_numpy()
    points = table[["x", "y"]].to_numpy()
    street, away = nearest(streets.geometry.to_numpy(), points)
    # One number for the whole estate: that of its side towards the nearest street.
    gates = shapely.get_coordinates(shapely.centroid(city.blocks.geometry.to_numpy()))
    gate_street, _ = nearest(streets.geometry.to_numpy(), gates)
    reference = np.where(estate[:, None], gates[np.maximum(block, 0)], points)
    street = np.where(estate, gate_street[np.maximum(block, 0)], street)
    found = table[["row", "building_code", "community", "block", "x", "y"]].assign(
        street=streets["name"].to_numpy()[street],
        town=streets["town"].to_numpy()[street],
        estate=estate,
        number=_numbers(streets.geometry.to_numpy(), street, reference),
    )
    found = found[(away <= STREET_AT_MOST_M) & ((block >= 0) | (away <= 40.0))]
    return _numbered_apart(city, found)


def _numbers(
    lines: NDArray[np.object_], street: NDArray[np.int64], points: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the number of each point: odd on the left of its street, even on the right."""
    number = np.zeros(len(points), dtype=np.int64)
    for one in np.unique(street):
        rows = np.flatnonzero(street == one)
        distance, left = along(lines[one], points[rows])
        step = np.floor(np.round(distance, 1) / (2 * METRES_PER_NUMBER)).astype(np.int64)
        number[rows] = np.where(left, 2 * step + 1, 2 * step + 2)
    return number


def _numbered_apart(city: City, found: pd.DataFrame) -> pd.DataFrame:
    """Write numbers out; two houses of one number get 附1, 附2, two blocks of an estate their building."""
    plain = found[~found["estate"]].copy()
    again = plain.groupby(["town", "street", "number"]).cumcount()
    suffix = np.where(again > 0, "附" + again.astype(str) + "号", "")
    plain["number"] = plain["number"].astype(str) + "号" + suffix
    plain["building"], plain["label"] = None, ""
    slabs = found[found["estate"]].copy()
    names = city.blocks["name"].fillna("").to_numpy()
    place = slabs.groupby(["town", "street", "number", "block"], sort=False).cumcount() + 1
    slabs["label"] = [str(names[block]) for block in slabs["block"]]
    # Estates without a name that share a number count their buildings on.
    place = place.where(
        slabs["label"] != "", slabs.groupby(["town", "street", "number"], sort=False).cumcount() + 1
    )
    slabs["number"] = slabs["number"].astype(str) + "号"
    slabs["building"] = place.astype(str) + "幢"
    return pd.concat([plain, slabs]).sort_values("row", kind="stable")


def _with_staircases(city: City, rows: pd.DataFrame) -> pd.DataFrame:
    """Add an address for each staircase of an estate's blocks, in a row along the building."""
    slabs = rows[rows["building"].notna()]
    geometry = city.buildings.geometry.to_numpy()[slabs["row"].to_numpy()]
    corners = shapely.get_coordinates(shapely.oriented_envelope(geometry)).reshape(-1, 5, 2)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 1]
    longer = np.hypot(*first.T) >= np.hypot(*second.T)
    side = np.where(longer[:, None], first, second)
    count = np.maximum(1, np.rint(np.hypot(*side.T) / METRES_PER_STAIRCASE)).astype(np.int64)
    repeated = slabs.loc[slabs.index.repeat(count)].reset_index(drop=True)
    place = repeated.groupby("row").cumcount().to_numpy()
    share = (place + 0.5) / np.repeat(count, count) - 0.5
    along_side = np.repeat(side, count, axis=0) * share[:, None]
    repeated["x"] += along_side[:, 0]
    repeated["y"] += along_side[:, 1]
    repeated["unit"] = [f"{number}单元" for number in place + 1]
    repeated["precision_class"] = "unit"
    whole = rows.assign(unit=None, precision_class=np.where(rows["building"].notna(), "building", "number"))
    return pd.concat([whole, repeated], ignore_index=True)


def _in_villages(city: City, table: pd.DataFrame, communities: pd.DataFrame) -> pd.DataFrame:
    """Give the houses of each village numbers, counted from the west."""
    known = villages(city)
    rows = table[["row", "building_code", "community", "block", "x", "y"]].copy()
    place = cKDTree(known[["x", "y"]].to_numpy()).query(rows[["x", "y"]].to_numpy())[1]
    rows["street"] = known["name"].to_numpy()[place]
    rows = rows.sort_values(["street", "community", "x", "y"], kind="stable")
    rows["number"] = (rows.groupby(["community", "street"]).cumcount() + 1).astype(str) + "号"
    town = communities["parent_code"].to_numpy()[rows["community"].to_numpy()]
    return rows.assign(building=None, unit=None, label="", town=town, precision_class="number", estate=False)


def _finish(city: City, rows: pd.DataFrame, communities: pd.DataFrame) -> None:
    county = city.profile.county
    prefix = PROVINCES[county[:2]] + CITY_NAMES[county[:4]] + county_name(county)
    community = rows["community"].to_numpy()
    # The division is the town that holds the house, whichever town its street is named in.
    town = city.towns["name"].loc[communities["parent_code"].to_numpy()[community]].to_numpy()
    short = communities["short_name"].to_numpy()[community]
    village = np.array(
        [name if name.endswith(("社区", "村")) else f"{name}村" for name in short], dtype=object
    )
    division = prefix + town + np.where(rows["in_street"], "", village)
    text = division + rows["street"] + rows["number"] + rows["label"]
    text = text + rows["building"].fillna("") + rows["unit"].fillna("")
    city.layers["addresses"] = finished(
        city,
        {
            "code": numbered("DZ", len(rows), 6),
            "full_text": text,
            "division": prefix + town + village,
            "street": rows["street"],
            "number": rows["number"],
            "building": rows["building"],
            "unit": rows["unit"],
            "building_code": rows["building_code"],
            "precision_class": rows["precision_class"],
            "coding_standard": STANDARD,
        },
        shapely.points(np.round(rows[["x", "y"]].to_numpy(), 2)),
    )
