"""Since when layers are known: their first record, and the first date that their features state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import sql

from layers.definitions import FieldType, LayerDefinition
from layers.schema.names import CITY
from layers.scope import Scope
from layers.scoped_reading import scoped_reading

_OF_TABLE = sql.SQL("""
    SELECT {name} AS table_name, count(*) AS features, count({stated}) AS dated,
           least(min({stated}), (SELECT min({stated_then}) FROM {history} AS h)) AS stated_from,
           (least(min(t.updated_at), (SELECT min(h.recorded_from) FROM {history} AS h)) AT TIME ZONE $1)::date
               AS recorded_from
    FROM {table} AS t""")


@dataclass(frozen=True, slots=True)
class Record:
    """Since when the rows of a table are known; days in the city's time zone.

    Attributes
    ----------
    features : int
        Present ones.
    dated : int
        Those that state from when they are there.
    stated_from : date, optional
        The earliest day that a feature states, one that is gone as well.
    recorded_from : date, optional
        Day of the first record; None where nothing was ever recorded.
    """

    features: int
    dated: int
    stated_from: date | None
    recorded_from: date | None

    @property
    def first_day(self) -> date | None:
        """The first day of which anything is known."""
        return min((day for day in (self.stated_from, self.recorded_from) if day is not None), default=None)


async def read_records(
    connection: Any, layers: Iterable[LayerDefinition], timezone: ZoneInfo
) -> dict[str, Record]:
    """Return since when tables are known, whoever asks: it says of no feature where it is.

    Parameters
    ----------
    connection : asyncpg.Connection
        Of `layers.database.open_reading_pool`.
    layers : iterable of LayerDefinition
        Each with a table of its own.
    timezone : ZoneInfo
        The city's.

    Returns
    -------
    dict
        By table.
    """
    parts = [_of_table(layer) for layer in layers]
    if not parts:
        return {}
    statement = sql.SQL(" UNION ALL ").join(parts).as_string()
    async with scoped_reading(connection, Scope.everything("records of layers")):
        rows = await connection.fetch(statement, timezone.key)
    return {
        row["table_name"]: Record(
            row["features"], row["dated"], row["stated_from"], row["recorded_from"]
        )
        for row in rows
    }  # fmt: skip


def _of_table(layer: LayerDefinition) -> sql.Composed:
    return _OF_TABLE.format(
        name=sql.Literal(layer.name),
        stated=_stated(layer, "t"),
        stated_then=_stated(layer, "h"),
        table=sql.Identifier(CITY, layer.table),
        history=sql.Identifier(CITY, f"{layer.table}_history"),
    )


def _stated(layer: LayerDefinition, row: str) -> sql.Composable:
    """Return the day from which a row says that it is there."""
    valid = sql.SQL("({} AT TIME ZONE $1)::date").format(sql.Identifier(row, "valid_from"))
    if layer.begins is None:
        return valid
    begins: sql.Composable = sql.Identifier(row, layer.begins)
    if layer.field(layer.begins).type is not FieldType.DATE:
        begins = sql.SQL("({} AT TIME ZONE $1)::date").format(begins)
    return sql.SQL("coalesce({}, {})").format(valid, begins)
