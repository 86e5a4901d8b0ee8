"""Shelters: squares and parks, sports grounds of schools, civil-defence basements of tall buildings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from sample_gis.finishing import finished, numbered
from sample_gis.shapes.locating import nearest

if TYPE_CHECKING:
    from typing import Any

    from sample_gis.city import City

SCHOOLS = 14
BASEMENTS = 12
# Square metres of useful area a person (GB 51143: short stay outdoors, sample's own reading).
OUTDOOR_M2, INDOOR_M2 = 2.0, 1.0
TALL_FLOORS = 9


def make(city: City) -> None:
    """Add the layer ``shelters``, about forty."""
    rows = pd.DataFrame([*_squares(city), *_schools(city), *_basements(city)])
    random = city.random("shelters")
    state = random.choice(["ready", "maintenance", "closed"], len(rows), p=[0.9, 0.07, 0.03])
    points = shapely.get_coordinates(shapely.point_on_surface(rows["geometry"].to_numpy()))
    known = city.layers["addresses"]
    address, _ = nearest(known.geometry.to_numpy(), points)
    per_head = np.where(rows["indoor"], INDOOR_M2, OUTDOOR_M2)
    city.layers["shelters"] = finished(
        city,
        {
            "code": numbered("BN", len(rows), 3),
            "name": rows["name"],
            "kind": rows["kind"],
            "capacity": np.floor(rows["area_m2"] / per_head).astype(np.int64),
            "area_m2": rows["area_m2"].round(),
            "state": state,
            "open_to_public": rows["open"].to_numpy(dtype=bool),
            "address": [f"{text}附近" for text in known["full_text"].to_numpy()[address]],
        },
        rows["geometry"].to_numpy(),
    )


def _row(name: str, kind: str, geometry: Any, area: float, *, indoor: bool, open_: bool) -> dict[str, Any]:
    return {
        "name": name,
        "kind": kind,
        "geometry": geometry,
        "area_m2": area,
        "indoor": indoor,
        "open": open_,
    }


def _squares(city: City) -> list[dict[str, Any]]:
    """Return parks and squares; sixty of a hundred square metres are useful."""
    parks = city.blocks[(city.blocks["use"] == "park") & city.blocks["name"].fillna("").astype(bool)]
    return [
        _row(
            f"{park.name}应急避难场所",
            "evacuation_square" if park.name.endswith("广场") else "emergency_shelter",
            park.geometry,
            0.6 * park.geometry.area,
            indoor=False,
            open_=True,
        )
        for park in parks.itertuples()
    ]


def _schools(city: City) -> list[dict[str, Any]]:
    """Return the largest schools: their grounds outside, and halls as indoor shelters by turns."""
    sites = city.school_sites
    order = sites.geometry.area.round(1).sort_values(ascending=False, kind="stable").index[:SCHOOLS]
    rows = []
    for number, index in enumerate(order):
        name, area = sites.loc[index, "name"] or f"第{number + 1}教学点", sites.geometry.loc[index]
        if number % 3 == 2:
            hall = shapely.point_on_surface(area)
            rows.append(_row(f"{name}室内安置点", "indoor", hall, 900.0, indoor=True, open_=True))
        else:
            rows.append(
                _row(
                    f"{name}应急避难场所",
                    "emergency_shelter",
                    area,
                    0.35 * area.area,
                    indoor=False,
                    open_=True,
                )
            )
    return rows


def _basements(city: City) -> list[dict[str, Any]]:
    """Return civil-defence basements under tall buildings, spread over the blocks; some are not public."""
    buildings = city.buildings
    tall = buildings[(buildings["floors"] >= TALL_FLOORS) & (buildings["block"] >= 0)]
    if tall.empty:
        tall = buildings[buildings["block"] >= 0].nlargest(BASEMENTS, "floors", keep="first")
    chosen = tall.drop_duplicates("block").head(BASEMENTS)
    names = city.blocks["name"].fillna("").to_dict()
    rows = []
    for number, building in enumerate(chosen.itertuples(), start=1):
        name = names.get(building.block) or f"第{number}号"
        work = number % 6 == 0
        rows.append(
            _row(
                f"{name}人防{'工程' if work else '地下室'}",
                "civil_defence_work" if work else "civil_defence_basement",
                shapely.point_on_surface(building.geometry),
                max(400.0, 0.8 * building.geometry.area),
                indoor=True,
                open_=number % 3 != 0,
            )
        )
    return rows
