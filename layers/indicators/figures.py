"""From amounts to a figure: the quotient with its parts, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from layers.definitions.indicator import Indicator


@dataclass(frozen=True, slots=True)
class Reason:
    """Why there is no value: a stable code and its facts; the words are the interface's."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """One amount of a region: a value, or the reason why there is none."""

    value: float | None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator of one region.

    Attributes
    ----------
    value : float, optional
        None exactly where there is a reason.
    missing_share : float, optional
        Share of what is counted of which the fact is not known; None where that is not tested.
    """

    value: float | None
    numerator: Part
    denominator: Part | None
    missing_share: float | None = None
    reason: Reason | None = None


def figure(
    indicator: Indicator, numerator: Part, denominator: Part | None, *, counted: float, unknown: float | None
) -> Figure:
    """Divide.

    Parameters
    ----------
    counted, unknown : float
        How many features are counted, and of how many of them the fact is not known; None where it is not
        tested.

    Examples
    --------
    >>> from layers.definitions.indicator import Amount
    >>> amount = Amount(title={"zh": "甲", "en": "A"}, layer="cameras")
    >>> words = {"zh": "甲", "en": "A"}
    >>> share = Indicator(name="a", title=words, short_title=words, definition=words, per=100,
    ...                   numerator=amount, denominator=amount, source=words)
    >>> figure(share, Part(1.0), Part(4.0), counted=4, unknown=1)
    Figure(value=25.0, numerator=Part(value=1.0, reason=None), denominator=Part(value=4.0, reason=None), \
missing_share=0.25, reason=None)
    >>> figure(share, Part(0.0), Part(0.0), counted=0, unknown=0).reason.code
    'nothing-to-count'
    """
    missing = None if unknown is None or not counted else unknown / counted
    parts = [part for part in (numerator, denominator) if part is not None]
    reason = next((part.reason for part in parts if part.reason is not None), None)
    if reason is None and denominator is not None and not denominator.value:
        reason = Reason("nothing-to-count")
    if reason is None and missing == 1.0:
        reason = Reason("all-unknown")
    if reason is not None or numerator.value is None:
        return Figure(None, numerator, denominator, missing, reason or Reason("no-figure"))
    value = numerator.value
    if denominator is not None and denominator.value:
        value = numerator.value / denominator.value * indicator.per
    return Figure(value, numerator, denominator, missing, None)
