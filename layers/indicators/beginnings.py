"""Since when a layer has events: a window that begins before that counts too few, and tells no figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from layers.definitions.indicator import Amount, Window
from layers.definitions.loading import Catalog
from layers.indicators.clock import Clock

_FIRST = "SELECT onemap.first_moment($1, $2)"
#: The first event comes some time after recording has begun: this part of a window may be without any.
_SLACK = 0.02


async def read_beginnings(
    connection: Any, catalog: Catalog, amounts: Iterable[Amount], clock: Clock
) -> dict[str, date]:
    """Return the day of the first event of each layer that amounts count in windows, whoever asks.

    A reader of some regions is told that of all: with few events of his own the first may be late by chance.

    Parameters
    ----------
    connection : asyncpg.Connection
        Of `layers.database.open_reading_pool`.
    """
    windows = {one.layer: one.window for one in amounts if one.layer is not None and one.window is not None}
    found: dict[str, date] = {}
    for name, window in windows.items():
        layer = catalog.layer(name)
        field = layer.time if layer.time in layer.field_names else window.field
        first = await connection.fetchval(_FIRST, layer.table, field)
        if first is not None:
            found[name] = first.astimezone(clock.timezone).date()
    return found


def is_covered(window: Window, day: date, first: date) -> bool:
    """Tell whether events were recorded in the whole of a window that is told on a day.

    Examples
    --------
    >>> year = Window(field="occurred_at", days=365)
    >>> [is_covered(year, day, date(2020, 1, 1)) for day in (date(2020, 12, 31), date(2020, 7, 1))]
    [True, False]
    """
    begins = day - timedelta(days=window.ends_days_ago + window.days - 1)
    return first <= begins + timedelta(days=int(window.days * _SLACK))


def beginning_of(amount: Amount, beginnings: Mapping[str, date], day: date) -> date | None:
    """Return since when there are events, where an amount of a day would need earlier ones."""
    first = None if amount.layer is None else beginnings.get(amount.layer)
    if first is None or amount.window is None or is_covered(amount.window, day, first):
        return None
    return first
