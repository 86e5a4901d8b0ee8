"""What a result shows, as a key and in words: results of one kind with other subjects stand side by side.

A kind names the parameters that say what is shown (the layer of a density, the class of hotspots); those that
say how (a resolution, a model) are no part of it. The key stands in the database, in tile addresses and in
links, so it is made of letters, digits, ``_``, ``-``, ``.`` and ``~`` only.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from layers.definitions.loading import Catalog
from layers.definitions.words import Words

if TYPE_CHECKING:
    from layers.runs.kinds import Asked, Kind

#: A key as a link may hold it; the longest that a kind makes is far below its limit.
SUBJECT = re.compile(r"[0-9A-Za-z_~-]+(\.[0-9A-Za-z_~-]+)*")
LONGEST = 240

_PLAIN = re.compile(r"[0-9A-Za-z_-]{1,48}")


@dataclass(frozen=True, slots=True)
class SubjectPart:
    """One parameter that says what a result shows.

    Attributes
    ----------
    parameter : str
        Its name.
    prefix : str
        Stands before the value in the key, so that two parameters that may be left out cannot be mistaken for
        each other; of a yes or no it stands alone.
    usual : str, optional
        The value that is left out of key and words, as one that was not given is.
    words : mapping of str to Words
        Of values, in place of the words that the form has for them.
    codes : str, optional
        Code list that has the words.
    told : callable, optional
        From a value to its words.
    """

    parameter: str
    prefix: str = ""
    usual: str | None = None
    words: Mapping[str, Words] = field(default_factory=dict)
    codes: str | None = None
    told: Callable[[str], Words] | None = None


def subject_of(kind: Kind, parameters: Mapping[str, Any]) -> str:
    """Return the key of what a result shows; empty for a kind that shows one thing only.

    Parameters
    ----------
    parameters : mapping
        Checked ones, as JSON.

    Examples
    --------
    >>> from layers.runs.kinds import kind_named
    >>> density = kind_named("density")
    >>> subject_of(density, {"layer": "incidents", "weight": None, "against": "area"})
    'incidents'
    >>> subject_of(density, {"layer": "roads", "weight": "length_m", "against": "people"})
    'roads.length_m.per-people'
    >>> subject_of(kind_named("accident_segments"), {"rule": "prefecture_2008"})
    ''
    """
    found = []
    for part in kind.subject:
        values = _values(part, parameters)
        if values:
            plain = parameters[part.parameter] is True
            said = [] if plain else [_plain(value) for value in values]
            found.append("-".join([part.prefix, *said] if part.prefix else said))
    return ".".join(found)


def subject_words(kind: Kind, parameters: Mapping[str, Any], catalog: Catalog) -> Words | None:
    """Return what a result shows in words; None where its kind says all.

    Parameters
    ----------
    parameters : mapping
        Those of a run. A layer, field or code that is not in the catalogue any more stands by its name.

    Examples
    --------
    >>> from layers.definitions.loading import read_catalog
    >>> from layers.runs.kinds import kind_named
    >>> given = {"layer": "cameras", "weight": None, "against": "people"}
    >>> subject_words(kind_named("density"), given, read_catalog()).zh
    '摄像机 · 每千人'
    """
    found = [
        part.told(value)
        if part.told is not None
        else _one(part, value, kind.asks.get(part.parameter), parameters, catalog)
        for part in kind.subject
        for value in _values(part, parameters)
    ]
    if not found:
        return None
    return Words(zh=" · ".join(one.zh for one in found), en=" · ".join(one.en for one in found))


def _values(part: SubjectPart, parameters: Mapping[str, Any]) -> list[str]:
    """Return the values of a parameter as texts; none where it says nothing."""
    value = parameters.get(part.parameter)
    if value is None or value is False or value in ("", part.usual):
        return []
    if value is True:
        return ["true"]
    return (
        sorted(map(str, value))
        if isinstance(value, Sequence) and not isinstance(value, str)
        else [str(value)]
    )


def _plain(value: str) -> str:
    """Return a value as it may stand in a key: as it is, or a digest of it."""
    if _PLAIN.fullmatch(value):
        return value
    return f"~{hashlib.sha256(value.encode()).hexdigest()[:12]}"


def _one(
    part: SubjectPart, value: str, asked: Asked | None, parameters: Mapping[str, Any], catalog: Catalog
) -> Words:
    if value in part.words:
        return part.words[value]
    if asked is not None and value in asked.options:
        return asked.options[value]
    if asked is not None and asked.choose == "layer" and value in catalog.layers:
        return catalog.layers[value].title
    if asked is not None and asked.choose == "field":
        layer = catalog.layers.get(str(parameters.get(asked.of or "")))
        for one in layer.fields if layer else ():
            if one.name == value:
                return one.title
    known = catalog.code_lists.get(part.codes or "")
    for code in known.codes if known else ():
        if code.code == value:
            return code.title
    return Words(zh=value, en=value)
