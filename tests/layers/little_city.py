"""A city of two towns, four communities and eight grids in a box, for tests against PostGIS."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import shapely

from layers.database import Addresses, admin_connection, connect_application, open_reading_pool, scoped
from layers.definitions.loading import Catalog
from layers.importing.loading import Loaded, load
from layers.scope import Classification, Scope, Verb

WEST, SOUTH, EAST, NORTH = 115.60, 31.70, 115.68, 31.78
COUNTY = "341504"
WEST_TOWN, EAST_TOWN = "341504001", "341504002"
ALL = Scope.everything("tests")


def scope_of(*prefixes: str) -> Scope:
    """Return a scope with every verb in these regions only."""
    return Scope("worker", frozenset(Verb), frozenset(Classification), prefixes)


def regions() -> gpd.GeoDataFrame:
    """Return the regions: towns are west and east, communities south and north, grids west and east."""
    rows: list[dict[str, Any]] = []

    def add(system: str, level: str, code: str, parent: str | None, box: Sequence[float]) -> None:
        rows.append(
            {"system": system, "level": level, "code": code, "name": code, "parent_code": parent,
             "geometry": shapely.box(*box)}
        )  # fmt: skip

    add("admin", "county", COUNTY, None, (WEST, SOUTH, EAST, NORTH))
    for town in range(2):
        west = WEST + 0.04 * town
        town_code = f"{COUNTY}{town + 1:03d}"
        add("admin", "town", town_code, COUNTY, (west, SOUTH, west + 0.04, NORTH))
        for community in range(2):
            south = SOUTH + 0.04 * community
            code = f"{town_code}{community + 1:03d}"
            add("admin", "community", code, town_code, (west, south, west + 0.04, south + 0.04))
            for grid in range(2):
                left = west + 0.02 * grid
                add("governance_grid", "governance_grid", f"{code}G{grid + 1:02d}", code,
                    (left, south, left + 0.02, south + 0.04))  # fmt: skip
    return gpd.GeoDataFrame(rows, crs=4326)


def points(count: int, *, seed: int = 1, code: str = "p") -> gpd.GeoDataFrame:
    """Return points all over the city, with codes."""
    draw = np.random.default_rng(seed)
    x, y = draw.uniform(WEST, EAST, count), draw.uniform(SOUTH, NORTH, count)
    return gpd.GeoDataFrame(
        {"code": [f"{code}{number}" for number in range(count)]}, geometry=shapely.points(x, y), crs=4326
    )


def squares(count: int, *, seed: int = 1, size: float = 0.0001) -> gpd.GeoDataFrame:
    """Return small squares all over the city, with codes."""
    frame = points(count, seed=seed, code="b")
    frame.geometry = shapely.box(
        frame.geometry.x, frame.geometry.y, frame.geometry.x + size, frame.geometry.y + size
    )
    return frame


def fill(addresses: Addresses, catalog: Catalog, **frames: pd.DataFrame) -> dict[str, Loaded]:
    """Load the regions and these layers as the administrator."""
    with admin_connection(addresses) as connection:
        return {
            name: load(
                connection, catalog.layer(name), catalog.code_lists, frame,
                scope=ALL, source="tests", provenance="synthetic",
            )
            for name, frame in {"regions": regions(), **frames}.items()
        }  # fmt: skip


@asynccontextmanager
async def reading(addresses: Addresses) -> AsyncIterator[asyncpg.Connection]:
    """Give a connection as the service reads by."""
    pool = await open_reading_pool(addresses, size=1)
    async with pool.acquire() as found:
        yield found
    await pool.close()


@contextmanager
def working(addresses: Addresses, scope: Scope = ALL) -> Iterator[psycopg.Connection[Any]]:
    """Give a connection of the application inside a transaction under a scope."""
    with connect_application(addresses) as connection, scoped(connection, scope):
        yield connection


def one(connection: psycopg.Connection[Any], query: str, *values: Any) -> Any:
    """Return the first column of the first row."""
    row = connection.execute(query.encode(), values).fetchone()
    assert row is not None
    return row[0]
