"""Where the main things of a sample city lie, read from ``layouts/<name>.yaml``: approximate, synthetic."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from geo.errors import NotFound

LAYOUTS = Path(__file__).parent / "layouts"

LonLat = tuple[float, float]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Line(_Part):
    """A named line through way-points (longitude, latitude)."""

    name: str
    points: list[LonLat]


class Canal(_Part):
    """A contour canal from ``start`` to ``end`` that begins at ``level_m`` above the datum."""

    name: str
    start: LonLat
    end: LonLat
    level_m: float


class TownLayout(_Part):
    """What is wanted of one town.

    Attributes
    ----------
    built_up_km2 : float
        Target size of the built-up area before its rim is frayed.
    bearing : float
        Main direction of its streets, degrees counter-clockwise from east.
    handicap_m : float
        Start-up cost of the town's claim on the land around it.
    """

    seat: LonLat
    kind: Literal["street", "town", "township"]
    built_up_km2: float
    bearing: float
    schools: int
    handicap_m: float = 0.0


class Layout(_Part):
    """The layout of one sample city."""

    base_stage_m: float
    river: Line
    canal: Canal
    railway: Line
    trunks: dict[str, list[LonLat]]
    towns: dict[str, TownLayout]
    rural_schools: int
    street_names: list[str]


def read_layout(name: str) -> Layout:
    """Read the layout of a sample city.

    Raises
    ------
    NotFound
        Where there is no layout of this name.

    Examples
    --------
    >>> read_layout("yeji").river.name
    '史河'
    """
    path = LAYOUTS / f"{name}.yaml"
    if not path.is_file():
        raise NotFound(f"there is no layout {name!r} in {LAYOUTS.name}/; write {path.name}", name=name)
    return Layout.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
