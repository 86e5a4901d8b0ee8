"""What a result says about how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class MethodNote:
    """How a result was computed: printed in the legend, in reports and in files.

    Attributes
    ----------
    method : str
        What was done, in one or two sentences.
    source : str
        Publication or standard with its edition; empty where the method needs none (a count).
    parameters : mapping
        The values that were used, defaults included.
    facts : mapping
        What was met on the way: features used, left out and why, missing shares.
    limits : tuple of str
        What the result does not say.
    """

    method: str
    source: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    limits: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the note as a JSON object.

        Examples
        --------
        >>> MethodNote("counted", limits=("not more",)).as_json()["limits"]
        ['not more']
        """
        return {**asdict(self), "limits": list(self.limits)}
