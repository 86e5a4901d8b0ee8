"""The figures that a sample city is made to, read from ``profiles/<name>.yaml``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from geo.errors import NotFound

PROFILES = Path(__file__).parent / "profiles"


class Figure(BaseModel):
    """One figure with where it comes from.

    Attributes
    ----------
    origin : {"real", "plan", "synthetic"}
        Taken from a published file, stated in a plan, or invented by us.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: float
    origin: Literal["real", "plan", "synthetic"]
    source: str


class Target(BaseModel):
    """One planned value of an indicator: a target, never the present state.

    Attributes
    ----------
    counting_unit : str, optional
        What the plan counts; None where it does not say.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    indicator: str
    year: int
    at_least: float
    counting_unit: str | None = None
    source: str


class Profile(BaseModel):
    """One sample city.

    Attributes
    ----------
    seed : int
        Seed of every random number; the same seed gives the same city to the byte.
    crs : int
        EPSG code of the 3-degree Gauss-Krüger zone that the city is made in.
    as_of : date
        "Today" of the city.
    figures : dict
        Counts and totals by name.
    targets : tuple of Target
        What its plans ask for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title_zh: str
    title_en: str
    county: str
    crs: int
    seed: int
    as_of: date
    timezone: str
    figures: dict[str, Figure]
    targets: tuple[Target, ...] = ()

    def count(self, name: str) -> int:
        """Return a figure as a whole number."""
        return round(self.figures[name].value)


def read_profile(name: str) -> Profile:
    """Read a profile by its name.

    Raises
    ------
    NotFound
        Where there is no profile of this name; says which there are.

    Examples
    --------
    >>> read_profile("yeji").county
    '341504'
    """
    names = sorted(path.stem for path in PROFILES.glob("*.yaml"))
    if name not in names:
        raise NotFound(
            f"there is no sample city {name!r}; there are: {', '.join(names)}", name=name, names=names
        )
    return Profile.model_validate(yaml.safe_load((PROFILES / f"{name}.yaml").read_text(encoding="utf-8")))
