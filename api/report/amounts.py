"""Amounts as a report prints them: to the letter as the screen does (``web/src/words/figures.ts``)."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal


def printed(value: float, decimals: int, *, is_share: bool) -> str:
    """Return a value; a percentage that is not all never reads 100, and one that is something never 0.

    Examples
    --------
    >>> [printed(one, 1, is_share=True) for one in (100, 99.997, 0.004, 0)]
    ['100', '99.9', '< 0.1', '0']
    >>> printed(99.997, 1, is_share=False)
    '100.0'
    """
    if value == 0 or (is_share and value == 100):
        return f"{value:.0f}"
    rounded = _rounded(value, decimals)
    if not is_share or value == rounded or rounded not in {0, 100} or not 0 < value < 100:
        return f"{rounded:,}"
    finer = max(1, decimals)
    scale = 10**finer
    if value * scale < 1:
        return f"< {1 / scale:.{finer}f}"
    return f"{math.floor(value * scale + 1e-9) / scale:.{finer}f}"


#: From here on no part of a figure has a decimal.
WHOLE_FROM = 1000


def part(value: float, *, whole: bool) -> str:
    """Return a part of a figure: counts and people whole, small lengths and areas with a decimal.

    Examples
    --------
    >>> part(9.8, whole=True), part(0.2, whole=True), part(9.84, whole=False), part(2300.0, whole=False)
    ('10', '< 1', '9.8', '2,300')
    """
    if whole and 0 < value < 0.5:
        return "< 1"
    return f"{_rounded(value, 0 if whole or value >= WHOLE_FROM else 1):,}".removesuffix(".0")


def amount(value: float, decimals: int = 1) -> str:
    """Return a number in groups of three, with at most so many decimals.

    Examples
    --------
    >>> amount(10000.0), amount(85.5), amount(0.94, 1)
    ('10,000', '85.5', '0.9')
    """
    text = f"{_rounded(value, decimals):,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rounded(value: float, decimals: int) -> Decimal:
    """Round a value as it is written, halves up, as browsers do; Python rounds its exact value, to even."""
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
