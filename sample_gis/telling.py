"""What the process that makes a city tells the one that has started it.

Nothing that makes cities is imported here: the other side starts the making at once, and never needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pandas import DataFrame

    from geo.errors import OneMapError
    from sample_gis.city import City


class Told(NamedTuple):
    """A step begins (share 0) or is made (share 1)."""

    step: str
    share: float


class Completed(NamedTuple):
    """A layer that no later step changes, in metres."""

    layer: str
    frame: DataFrame


class Failed(NamedTuple):
    """The city cannot be made, for a reason that we know."""

    error: OneMapError


class Ended(NamedTuple):
    """The city is made; what is stored of it beside its layers."""

    city: City
