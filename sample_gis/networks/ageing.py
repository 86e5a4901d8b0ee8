"""When a line was laid, of what, for how long, and how well its place is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sample_gis.networks.media import Medium
from sample_gis.networks.streets import Indices, Numbers, Streets

#: Years of service that each material is designed for; usual values, to be confirmed by the owners.
_LIFE = {
    "ductile_iron": 50, "cast_iron": 25, "steel": 20, "pe": 50, "pvc": 25, "hdpe": 50, "concrete": 25,
    "reinforced_concrete": 50,
}  # fmt: skip
_OLDEST = 1978


@dataclass(frozen=True)
class Ages:
    """Years of one medium along the streets of one town.

    Attributes
    ----------
    year : ndarray of int
        Year of laying by street edge.
    """

    medium: Medium
    year: Indices
    day: Indices
    surveyed: NDArray[np.bool_]
    last: date

    def laid_on(self, edge: Indices) -> NDArray[np.object_]:
        """Return dates by street edge, never after the city's today."""
        first = (self.year[edge] - 1970).astype("datetime64[Y]").astype("datetime64[D]")
        days = first + self.day[edge].astype("timedelta64[D]")
        return np.asarray(np.minimum(days, np.datetime64(self.last, "D")).astype(object))

    def accuracy(self, edge: Indices) -> NDArray[np.object_]:
        """Return accuracy classes: new lines were surveyed when laid, older ones searched for later."""
        year = self.year[edge]
        old = np.where(self.surveyed[edge], "B", np.where(year < 1992, "D", "C"))
        return np.asarray(np.where(year >= 2013, "A", old), dtype=object)

    def material(
        self, edge: Indices, diameter_mm: Numbers, gravity: NDArray[np.bool_]
    ) -> NDArray[np.object_]:
        """Return materials as they were usual for the medium, size and year."""
        year = self.year[edge]
        name = self.medium.name
        if name == "water":
            large = np.where(year < 1998, "cast_iron", "ductile_iron")
            small = np.where(year < 1996, "steel", np.where(year < 2004, "pvc", "pe"))
            return np.asarray(np.where(diameter_mm >= 200, large, small), dtype=object)
        if name in {"sewage", "rain"}:
            small = np.where(year < 2004, "concrete", "hdpe")
            drained = np.where(diameter_mm > 600, "reinforced_concrete", small)
            return np.asarray(np.where(gravity, drained, "ductile_iron"), dtype=object)
        if name == "gas":
            return np.asarray(np.where((year < 2003) | (diameter_mm > 315), "steel", "pe"), dtype=object)
        return np.full(len(edge), "steel" if name == "heat" else "pvc", dtype=object)


def materials_of(medium: Medium, streets: Streets, last: date, random: np.random.Generator) -> Ages:
    """Draw the years of one medium: with the houses, except where old lines have been laid anew."""
    count = len(streets.year)
    year = streets.year + random.integers(-1, 3, count)
    first = {"gas": 2006, "comms": 1998, "heat": 2009, "rain": 1985}.get(medium.name, _OLDEST)
    renewed = (year < 1998) & (random.random(count) < 0.3)
    year = np.where(renewed | (year < first), np.maximum(first, random.integers(2003, 2020, count)), year)
    return Ages(
        medium,
        np.clip(year, first, last.year).astype(np.int64),
        random.integers(0, 365, count),
        random.random(count) < 0.6,
        last,
    )


def life_of(material: NDArray[np.object_]) -> Indices:
    """Return the design life of materials, years."""
    names = sorted(_LIFE)
    years = np.array([_LIFE[name] for name in names])
    return years[np.searchsorted(names, material.astype(str))]
