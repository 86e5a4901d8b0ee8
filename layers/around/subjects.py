"""What is told of the surroundings of a place: which layers, and what of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

#: Kinds of emergency resources that come to help.
TEAMS = ("rescue_team", "professional_team", "fire_team", "flood_team", "medical")

#: What ways by road are found from.
ROAD_FIELDS = ("class", "speed_limit_kmh", "oneway")


@dataclass(frozen=True, slots=True)
class Subject:
    """One line of the answer.

    Attributes
    ----------
    name : str
        Under which it is told; its words are in ``api/messages/around.yaml``.
    layer : str
        The layer it comes from.
    only : mapping
        Values of fields that count; all where left out.
    measure : {"count", "sum", "length"}
        What is added up inside each ring: features, a field (cut by area), or kilometres.
    of : str, optional
        The field that is summed.
    split : str, optional
        The coded field by which the amount is told apart.
    listed : bool
        True where the nearest features are told one by one.
    by_road : bool
        True where they are ordered by driving time to the place instead of distance.
    shown : tuple of str
        Fields told with each feature of the list.
    """

    name: str
    layer: str
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    measure: Literal["count", "sum", "length"] = "count"
    of: str | None = None
    split: str | None = None
    listed: bool = True
    by_road: bool = False
    shown: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """What is read of the layer, beside id, code and geometry."""
        named = [
            *self.only,
            *([self.of] if self.of else []),
            *([self.split] if self.split else []),
            *self.shown,
        ]
        return tuple(dict.fromkeys(named))


SUBJECTS = (
    Subject("people", "population", measure="sum", of="residents", listed=False),
    Subject("schools", "key_places", only={"class": ("school",)}, shown=("name",)),
    Subject("hospitals", "key_places", only={"class": ("hospital",)}, shown=("name",)),
    Subject("hazards", "hazards", shown=("name", "kind", "grade")),
    Subject("hazard_areas", "hazard_areas", shown=("name", "kind", "risk_class")),
    Subject("pipes", "pipes", measure="length", split="medium", listed=False),
    Subject("cameras", "cameras", shown=("name",)),
    Subject("shelters", "shelters", shown=("name", "kind", "capacity")),
    Subject("teams", "emergency_resources", only={"kind": TEAMS}, by_road=True, shown=("name", "kind")),
    Subject("stores", "emergency_resources", only={"kind": ("store",)}, by_road=True, shown=("name", "kind")),
)  # fmt: skip
