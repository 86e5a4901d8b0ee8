"""How a layer is drawn: the same document gives the tiles' painter and the legend."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints, model_validator
from pydantic import Field as Limited

from layers.definitions.code_lists import Name
from layers.definitions.words import Document, Words

Hex = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")]
Shape = Literal["circle", "square", "triangle", "diamond", "hexagon", "cross", "ring"]
DrawingZoom = Annotated[float, Limited(ge=0, le=24)]
Pixels = Annotated[float, Limited(ge=0, le=200)]


def _in_order(stops: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    if not stops or any(a[0] >= b[0] for a, b in pairwise(stops)):
        raise ValueError("stops are pairs [zoom, pixels], at least one, with growing zooms")
    return stops


#: pairs of (zoom, pixels); between two zooms the size is interpolated, outside it is constant.
Stops = Annotated[tuple[tuple[DrawingZoom, Pixels], ...], AfterValidator(_in_order)]


class Colour(Document):
    """A colour for the dark map and one for the light map."""

    dark: Hex
    light: Hex


class Symbol(Document):
    """How one class of features looks. What is left out is taken from the layer's own symbol.

    Attributes
    ----------
    colour : Colour, optional
        Fill of areas and points, stroke of lines. An area without it is drawn as an outline only.
    outline : Colour, optional
        Rim of areas and points, casing of lines.
    min_zoom : float, optional
        Zoom from which the class is drawn; tiles may carry it earlier.
    """

    colour: Colour | None = None
    outline: Colour | None = None
    opacity: Annotated[float, Limited(ge=0, le=1)] | None = None
    width: Stops | None = None
    outline_width: Stops | None = None
    radius: Stops | None = None
    shape: Shape | None = None
    dash: tuple[Pixels, ...] | None = None
    min_zoom: DrawingZoom | None = None


class StyleClass(Document):
    """Features whose ``by`` field has one of these values, or lies in this range.

    Attributes
    ----------
    range : (float or None, float or None), optional
        From the first number up to, and without, the second; None leaves a side open.
    """

    values: tuple[str | bool | int, ...] = ()
    range: tuple[float | None, float | None] | None = None
    title: Words
    symbol: Symbol

    @model_validator(mode="after")
    def _values_or_a_range(self) -> StyleClass:
        if bool(self.values) == (self.range is not None):
            raise ValueError("a class has values or a range, one of the two")
        low, high = self.range or (None, None)
        if low is not None and high is not None and low >= high:
            raise ValueError(f"the range is empty: from {low:g} up to {high:g}")
        return self


class Label(Document):
    """Text drawn with a feature."""

    field: Name
    min_zoom: DrawingZoom
    size: Annotated[float, Limited(ge=6, le=72)] = 12
    weight: Literal[400, 500, 600] = 400
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
