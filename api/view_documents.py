"""A view as the JSON that screens and programs read: definitions, figures, reasons and targets in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from api.language import LANGUAGES
from api.last_told import moment
from api.problems import message_file
from layers.definitions.conditions import Others
from layers.definitions.indicator import Amount, Indicator
from layers.definitions.layer import LayerDefinition
from layers.definitions.loading import Catalog
from layers.definitions.view import ViewDefinition
from layers.definitions.view_loading import Views
from layers.indicators.clock import Clock
from layers.indicators.figures import Figure, Reason
from layers.indicators.places import Family, Place
from layers.indicators.run_figures import RunFigures
from layers.indicators.targets import Asked
from layers.indicators.telling import ToldView, ranked
from layers.runs.kinds import kinds

#: Measures of things that have no fractions, even where they are shared out by area.
WHOLE = frozenset({"count", "spread"})
#: Why old figures are told where new ones are being added up.
ADDING_UP = "adding-up-takes-long"


def _words() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    found: Mapping[str, Mapping[str, Mapping[str, str]]] = message_file("views")
    return found


def view_summary(view: ViewDefinition) -> dict[str, Any]:
    """Return what a list of views tells of one."""
    return view.model_dump(mode="json")


def indicator_document(indicator: Indicator, catalog: Catalog) -> dict[str, Any]:
    """Return the definition of an indicator with its formula in words and as it is computed."""
    return {
        "name": indicator.name,
        "title": indicator.title.model_dump(),
        "short_title": indicator.short_title.model_dump(),
        "definition": indicator.definition.model_dump(),
        "unit": indicator.unit and indicator.unit.model_dump(),
        "decimals": indicator.decimals,
        "per": indicator.per,
        "better": indicator.better,
        "past": indicator.past,
        "source": indicator.source.model_dump(),
        "rows": list(indicator.rows),
        "parts": {key: _amount(amount, catalog) for key, amount in indicator.amounts},
    }


def _amount(amount: Amount, catalog: Catalog) -> dict[str, Any]:
    extent = None
    if amount.extent is not None:
        codes = catalog.code_lists["extent_kind"].codes
        extent = next(code.title.model_dump() for code in codes if code.code == amount.extent)
    return {
        "title": amount.title.model_dump(),
        "layer": amount.layer,
        "run": amount.run,
        "column": amount.column,
        "where": amount.where,
        "states": list(amount.states) if amount.layer else None,
        "window": amount.window and amount.window.model_dump(),
        "extent": extent,
        "measure": _measure(amount, catalog.layers[amount.layer]) if amount.layer else None,
        "whole": amount.layer is not None and amount.measure in WHOLE,
        "tests": [_condition(key, others) for key, others in amount.conditions()],
    }


def _condition(key: str, others: Others) -> dict[str, str]:
    """Return a condition in words, with its threshold."""
    facts = {name: value for name, value in others if name not in ("title", "where")}
    if key == "inside":
        widened = "metres" if facts["metres"] else "radius" if facts["radius"] else None
        key = f"inside-{widened}" if widened else key
    if key == "holding" and facts["per_km2"]:
        key = "holding-dense"
    words = _words()["conditions"][key]
    return {
        language: words[language].format_map({**facts, "title": others.title.in_language(language)})
        for language in LANGUAGES
    }


def _measure(amount: Amount, layer: LayerDefinition) -> dict[str, str]:
    words = _words()["measures"][amount.measure]
    return {
        language: words[language].format(
            field=_title(layer, amount.field, language), since=_title(layer, amount.since, language)
        )
        for language in LANGUAGES
    }


def _title(layer: LayerDefinition, field: str | None, language: str) -> str:
    return layer.field(field).title.in_language(language) if field else ""


def figure_document(figure: Figure, catalog: Catalog) -> dict[str, Any]:
    """Return a figure with its parts, and the reason in words where it has no value."""
    return {
        "value": figure.value,
        "numerator": figure.numerator.value,
        "denominator": None if figure.denominator is None else figure.denominator.value,
        "missing_share": figure.missing_share,
        "reason": None if figure.reason is None else reason_document(figure.reason, catalog),
    }


def reason_document(reason: Reason, catalog: Catalog) -> dict[str, Any]:
    """Return a reason: its code, its facts, and a sentence in each language."""
    words = _words()["reasons"][reason.code]
    sentences = {
        language: words[language].format_map(_facts(reason, catalog, language)) for language in LANGUAGES
    }
    return {"code": reason.code, "facts": dict(reason.facts), "text": sentences}


def _facts(reason: Reason, catalog: Catalog, language: str) -> dict[str, Any]:
    facts = dict(reason.facts)
    if facts.get("layer") in catalog.layers:
        facts["layer"] = catalog.layers[facts["layer"]].title.in_language(language)
    if facts.get("kind") in kinds():
        facts["kind"] = kinds()[facts["kind"]].title.in_language(language)
    return facts


def place_words(place: str) -> dict[str, str]:
    """Return where in a plan something stands, in each language.

    Examples
    --------
    >>> place_words("表2-1"), place_words("正文")["en"], place_words("附件")["en"]
    ({'zh': '表2-1', 'en': 'Table 2-1'}, 'text', '附件')
    """
    named: Mapping[str, str] = message_file("views")["places"]
    fitting = [one for one in named if place.startswith(one)]
    name = max(fitting, key=len, default="")
    return {"zh": place, "en": named.get(name, "") + place.removeprefix(name)}


def target_document(asked: Asked, indicators: Mapping[str, Indicator]) -> dict[str, Any]:
    """Return a target with the plan's words and how it stands."""
    target, plan = asked.target, asked.plan
    about = None if target.indicator is None else indicators[target.indicator]
    title = target.title if about is None else about.short_title
    return {
        "indicator": target.indicator,
        "title": title and title.model_dump(),
        "unit": about and about.unit and about.unit.model_dump(),
        "decimals": 1 if about is None else about.decimals,
        "year": target.year,
        "value": target.value,
        "comparison": target.comparison,
        "counting_unit": target.counting_unit and target.counting_unit.model_dump(),
        "plan": {
            "name": plan.name, "title": plan.title.model_dump(), "short_title": plan.short_title.model_dump(),
            "issued": plan.issued, "region": plan.region,
        },
        "place": target.place,
        "place_words": place_words(target.place),
        "quote": target.quote,
        "standing": asked.standing,
        "gap": asked.gap,
        "pace_per_year": asked.pace,
        "current": asked.current,
    }  # fmt: skip


def mark(since: Iterable[datetime], clock: Clock) -> dict[str, Any]:
    """Return from when on a document may be out of date and why, where any of its sums is old."""
    earliest = min(since, default=None)
    if earliest is None:
        return {"stale_since": None, "stale_reason": None}
    return {"stale_since": moment(earliest.astimezone(clock.timezone)), "stale_reason": ADDING_UP}


def place_document(place: Place) -> dict[str, Any]:
    """Return a region in short."""
    return {"code": place.code, "name": place.name, "level": place.level, "bbox": place.bbox}


def run_document(run: RunFigures) -> dict[str, Any]:
    """Return a run that figures come from."""
    return {
        "kind": run.kind, "run": run.run, "title": kinds()[run.kind].title.model_dump(),
        "finished_at": run.finished_at, "out_of_date": run.out_of_date,
    }  # fmt: skip


def told_document(
    told: ToldView, catalog: Catalog, views: Views, clock: Clock, *, sample: bool
) -> dict[str, Any]:
    """Return a view of a region: figures of the region and of its parts, ranked by each indicator."""
    family: Family = told.family
    on_wall = len(told.view.indicators)
    return {
        "view": view_summary(told.view),
        "region": place_document(family.place),
        "parents": [place_document(one) for one in family.parents],
        "levels": list(family.levels),
        "as_of": clock.day.isoformat(),
        "today": clock.today.isoformat(),
        "timezone": clock.timezone.key,
        **mark(told.stale_since.values(), clock),
        "tiles": _tiles(told.view, catalog, clock),
        "sample": sample,
        "indicators": [_told_indicator(one, told, catalog, clock) for one in told.indicators[:on_wall]],
        "more": [_told_indicator(one, told, catalog, clock) for one in told.indicators[on_wall:]],
        "parts": [
            {
                **place_document(place),
                "figures": {
                    one.name: figure_document(told.figures[place.code][one.name], catalog)
                    for one in told.indicators
                },
            }
            for place in family.parts
        ],
        "targets": [target_document(one, views.indicators) for one in told.asked],
        "runs": [run_document(one) for one in told.runs],
    }


def _tiles(view: ViewDefinition, catalog: Catalog, clock: Clock) -> str | None:
    """Return the address of tiles of the view's layers on the day that is told of."""
    drawn = [name for name in view.layers if catalog.layers[name].zoom is not None]
    as_of = "" if clock.day == clock.today else f"?as_of={clock.day}"
    return f"/tiles/{','.join(drawn)}/{{z}}/{{x}}/{{y}}.mvt{as_of}" if drawn else None


def _told_indicator(one: Indicator, told: ToldView, catalog: Catalog, clock: Clock) -> dict[str, Any]:
    since = told.stale_since.get(one.name)
    return {
        **indicator_document(one, catalog),
        **figure_document(told.figures[told.family.place.code][one.name], catalog),
        "kept": one.name in told.kept,
        "stale_since": since and moment(since.astimezone(clock.timezone)),
        "ranking": [place.code for place in ranked(told, one)],
    }


def views_document(views: Views) -> dict[str, Any]:
    """Return all views in the order of the screen, and the plans whose targets they answer."""
    return {
        "views": [view_summary(view) for view in views.views.values()],
        "plans": [
            {
                "name": plan.name, "title": plan.title.model_dump(), "region": plan.region,
                "issued": plan.issued, "targets": len(plan.targets),
            }
            for plan in views.plans
        ],
    }  # fmt: skip
