"""The ways in which one result can colour the map: its usual column, and others with classes of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layers.definitions.words import Words

if TYPE_CHECKING:
    from layers.runs.kinds import Kind, Ramp


@dataclass(frozen=True, slots=True)
class Picture:
    """One way to colour a result.

    Attributes
    ----------
    column : str
        The number that colours it.
    title : Words
        What the switch calls it.
    ramp : Ramp
        Colours from little to much.
    classes, class_names, zero_title
        As those of `layers.runs.kinds.Kind`; classes are found from the values where there are none.
    """

    column: str
    title: Words
    ramp: Ramp
    classes: tuple[tuple[Words, float], ...] = ()
    class_names: tuple[str, ...] = ()
    zero_title: Words | None = None


def usual(kind: Kind) -> Picture:
    """Return how a kind colours the map unless something else is chosen."""
    return Picture(
        kind.shown, kind.shown_title or kind.title, kind.ramp, kind.classes, kind.class_names, kind.zero_title
    )


def style_of(picture: Picture, levels: list[dict[str, Any]]) -> dict[str, Any]:
    """Return how the map draws a picture; ``levels`` are those of its legend."""
    return {
        "by": picture.column,
        "ramp": {"dark": list(picture.ramp.dark), "light": list(picture.ramp.light)},
        "levels": levels,
        "classes": [title.model_dump() for title, _ in picture.classes] or None,
        "class_names": list(picture.class_names) or None,
        "zero_title": picture.zero_title and picture.zero_title.model_dump(),
        "zero": "outline",
        "no_data": "hatch",
    }
