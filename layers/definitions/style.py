"""How a layer is drawn: the same document gives the tiles' painter and the legend."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from layers.definitions.code_lists import Name
from layers.definitions.words import Document, Words

Hex = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")]
Shape = Literal["circle", "square", "triangle", "diamond", "hexagon", "cross", "ring"]
#: pairs of (zoom, pixels); between two zooms the size is interpolated, outside it is constant.
Stops = tuple[tuple[float, float], ...]


class Colour(Document):
    """A colour for the dark map and one for the light map."""

    dark: Hex
    light: Hex


class Symbol(Document):
    """How one class of features looks. What is left out is taken from the layer's own symbol."""

    colour: Colour | None = None
    outline: Colour | None = None
    opacity: float | None = None
    width: Stops | None = None
    outline_width: Stops | None = None
    radius: Stops | None = None
    shape: Shape | None = None
    dash: tuple[float, ...] | None = None
    min_zoom: float | None = None


class StyleClass(Document):
    """Features whose ``by`` field has one of these values."""

    values: tuple[str | bool | int, ...]
    title: Words
    symbol: Symbol


class Label(Document):
    """Text drawn with a feature."""

    field: Name
    min_zoom: float
    size: float = 12
    weight: int = 400
    along: bool = False


class Style(Document):
    """Drawing rules of a layer.

    Attributes
    ----------
    group : str
        Where the legend lists it; a code of the list ``layer_groups``.
    order : int
        Drawing order: lower numbers lie below.
    visible : bool
        True where the layer is on when the map is first opened.
    by : str, optional
        Field whose value chooses the class; it must be in the tiles.
    """

    group: Name
    order: int
    visible: bool = False
    symbol: Symbol
    by: Name | None = None
    classes: tuple[StyleClass, ...] = ()
    label: Label | None = None
