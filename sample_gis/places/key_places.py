"""Key places (重点部位): the register that coverage targets count, with what must be seen of each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import yaml
from pydantic import BaseModel, ConfigDict
from shapely.geometry.base import BaseGeometry

from sample_gis.finishing import finished, numbered
from sample_gis.places.key_place_sites import Site, sites
from sample_gis.shapes.locating import nearest

if TYPE_CHECKING:
    from sample_gis.city import City

RULES = Path(__file__).with_name("key_places.yaml")
ADDRESS_AT_MOST_M = 150.0


class Rule(BaseModel):
    """What a class of key places must show."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    task: str
    share: float
    reach_m: float
    unit: str


def read_rules() -> dict[str, Rule]:
    """Return the rule of each class.

    Examples
    --------
    >>> read_rules()["school"].task
    'recognise'
    """
    return {
        name: Rule.model_validate(rule)
        for name, rule in yaml.safe_load(RULES.read_text(encoding="utf-8")).items()
    }


def make(city: City) -> None:
    """Add the layer ``key_places``."""
    rules = read_rules()
    order = {kind: place for place, kind in enumerate(rules)}
    found = sorted(sites(city), key=lambda site: order[site.kind])
    own = [rules[site.kind] for site in found]
    targets = [_target(site, rule.reach_m) for site, rule in zip(found, own, strict=True)]
    places = [site.place for site in found]
    columns = {
        "code": numbered("ZD", len(found), 4),
        "name": _distinct([site.name for site in found]),
        "class": [site.kind for site in found],
        "target_geometry": gpd.GeoSeries(targets, crs=city.crs),
        "required_task": [rule.task for rule in own],
        "minimum_share": [rule.share for rule in own],
        "register_version": f"样例名册 {city.as_of.year}.1",
        "responsible_unit": [rule.unit for rule in own],
        "address": _addresses(city, places),
    }
    city.layers["key_places"] = finished(city, columns, places)


def _target(site: Site, reach_m: float) -> BaseGeometry | None:
    """Return what must be seen: the target or the place with its reach; None for a place that is an area."""
    base = site.place if site.target is None else site.target
    if reach_m > 0:
        return base.buffer(reach_m, quad_segs=4)
    return base if site.target is not None else None


def _distinct(names: list[str]) -> list[str]:
    """Return names with a number behind those that come again."""
    again = pd.Series(names).groupby(names).cumcount()
    return [name if not count else f"{name}（{count + 1}）" for name, count in zip(names, again, strict=True)]


def _addresses(city: City, places: list[BaseGeometry]) -> list[str | None]:
    """Return the nearest standard address, or None where none is near."""
    known = city.layers["addresses"]
    points = shapely.get_coordinates(shapely.point_on_surface(np.array(places, dtype=object)))
    row, away = nearest(known.geometry.to_numpy(), points)
    texts = known["full_text"].to_numpy()
    return [
        texts[k] if distance <= ADDRESS_AT_MOST_M else None for k, distance in zip(row, away, strict=True)
    ]
