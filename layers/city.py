"""The city's own card: its name, where it lies, and the clock that "today" means."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from pydantic import BaseModel, ConfigDict

from layers.definitions.words import Words

Connection = psycopg.Connection[Any]

#: Key of the card among the settings.
CARD = "city"
#: Key of the setting that holds what plans ask for: indicator, year, at_least, counting_unit, source of each.
TARGETS = "targets"


#: The clock of a city that does not say: the one of all China.
TIMEZONE = "Asia/Shanghai"


class CityCard(BaseModel):
    """What the whole city is.

    Attributes
    ----------
    region : str, optional
        Code of the region that the city is; None where no official region is loaded.
    bbox : tuple of float, optional
        West, south, east, north in degrees.
    as_of : date, optional
        "Today" of the city; None for a live one, whose today is now.
    sample : bool
        True for a synthetic city, which every screen and print says.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    name: Words
    region: str | None = None
    bbox: tuple[float, float, float, float] | None = None
    as_of: date | None = None
    timezone: str = TIMEZONE
    sample: bool = False


def read_card(connection: Connection) -> CityCard | None:
    """Return the city's card, or None where nothing has been loaded yet."""
    found = read_setting(connection, CARD)
    return None if found is None else CityCard.model_validate(found)


def store_card(connection: Connection, card: CityCard) -> None:
    """Store the city's card in place of an older one."""
    store_setting(connection, CARD, card.model_dump(mode="json"))


def read_setting(connection: Connection, key: str) -> Any:
    """Return one setting of the city, or None where it has not been stored."""
    row = connection.execute("SELECT value FROM onemap.setting WHERE key = %s", [key]).fetchone()
    return None if row is None else row[0]


def store_setting(connection: Connection, key: str, value: Any) -> None:
    """Store one setting of the city as JSON."""
    connection.execute(
        "INSERT INTO onemap.setting (key, value) VALUES (%s, %s)"
        " ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value",
        (key, Jsonb(value)),
    )


def credit(connection: Connection, line: str) -> None:
    """Add a line to the credits that every map of the city prints, once."""
    connection.execute(
        "INSERT INTO onemap.setting (key, value) VALUES ('credits', jsonb_build_array(%(line)s::text))"
        " ON CONFLICT (key) DO UPDATE SET value = setting.value || EXCLUDED.value"
        " WHERE NOT setting.value @> EXCLUDED.value",
        {"line": line},
    )


def ensure_card(
    connection: Connection, name: str, bbox: tuple[float, float, float, float] | None
) -> CityCard:
    """Give a city without a card one, made from what was imported first; leave an existing card alone."""
    card = read_card(connection)
    if card is None:
        card = CityCard(name=Words(zh=name, en=name), bbox=bbox)
        store_card(connection, card)
    return card


def loaded_extent(connection: Connection) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north around everything that is loaded, or None for an empty city."""
    row = connection.execute(
        "SELECT min(extent[1]), min(extent[2]), max(extent[3]), max(extent[4]) FROM onemap.layer_statistics"
    ).fetchone()
    return None if row is None or row[0] is None else (row[0], row[1], row[2], row[3])
