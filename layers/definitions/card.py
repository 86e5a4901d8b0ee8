"""The card of a region: what it holds of people, places, things, matters and organisations, as counts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field as Limited
from pydantic import model_validator

from layers.definitions.code_lists import Name
from layers.definitions.indicator import Amount, Indicator
from layers.definitions.words import Document, Flaw, Words

#: 人、地、物、事、组织: the five kinds of what a grid worker keeps a register of.
GROUPS = ("people", "places", "things", "matters", "organisations")


class CardLine(Document):
    """One number of a card."""

    name: Name
    definition: Words
    unit: Words | None = None
    decimals: Annotated[int, Limited(ge=0, le=6)] = 0
    past: bool = False
    amount: Amount

    def indicator(self, source: Words) -> Indicator:
        """Return the line as the indicator that it is."""
        title = self.amount.title
        return Indicator(
            name=self.name, title=title, short_title=title, definition=self.definition, unit=self.unit,
            decimals=self.decimals, numerator=self.amount, past=self.past, source=source,
        )  # fmt: skip


class CardGroup(Document):
    """The lines of one of the five kinds."""

    name: Literal["people", "places", "things", "matters", "organisations"]
    lines: tuple[CardLine, ...]


class RegionCard(Document):
    """The definition of the card of every region."""

    name: Name
    groups: tuple[CardGroup, ...]

    @model_validator(mode="after")
    def _five_kinds(self) -> RegionCard:
        if tuple(group.name for group in self.groups) != GROUPS:
            raise Flaw(f"a card has these groups in this order: {', '.join(GROUPS)}", "groups")
        names = [line.name for group in self.groups for line in group.lines]
        if len(set(names)) < len(names):
            raise Flaw("each line has a name of its own", "groups")
        if any(not group.lines for group in self.groups):
            raise Flaw("each group has at least one line", "groups")
        return self
