"""The moment that a request reads layers as of, and since when the city is known at all."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from api.errors import BeforeRecords
from api.parameters import Period, bad
from geo.errors import Unavailable
from layers.definitions import GeometryFamily, LayerDefinition
from layers.features.moments import Moment
from layers.features.records import Record, read_records

if TYPE_CHECKING:
    from api.service import Service

#: Seconds after which the records are looked through again: an import can bring an earlier date.
KEPT_SECONDS = 600
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass
class Records:
    """Since when each table is known, read when it is first asked for."""

    _found: Mapping[str, Record] = field(default_factory=dict)
    _read_at: float | None = None
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, service: Service) -> Mapping[str, Record]:
        """Return the records by table.

        Raises
        ------
        Unavailable
            Where they were never read and cannot be now.
        """
        async with self._reading:
            if self._read_at is None or time.monotonic() - self._read_at > KEPT_SECONDS:
                wholes = [
                    layer
                    for layer in service.catalog.layers.values()
                    if layer.part_of is None and layer.geometry is not GeometryFamily.NONE
                ]
                try:
                    async with service.database.connection() as connection:
                        self._found = await read_records(connection, wholes, service.timezone)
                except Unavailable:
                    if self._read_at is None:
                        raise
                self._read_at = time.monotonic()
            return self._found


def first_day(records: Mapping[str, Record]) -> date | None:
    """Return the first day of which anything is known of the city."""
    days = (record.first_day for record in records.values())
    return min((day for day in days if day is not None), default=None)


async def moment_of(service: Service, text: str | None) -> Moment | None:
    """Return the moment of an ``as_of``: the end of a day of the city; None for the present.

    Raises
    ------
    BadParameter
        Where it is no day, or one that is still to come.
    BeforeRecords
        Where nothing is known of the city at that time: an empty map would say that nothing was there.
    """
    if text is None:
        return None
    today = service.today()
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or not date(1949, 10, 1) <= day <= today:
        raise bad("as_of", text, "day-until", today=today.isoformat())
    if day == today:
        return None
    first = first_day(await service.records.get(service))
    if first is None or day < first:
        raise BeforeRecords(
            "nothing is known of the city so early",
            day=day.isoformat(), first_day=None if first is None else first.isoformat(),
        )  # fmt: skip
    return Moment.end_of(day, service.timezone, service.stands_on)


def moment_in(service: Service, layer: LayerDefinition, period: Period | None) -> Moment | None:
    """Return the moment of an OGC ``datetime`` for a layer whose time is the validity of its features.

    One time is that moment, one day its end. None for an interval, and for layers whose features happened at
    a time of their own: there ``datetime`` is a test on that time.
    """
    has_time = layer.time is not None and layer.time in layer.field_names
    return None if has_time else one_moment(service, period)


def one_moment(service: Service, period: Period | None) -> Moment | None:
    """Return the moment of a period that is one time, or the whole of one day; None for every other one."""
    start, end = period or (None, None)
    if start is None or end is None:
        return None
    first, last = (moment.astimezone(service.timezone) for moment in (start, end))
    whole = first.time() == datetime.min.time() and last.time() == datetime.max.time()
    if start != end and not (whole and first.date() == last.date()):
        return None
    return Moment.of(end, service.timezone, service.stands_on)


def records_document(
    service: Service, layers: list[LayerDefinition], records: Mapping[str, Record]
) -> dict[str, Any]:
    """Return since when the layers are known, for the legend of an earlier day."""
    first = first_day(records)
    return {
        "today": service.today().isoformat(),
        "first_day": first,
        "layers": {
            layer.name: {
                "recorded_from": record.recorded_from,
                "stated_from": record.stated_from,
                "features": record.features,
                "dated": record.dated,
            }
            for layer in layers
            if (record := records.get(layer.table)) is not None
        },
    }
