"""Reading views, indicators and plans: one YAML file each, checked against each other and the layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from geo.errors import NotFound
from layers.definitions.card import RegionCard
from layers.definitions.checking import hint
from layers.definitions.condition_flaws import Known, condition_flaws, field_flaws
from layers.definitions.field import FieldType
from layers.definitions.indicator import Amount, Indicator
from layers.definitions.layer import GeometryFamily, LayerDefinition
from layers.definitions.loading import (
    check_file_name,
    flawed,
    read_documents,
    validated,
)
from layers.definitions.marked_yaml import Marked, read_marked
from layers.definitions.target import Plan
from layers.definitions.view import ViewDefinition
from layers.definitions.words import Document, Flaw

#: The files that come with the product.
_ROOM = Path(__file__).parent.parent
VIEWS = _ROOM / "views"
INDICATORS = _ROOM / "indicators" / "catalog"
PLANS = _ROOM / "indicators" / "plans"
CARDS = _ROOM / "indicators" / "cards"
#: Name of the card of every region.
REGION_CARD = "region"

_NUMERIC = (FieldType.INTEGER, FieldType.NUMBER)
_TIMES = (FieldType.DATE, FieldType.DATETIME)
DocumentT = TypeVar("DocumentT", bound=Document)
NamedT = TypeVar("NamedT", Indicator, ViewDefinition, Plan, RegionCard)


@dataclass(frozen=True)
class Views:
    """All views with the indicators that they tell and the plans that ask for them.

    Attributes
    ----------
    views : mapping of str to ViewDefinition
        By name, in the order of the screen.
    card : RegionCard, optional
        What is told of every region in short.
    """

    views: Mapping[str, ViewDefinition]
    indicators: Mapping[str, Indicator]
    plans: tuple[Plan, ...]
    card: RegionCard | None = None

    def view(self, name: str) -> ViewDefinition:
        """Return the view of this name.

        Raises
        ------
        NotFound
            Where there is none; the message names those that are spelled nearly so.
        """
        found = self.views.get(name)
        if found is None:
            raise NotFound(f"there is no view {name[:60]!r}{hint(name, self.views)}", view=name[:60])
        return found

    def with_view(self, view: ViewDefinition) -> Views:
        """Return the views with this one too, in place of one of the same name."""
        return replace(self, views=_ordered({**self.views, view.name: view}))


def read_views(
    known: Known, *, views: Path = VIEWS, indicators: Path = INDICATORS, plans: Path = PLANS
) -> Views:
    """Read every view, indicator and plan and check them against each other.

    Raises
    ------
    BadDefinition
        At the first file that cannot be used, with all of that file's flaws.
    """
    found_indicators = _read(Indicator, indicators, lambda one: indicator_flaws(one, known))
    found_views = _read(ViewDefinition, views, lambda one: view_flaws(one, known, found_indicators))
    found_plans = _read(Plan, plans, lambda one: _plan_flaws(one, found_indicators))
    cards = _read(RegionCard, CARDS, lambda one: _card_flaws(one, known))
    return Views(
        _ordered(found_views), MappingProxyType(found_indicators), tuple(found_plans.values()),
        cards[REGION_CARD],
    )  # fmt: skip


def parse_view(text: str, where: str, known: Known, indicators: Mapping[str, Indicator]) -> ViewDefinition:
    """Read one view document, as posted, and check it.

    Raises
    ------
    BadDefinition
        Where it cannot be used; names the line and the key.
    """
    marked = read_marked(text, where)
    return _checked(ViewDefinition, marked, where, lambda one: view_flaws(one, known, indicators))


def parse_indicator(text: str, where: str, known: Known) -> Indicator:
    """Read one indicator document and check it; raises as `parse_view` does."""
    return _checked(Indicator, read_marked(text, where), where, lambda one: indicator_flaws(one, known))


def _read(
    model: type[NamedT], directory: Path, flaws: Callable[[NamedT], Iterator[Flaw]]
) -> dict[str, NamedT]:
    found: dict[str, NamedT] = {}
    for where, stem, text in read_documents(directory):
        marked = read_marked(text, where)
        document = _checked(model, marked, where, flaws)
        check_file_name(where, stem, document.name, marked)
        found[document.name] = document
    return found


def _checked(
    model: type[DocumentT], marked: Marked, where: str, flaws: Callable[[DocumentT], Iterator[Flaw]]
) -> DocumentT:
    document = validated(model, marked, where)
    found = [*flaws(document)]
    if found:
        raise flawed(where, marked, found)
    return document


def _ordered(views: Mapping[str, ViewDefinition]) -> Mapping[str, ViewDefinition]:
    return MappingProxyType({one.name: one for one in sorted(views.values(), key=lambda one: one.order)})


def view_flaws(view: ViewDefinition, known: Known, indicators: Mapping[str, Indicator]) -> Iterator[Flaw]:
    """Yield what is wrong between a view and what it names."""
    layers = known.catalog.layers
    for row, name in enumerate(view.layers):
        if name not in layers:
            yield Flaw(f"there is no layer {name!r}{hint(name, layers)}", "layers", row)
        elif layers[name].geometry is GeometryFamily.NONE:
            yield Flaw(f"{name} has no geometry that a map could show", "layers", row)
    for row, result in enumerate(view.results):
        name = result.partition(".")[0]
        if name not in known.run_columns:
            yield Flaw(f"there is no analysis {name!r}{hint(name, known.run_columns)}", "results", row)
    for key in ("indicators", "more"):
        for row, name in enumerate(getattr(view, key)):
            if name not in indicators:
                yield Flaw(f"there is no indicator {name!r}{hint(name, indicators)}", key, row)


def _card_flaws(card: RegionCard, known: Known) -> Iterator[Flaw]:
    for row, group in enumerate(card.groups):
        for place, line in enumerate(group.lines):
            path = ("groups", row, "lines", place, "amount")
            yield from (flaw.below(*path) for flaw in _layer_flaws(line.amount, known))


def _plan_flaws(plan: Plan, indicators: Mapping[str, Indicator]) -> Iterator[Flaw]:
    for row, target in enumerate(plan.targets):
        if target.indicator is not None and target.indicator not in indicators:
            reason = f"there is no indicator {target.indicator!r}{hint(target.indicator, indicators)}"
            yield Flaw(reason, "targets", row, "indicator")


def indicator_flaws(indicator: Indicator, known: Known) -> Iterator[Flaw]:
    """Yield what is wrong between an indicator and the layers and runs that it is computed from."""
    for key, amount in indicator.amounts:
        if amount.layer is not None:
            yield from (flaw.below(key) for flaw in _layer_flaws(amount, known))
        elif amount.run is not None:
            yield from (flaw.below(key) for flaw in _run_flaws(amount, known))
    whole = indicator.whole.layer
    if indicator.missing is not None and whole is not None and whole in known.catalog.layers:
        reason = known.check_filter(indicator.missing, known.catalog.layer(whole))
        if reason is not None:
            yield Flaw(reason, "missing")


def _run_flaws(amount: Amount, known: Known) -> Iterator[Flaw]:
    columns = known.run_columns.get(amount.run or "")
    if columns is None:
        yield Flaw(f"there is no analysis {amount.run!r}{hint(amount.run or '', known.run_columns)}", "run")
    elif amount.column not in columns:
        reason = f"{amount.run} has no column {amount.column!r}{hint(amount.column or '', columns)}"
        yield Flaw(reason, "column")


def _layer_flaws(amount: Amount, known: Known) -> Iterator[Flaw]:
    layers = known.catalog.layers
    layer = layers.get(amount.layer or "")
    if layer is None:
        yield Flaw(f"there is no layer {amount.layer!r}{hint(amount.layer or '', layers)}", "layer")
        return
    wanted = _NUMERIC if amount.measure in ("sum", "spread", "value") else _TIMES
    for key in ("field", "since"):
        name = getattr(amount, key)
        if name is not None:
            yield from field_flaws(layer, name, wanted, key)
    if amount.window is not None:
        yield from field_flaws(layer, amount.window.field, _TIMES, "window", "field")
    yield from _geometry_flaws(amount, layer, known)
    if amount.year is not None:
        yield from field_flaws(layer, "year", _NUMERIC, "year")
    statuses = known.catalog.code_lists["status"].values
    for row, state in enumerate(amount.states):
        if state not in statuses:
            yield Flaw(f"{state!r} is no status{hint(state, statuses)}", "states", row)
    if amount.where is not None:
        reason = known.check_filter(amount.where, layer)
        if reason is not None:
            yield Flaw(reason, "where")
    for key, others in amount.conditions():
        yield from (flaw.below(key) for flaw in condition_flaws(others, layer, known))


def _geometry_flaws(amount: Amount, layer: LayerDefinition, known: Known) -> Iterator[Flaw]:
    flat = layer.geometry is GeometryFamily.NONE
    if amount.measure == "spread" and layer.geometry is not GeometryFamily.POLYGON:
        yield Flaw(f"{layer.name} has no areas that a share could be taken of", "measure")
    if flat and amount.measure in ("length", "area"):
        yield Flaw(f"{layer.name} has no geometry to measure", "measure")
    if amount.extent is None:
        return
    kinds = known.catalog.code_lists["extent_kind"].values
    if amount.extent not in kinds:
        yield Flaw(f"{amount.extent!r} is no kind of extent{hint(amount.extent, kinds)}", "extent")
    elif flat:
        yield Flaw(f"{layer.name} has no geometry that an extent could cut", "extent")
