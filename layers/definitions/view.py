"""One view: a named composition of layers, results and indicators, made from one document."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field as Limited
from pydantic import StringConstraints, model_validator

from layers.definitions.code_lists import Name
from layers.definitions.words import Document, Flaw, Phrase, Words

#: The fields of city operations by which views are grouped, in the order of the screen.
GROUPS = (
    "panorama", "government", "industry", "governance", "safety", "ecology", "livelihood", "rural",
)  # fmt: skip
Group = Literal[
    "panorama", "government", "industry", "governance", "safety", "ecology", "livelihood", "rural"
]

ResultName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}(\.[0-9A-Za-z_~-]{1,48}){0,8}$")]

#: A wall shows no more numbers than can be read from eight metres.
MOST_INDICATORS = 6
#: Nor a desk or a report more than can be compared.
MOST_MORE = 12


class ViewDefinition(Document):
    """The definition of one view.

    Attributes
    ----------
    order : int
        Place among the views on the screen.
    layers : tuple of str
        Layers that the map shows, beside the ground.
    drawn_from : mapping
        Of layers that would cover what the view is about: the zoom from which on they are drawn in it.
    results : tuple of str
        Kinds of analyses whose newest good result the map shows; ``kind.subject`` where the kind has several.
    indicators : tuple of str
        What is told of a region, the most telling first.
    more : tuple of str
        Indicators that desk and report tell beside those of the wall.
    ranking : str
        The indicator by which the parts of a region are ranked at first.
    rows : tuple of str
        Rows of the plans' requirements that the view answers.
    """

    name: Name
    title: Words
    short_title: Words
    description: Words
    group: Group
    order: Annotated[int, Limited(ge=0, le=9999)]
    layers: tuple[Name, ...]
    drawn_from: dict[Name, Annotated[int, Limited(ge=0, le=22)]] = {}
    results: tuple[ResultName, ...] = ()
    indicators: tuple[Name, ...]
    more: tuple[Name, ...] = ()
    ranking: Name
    rows: tuple[Phrase, ...] = ()

    @model_validator(mode="after")
    def _parts_agree(self) -> ViewDefinition:
        for key in ("layers", "results", "indicators", "more"):
            names = getattr(self, key)
            for row, name in enumerate(names):
                if name in names[:row] or (key == "more" and name in self.indicators):
                    raise Flaw(f"{name!r} stands twice", key, row)
        for name in self.drawn_from:
            if name not in self.layers:
                raise Flaw(f"{name!r} is no layer of the view", "drawn_from", name)
        if not self.layers:
            raise Flaw("a view shows at least one layer", "layers")
        if not 1 <= len(self.indicators) <= MOST_INDICATORS:
            raise Flaw(f"a view tells 1 to {MOST_INDICATORS} indicators", "indicators")
        if len(self.more) > MOST_MORE:
            raise Flaw(f"a view tells at most {MOST_MORE} indicators more", "more")
        if self.ranking not in self.indicators:
            raise Flaw(f"the ranking is by one of the view's indicators, not by {self.ranking!r}", "ranking")
        return self

    @property
    def told(self) -> tuple[str, ...]:
        """All its indicators: those of the wall first."""
        return self.indicators + self.more
