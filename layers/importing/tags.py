"""From OpenStreetMap tags to fields of our layers: the mapping file as a typed model.

The mapping is data (``osm_tags.yaml``): which tags make which layer, and how the text of a tag becomes the
value of a field. A text that cannot be read leaves the field unknown and is counted; it is never guessed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import yaml
from pydantic import ValidationError, model_validator

from geo.errors import BadInput
from layers.definitions.loading import Catalog
from layers.definitions.words import Document

MAPPING = Path(__file__).with_name("osm_tags.yaml")

#: What a rule may take: an area is a closed way or a multipolygon relation, "relation" only the latter.
Primitive = Literal["node", "way", "area", "relation"]
ReaderName = Literal[
    "text", "metres", "millimetres", "count", "direction", "tilt", "kilometres_an_hour", "yes_no"
]
Value = str | float | int | bool | None

_COMPASS = (
    "N",
    "NNE",
    "NE",
    "ENE",
    "E",
    "ESE",
    "SE",
    "SSE",
    "S",
    "SSW",
    "SW",
    "WSW",
    "W",
    "WNW",
    "NW",
    "NNW",
)
_NUMBER = re.compile(r"^\s*([+-]?\d+(?:[.,]\d+)?)\s*(.*?)\s*$")
_FEET_AND_INCHES = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*'\s*(?:(\d+(?:\.\d+)?)\s*\")?\s*$")
_METRES_A_FOOT = 0.3048


def read_metres(text: str) -> float | None:
    """Read a length: metres unless a unit follows.

    Examples
    --------
    >>> read_metres("12.5"), read_metres("12 m"), round(read_metres("40'") or 0, 3), read_metres("tall")
    (12.5, 12.0, 12.192, None)
    """
    if feet := _FEET_AND_INCHES.match(text):
        return float(feet[1]) * _METRES_A_FOOT + float(feet[2] or 0) * _METRES_A_FOOT / 12
    match = _NUMBER.match(text)
    if match is None:
        return None
    factor = {"": 1.0, "m": 1.0, "km": 1000.0, "mm": 0.001, "cm": 0.01, "ft": _METRES_A_FOOT}.get(
        match[2].lower()
    )
    return None if factor is None else float(match[1].replace(",", ".")) * factor


def read_millimetres(text: str) -> float | None:
    """Read a diameter: millimetres unless a unit follows.

    Examples
    --------
    >>> read_millimetres("300"), read_millimetres("0.3 m")
    (300.0, 300.0)
    """
    if re.fullmatch(r"\s*\d+(?:\.\d+)?\s*", text):
        return float(text)
    metres = read_metres(text)
    return None if metres is None else metres * 1000


def read_count(text: str) -> int | None:
    """Read a whole number; ``2.5`` floors are 2 whole ones, a list or a word is unknown.

    Examples
    --------
    >>> read_count("5"), read_count("2.5"), read_count("3;4")
    (5, 2, None)
    """
    match = re.fullmatch(r"\s*(\d{1,6})(?:\.\d+)?\s*", text)
    return None if match is None else int(match[1])


def read_direction(text: str) -> float | None:
    """Read a direction in degrees clockwise from north; zero is a direction, a range is its middle.

    Examples
    --------
    >>> read_direction("0"), read_direction("NW"), read_direction("350-10"), read_direction("forward")
    (0.0, 315.0, 0.0, None)
    """
    text = text.strip()
    if text.upper() in _COMPASS:
        return _COMPASS.index(text.upper()) * 22.5
    if span := re.fullmatch(r"(\d+(?:\.\d+)?)\s*-\s*(\d+(?:\.\d+)?)", text):
        start, end = float(span[1]), float(span[2])
        if max(start, end) > 360:
            return None
        return (start + ((end - start) % 360) / 2) % 360
    match = re.fullmatch(r"(-?\d+(?:\.\d+)?)\s*°?", text)
    if match is None or not -360 <= float(match[1]) <= 360:
        return None
    return math.fmod(float(match[1]) + 360, 360)


def read_tilt(text: str) -> float | None:
    """Read a tilt below the horizon in degrees, 0 to 90.

    Examples
    --------
    >>> read_tilt("15"), read_tilt("down")
    (15.0, None)
    """
    match = re.fullmatch(r"-?(\d+(?:\.\d+)?)\s*°?", text.strip())
    return float(match[1]) if match and float(match[1]) <= 90 else None


def read_speed(text: str) -> float | None:
    """Read a speed limit in km/h; ``mph`` is converted, a word is unknown.

    Examples
    --------
    >>> read_speed("50"), round(read_speed("30 mph") or 0, 1), read_speed("walk")
    (50.0, 48.3, None)
    """
    match = re.fullmatch(r"\s*(\d{1,3})\s*(km/h|kmh|mph)?\s*", text)
    if match is None:
        return None
    return float(match[1]) * (1.609344 if match[2] == "mph" else 1.0)


def read_yes_no(text: str) -> bool | None:
    """Read ``yes``/``no`` (also ``-1``, a way drawn against its direction, as yes).

    Examples
    --------
    >>> read_yes_no("yes"), read_yes_no("no"), read_yes_no("maybe")
    (True, False, None)
    """
    return {"yes": True, "true": True, "1": True, "-1": True, "no": False, "false": False, "0": False}.get(
        text.strip().lower()
    )


def read_text(text: str) -> str | None:
    """Read a text as it stands, without surrounding space; empty is unknown.

    Examples
    --------
    >>> read_text(" 民生路 ")
    '民生路'
    """
    return text.strip() or None


READERS: Mapping[str, Callable[[str], Value]] = {
    "text": read_text,
    "metres": read_metres,
    "millimetres": read_millimetres,
    "count": read_count,
    "direction": read_direction,
    "tilt": read_tilt,
    "kilometres_an_hour": read_speed,
    "yes_no": read_yes_no,
}


class FieldRule(Document):
    """How one field gets its value.

    Attributes
    ----------
    tags : tuple of str
        The first of these that the object carries is read.
    reads : str
        Name of a reader; ``text`` where it is left out.
    codes : dict, optional
        From the tag's text to a code of the field's list; ``otherwise`` for any other text.
    value : optional
        A constant, instead of ``tags``.
    """

    tags: tuple[str, ...] = ()
    reads: ReaderName = "text"
    codes: dict[str, str] | None = None
    otherwise: str | None = None
    value: str | float | bool | None = None

    def read(self, tags: Mapping[str, str]) -> tuple[Value, str | None]:
        """Return the value, and the text that could not be read (None where all went well)."""
        if self.value is not None:
            return self.value, None
        for tag in self.tags:
            text = tags.get(tag)
            if text is None:
                continue
            if self.codes is not None:
                value: Value = self.codes.get(text.strip().lower(), self.otherwise)
            else:
                value = READERS[self.reads](text)
            return value, (f"{tag}={text}" if value is None else None)
        return (self.otherwise if self.codes is not None else None), None


class LayerRule(Document):
    """Which objects make features of one layer.

    Attributes
    ----------
    takes : tuple of {"node", "way", "area", "relation"}
        Shapes that the layer takes; an object with the tags and another shape is refused with the reason. A
        rule that takes relations only passes over nodes and ways: they are their members and labels.
    as_point : bool
        True where an area stands for one thing: a point inside it is taken.
    when : dict
        Every tag named must be there: ``true`` for any value but ``no``, or a list of values.
    unless : dict
        None of these may hold.
    """

    layer: str
    takes: tuple[Primitive, ...]
    as_point: bool = False
    when: dict[str, bool | tuple[str, ...]]
    unless: dict[str, bool | tuple[str, ...]] = {}
    fields: dict[str, FieldRule] = {}

    def holds(self, tags: Mapping[str, str]) -> bool:
        """Tell whether an object with these tags belongs to the layer."""
        return all(_holds(tags.get(tag), wanted) for tag, wanted in self.when.items()) and not any(
            _holds(tags.get(tag), unwanted) for tag, unwanted in self.unless.items()
        )


def _holds(value: str | None, wanted: bool | tuple[str, ...]) -> bool:
    if value is None:
        return wanted is False
    if isinstance(wanted, bool):
        return wanted == (value != "no")
    return value in wanted


class TagMapping(Document):
    """The whole mapping file."""

    licence: str
    source: str
    layers: tuple[LayerRule, ...]

    @model_validator(mode="after")
    def _has_rules(self) -> TagMapping:
        if not self.layers:
            raise ValueError("the mapping names no layer")
        return self

    def only(self, layers: frozenset[str]) -> TagMapping:
        """Return the mapping with the rules of these layers alone."""
        return self.model_copy(update={"layers": tuple(rule for rule in self.layers if rule.layer in layers)})

    def tag_keys(self) -> frozenset[str]:
        """Return the keys that some rule asks for: an object without any of them is passed over early."""
        return frozenset(
            key for rule in self.layers for key, wanted in rule.when.items() if wanted is not False
        )


def read_mapping(catalog: Catalog, path: Path = MAPPING) -> TagMapping:
    """Read a mapping file and check it against the catalogue.

    Raises
    ------
    BadInput
        Where the file is no mapping, or names a layer, field or code that the catalogue does not have.
    """
    try:
        mapping = TagMapping.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{path.name} is no tag mapping: {error}", file=path.name, reason=str(error)
        ) from error
    for rule in mapping.layers:
        definition = catalog.layer(rule.layer)
        for name, field_rule in rule.fields.items():
            if name not in definition.field_names:
                raise BadInput(
                    f"{path.name}: layer {rule.layer} has no field {name}",
                    file=path.name,
                    layer=rule.layer,
                    field=name,
                )
            codes = definition.field(name).codes
            named = {*(field_rule.codes or {}).values(), field_rule.otherwise} - {None}
            if codes is not None and isinstance(field_rule.value, str):
                named.add(field_rule.value)
            known = {code.code for code in catalog.code_lists[codes].codes} if codes else named
            if lost := sorted(str(code) for code in named - known):
                raise BadInput(
                    f"{path.name}: {rule.layer}.{name} names codes that list {codes} does not have: {lost}",
                    file=path.name,
                    layer=rule.layer,
                    field=name,
                    codes=lost,
                )
    return mapping
