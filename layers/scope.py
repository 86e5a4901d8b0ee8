"""Who may read and write what: one :class:`Scope` per request, reduced per layer to a :class:`LayerScope`.

Nothing reads or writes a layer without one. Equal rights give equal digests, so that readers with the same
rights share a tile, and readers with different ones never do.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from geo.errors import BadInput, NotFound, Refused

if TYPE_CHECKING:
    from layers.definitions.layer import LayerDefinition


#: Division codes are digits; the grids below a community add capitals and digits.
_PREFIX = re.compile(r"[0-9]{2,12}[0-9A-Z]{0,24}")


class Classification(StrEnum):
    """Access classification of a layer."""

    PUBLIC = "public"
    INTERNAL = "internal"
    RESTRICTED = "restricted"


_RANK = {Classification.PUBLIC: 0, Classification.INTERNAL: 1, Classification.RESTRICTED: 2}


def highest(classifications: Iterable[Classification]) -> Classification:
    """Return the strictest of some classifications.

    Examples
    --------
    >>> str(highest([Classification.PUBLIC, Classification.INTERNAL]))
    'internal'
    """
    return max(classifications, key=lambda one: _RANK[one])


class Verb(StrEnum):
    """What a role lets its holder do."""

    READ = "read"
    WRITE = "write"
    IMPORT = "import"
    EXPORT = "export"
    ADMINISTER = "administer"


def is_region_prefix(text: str) -> bool:
    """Tell whether a text can be the beginning of a region code.

    Examples
    --------
    >>> is_region_prefix("341504001001G01"), is_region_prefix(""), is_region_prefix("3415%")
    (True, False, False)
    """
    return _PREFIX.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class LayerScope:
    """What is left of a scope when it is applied to one layer.

    Attributes
    ----------
    layer : str
        Name of the layer.
    whole_city : bool
        True where every row may be read; then ``region_prefixes`` is empty.
    region_prefixes : tuple of str
        Region code prefixes whose rows may be read, sorted. Never empty unless ``whole_city``.
    """

    layer: str
    whole_city: bool
    region_prefixes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.whole_city == bool(self.region_prefixes):
            raise BadInput(
                "a layer scope is either the whole city or at least one region prefix",
                layer=self.layer,
            )

    def digest(self) -> str:
        """Return 16 hex digits that are equal for equal rights on this layer."""
        text = "|".join((self.layer, "*" if self.whole_city else "", *self.region_prefixes))
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Scope:
    """What one reader may see and do.

    Attributes
    ----------
    subject : str
        Who it is, for the audit table; never part of a digest.
    verbs : frozenset of Verb
        What the reader may do.
    classifications : frozenset of Classification
        Which classes of layers the reader may open.
    region_prefixes : tuple of str, or None
        Region code prefixes (``"3415"``, ``"341504"``, a grid's ``"341504001001G01"``); None is the whole
        city.

    Examples
    --------
    >>> Scope.everything("tests").region_prefixes is None
    True
    >>> Scope("w", frozenset({Verb.READ}), frozenset({Classification.PUBLIC}), ()).region_prefixes
    Traceback (most recent call last):
    ...
    geo.errors.BadInput: a scope needs at least one region prefix, or None for the whole city
    """

    subject: str
    verbs: frozenset[Verb]
    classifications: frozenset[Classification]
    region_prefixes: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.region_prefixes is None:
            return
        if not self.region_prefixes:
            raise BadInput("a scope needs at least one region prefix, or None for the whole city")
        for prefix in self.region_prefixes:
            if not is_region_prefix(prefix):
                # An empty prefix would match every row: the very mistake this class exists to stop.
                raise BadInput(f"{prefix!r} is not a region code prefix", prefix=prefix)

    @classmethod
    def everything(cls, subject: str) -> Scope:
        """Return the all-seeing scope of a service that is bound to loopback and has no accounts yet."""
        return cls(subject, frozenset(Verb), frozenset(Classification))

    def require(self, verb: Verb) -> None:
        """Raise `Refused` unless the scope has this verb."""
        if verb not in self.verbs:
            raise Refused(f"this needs the right to {verb}", verb=str(verb))

    def may_open(self, layer: LayerDefinition) -> bool:
        """Tell whether the layer's classification is open to this reader."""
        return layer.classification in self.classifications

    def for_layer(self, layer: LayerDefinition) -> LayerScope:
        """Reduce the scope to what matters for one layer.

        Raises
        ------
        NotFound
            Where the layer's classification is closed to this reader. The same answer as for a layer that
            does not exist, so that its existence is not given away.
        """
        if not self.may_open(layer):
            raise NotFound(f"there is no layer {layer.name!r}", layer=layer.name)
        by_region = layer.classification is Classification.RESTRICTED or layer.scope == "region"
        if self.region_prefixes is None or not by_region:
            return LayerScope(layer.name, whole_city=True)
        # A prefix below another one adds no right: without it, equal rights have one digest.
        given = sorted(set(self.region_prefixes))
        prefixes = tuple(p for p in given if not any(p != q and p.startswith(q) for q in given))
        return LayerScope(layer.name, whole_city=False, region_prefixes=prefixes)
