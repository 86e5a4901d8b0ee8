"""People per H3 cell, by night, by day and by age: those in its buildings, nothing between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from geo import cells
from sample_gis.finishing import finished
from sample_gis.people.daytime import people_by_day
from sample_gis.people.phones import users_of_buildings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sample_gis.city import City

RESOLUTION = 10
METHOD = (
    "社区总数按居住建筑面积×入住率最大余额法分摊至建筑，再按建筑中心汇总至 H3 单元；"
    "日间人口按就业就学建筑面积移动，总数不变；移动用户按常住人口分摊"
)
PERSONS_PER_HOUSEHOLD = 2.7

# Shares of age bands, urban and rural: set for the sample after the shape of an inland county whose younger
# adults work away; not census figures.
AGE_BANDS = {
    "residents_0_2": (0.036, 0.027),
    "residents_3_5": (0.046, 0.034),
    "residents_6_11": (0.092, 0.078),
    "residents_12_14": (0.044, 0.041),
    "residents_15_59": (0.612, 0.535),
    "residents_60_plus": (0.170, 0.285),
}


def households(residents: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return households of whole persons: at least one wherever somebody lives.

    Examples
    --------
    >>> households(np.array([0, 1, 27])).tolist()
    [0, 1, 10]
    """
    return np.where(residents > 0, np.maximum(1, np.rint(residents / PERSONS_PER_HOUSEHOLD)), 0).astype(
        np.int64
    )


def make(city: City) -> None:
    """Add the layer ``population``: every cell in which somebody lives, works or learns."""
    people, by_day, users = city.residents.to_numpy(), people_by_day(city), users_of_buildings(city)
    used = (people > 0) | (by_day > 0)
    buildings, people = city.buildings[used], people[used]
    where = gpd.GeoSeries(shapely.centroid(buildings.geometry.to_numpy()), crs=city.crs).to_crs(4326)
    cell = cells.index(where.x.to_numpy(), where.y.to_numpy(), RESOLUTION)
    unique, member = np.unique(cell, return_inverse=True)
    residents = np.bincount(member, people).astype(np.int64)
    in_town = np.bincount(member, people * (buildings["use"].to_numpy() != "village"))
    bands = _age_bands(city, residents, in_town / np.maximum(residents, 1))
    outlines = gpd.GeoSeries(cells.polygons(unique), crs=4326).to_crs(city.crs)
    text = cells.to_text(unique)
    city.layers["population"] = finished(
        city,
        {
            "code": text,
            "cell": text,
            "resolution": RESOLUTION,
            "residents": residents,
            "households": np.bincount(member, households(people)).astype(np.int64),
            **bands,
            "night_population": residents,
            "day_population": np.bincount(member, by_day[used]).astype(np.int64),
            "mobile_users": np.bincount(member, users[used]).astype(np.int64),
            "year": city.as_of.year,
            "method": METHOD,
        },
        outlines.to_numpy(),
    )


def _age_bands(
    city: City, residents: NDArray[np.int64], urban: NDArray[np.float64]
) -> dict[str, NDArray[np.int64]]:
    """Draw the age of every resident of each cell: the bands add up in every cell, and small ones survive."""
    shares = np.array(list(AGE_BANDS.values()))
    wanted = np.outer(urban, shares[:, 0]) + np.outer(1 - urban, shares[:, 1])
    counts = city.random("age bands").multinomial(residents, wanted / wanted.sum(axis=1, keepdims=True))
    return {band: counts[:, column] for column, band in enumerate(AGE_BANDS)}
