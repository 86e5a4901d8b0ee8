"""The real outline of the county and the real names and codes of its towns and communities."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry import shape

from geo.crs import transformer
from geo.errors import NotFound
from sample_gis.layout import read_layout
from sample_gis.shapes.raster import Grid

if TYPE_CHECKING:
    from sample_gis.city import City

BOUNDARIES = Path(__file__).parent / "boundaries"

# "…社区居委会", "…村委会", "…村民委员会", "…社区": what follows the name of the place itself.
_COMMITTEE = re.compile("(社区居委会|居委会|村民委员会|村委会|社区)$")


@dataclass(frozen=True)
class Community:
    """One community of the official code list.

    Attributes
    ----------
    urban : bool
        A residents' committee (社区), not a villagers' one.
    """

    code: str
    name: str
    short_name: str
    town: str
    urban: bool


def county_outline(county: str, crs: int) -> shapely.Polygon:
    """Return the outline of a county in metres, coordinates rounded to 1 cm.

    Parameters
    ----------
    county : str
        Six-digit code.
    crs : int
        EPSG code of the zone.

    Raises
    ------
    NotFound
        Where the boundary file has no such county.
    """
    features = json.loads((BOUNDARIES / "counties.geojson").read_text(encoding="utf-8"))["features"]
    found = [shape(f["geometry"]) for f in features if f["properties"]["gb"] == f"156{county}"]
    if not found:
        raise NotFound(f"boundaries/counties.geojson has no county {county}", county=county)
    to_zone = transformer(4490, crs)
    outline = shapely.transform(found[0], lambda at: np.column_stack(to_zone.transform(*at.T)))
    largest = max(shapely.get_parts(outline), key=lambda part: part.area)
    return shapely.Polygon(shapely.set_precision(largest, 0.01).exterior)


def county_name(county: str) -> str:
    """Return the official name of a county.

    Examples
    --------
    >>> county_name("341504")
    '叶集区'
    """
    return dict(_read("counties.csv"))[county]


def neighbour_codes(county: str) -> list[str]:
    """Return the codes of all counties of the same city, the county itself among them.

    Examples
    --------
    >>> "341504" in neighbour_codes("341504")
    True
    """
    return [code for code, _ in _read("counties.csv") if code[:4] == county[:4]]


def town_names(county: str) -> dict[str, str]:
    """Return the official names of the towns of a county by their nine-digit code, in order.

    Examples
    --------
    >>> len(town_names("341504"))
    6
    """
    return {code: name for code, name in _read("towns.csv") if code.startswith(county)}


def community_list(county: str) -> list[Community]:
    """Return the communities of a county in the order of their codes.

    Examples
    --------
    >>> community_list("341504")[0].short_name
    '新元社区'
    """
    return [
        Community(code, name, short_name(name), code[:9], urban=code[9] == "0")
        for code, name in _read("communities.csv")
        if code.startswith(county)
    ]


def short_name(name: str) -> str:
    """Return the name of a community without the committee's suffix.

    Examples
    --------
    >>> short_name("新元社区居委会"), short_name("彭洲村委会"), short_name("金星村民委员会")
    ('新元社区', '彭洲', '金星')
    """
    plain = _COMMITTEE.sub("", name)
    return f"{plain}社区" if "社区" in name[len(plain) :] else plain


def _read(file: str) -> list[tuple[str, str]]:
    with (BOUNDARIES / file).open(encoding="utf-8", newline="") as lines:
        return sorted((row["code"], row["name"]) for row in csv.DictReader(lines))


def make(city: City) -> None:
    """Set the outline of the county and read where things lie."""
    city.layout = read_layout(city.profile.name)
    city.outline = county_outline(city.profile.county, city.profile.crs)
    city.grid = Grid.around(city.outline.bounds, step=50.0, margin=1500.0)
