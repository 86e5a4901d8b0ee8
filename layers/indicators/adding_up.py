"""Sums of layers for those who ask: kept ones, old ones that say so, and one pass a layer over all else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from layers.definitions.loading import Catalog
from layers.indicators.clock import Clock
from layers.indicators.conditions import Group, Ways
from layers.indicators.passes import Sums, Wanted, make_pass
from layers.indicators.places import Place
from layers.indicators.run_figures import Tables
from layers.indicators.sums import KeptSums, Named, Sum, reader_of
from layers.indicators.ways import KeptWays, Looking
from layers.scope import Scope
from layers.scoped_reading import scoped_reading

#: Lengths and areas that cross many boundaries take longer than a hot read may.
PATIENCE_SECONDS = 9
_IDLE_SECONDS = 60
_WAIT = """
    SELECT set_config('statement_timeout', $1, true),
           set_config('idle_in_transaction_session_timeout', $2, true)
"""


@dataclass
class Kept:
    """What was read: sums by what was asked under which scope, runs, ways."""

    sums: KeptSums = field(default_factory=KeptSums)
    tables: Tables = field(default_factory=dict)
    ways: KeptWays = field(default_factory=KeptWays)


@dataclass(frozen=True)
class Renewing:
    """How sums are added up beside those who ask, who are told old ones meanwhile where there are any.

    Several groups are added up at once, and go on where who asked has left: who asks again finds them.

    Attributes
    ----------
    begin : callable
        Begins a computation, given a connection of its own, and returns its task; one at a time a key.
    wait_seconds : float
        What who asks waits for new sums where there are old ones.
    patience_seconds : int
        What one statement may take, whoever waits.
    """

    begin: Callable[[Hashable, Callable[[Any], Awaitable[None]]], asyncio.Task[None]]
    wait_seconds: float = 0.3
    patience_seconds: int = 60


@dataclass(frozen=True)
class Asking:
    """Who asks, of what, and for which day.

    Attributes
    ----------
    scope : Scope
        Layers and regions that it does not reach give a reason, never a smaller number.
    city : str, optional
        Code of the city's own region.
    kept : Kept
        What earlier requests of this process have read.
    patience_seconds : int
        What one statement may take.
    renewing : Renewing, optional
        Of who takes old sums that say so; None waits for new ones.
    """

    scope: Scope
    catalog: Catalog
    clock: Clock
    city: str | None = None
    kept: Kept = field(default_factory=Kept)
    patience_seconds: int = PATIENCE_SECONDS
    renewing: Renewing | None = None


@dataclass(frozen=True)
class Added:
    """Sums of a plan.

    Attributes
    ----------
    stale_since : mapping
        Of a group and column whose sum a change has made old: from when on it may be out of date.
    """

    sums: Mapping[Group, Sums]
    stale_since: Mapping[tuple[Group, int], datetime]


async def wait_for(connection: Any, seconds: int) -> None:
    """Let a statement of the transaction, and what is computed between two, take so long."""
    await connection.execute(_WAIT, f"{seconds}s", f"{max(seconds, _IDLE_SECONDS)}s")


async def add_up(
    connection: Any, asking: Asking, groups: Mapping[Group, Sequence[Wanted]], places: Sequence[Place]
) -> Added:
    """Return the sums of some groups; add up those that are not kept, or of which a table has changed since.

    Where old ones are taken, who asks waits a moment for the new ones and is told the old ones if they are
    not there; what there has never been is waited for.

    Parameters
    ----------
    connection : asyncpg.Connection
        Inside a `layers.scoped_reading.scoped_reading` of the scope.
    """
    kept, scope, renewing = asking.kept.sums, asking.scope, asking.renewing
    names = {
        group: [kept.name(asking.catalog, asking.clock, one) for one in several]
        for group, several in groups.items()
    }
    looked = await kept.look(
        connection, scope, {key: tables for several in names.values() for key, tables in several}
    )
    found = looked.current
    began = time.monotonic()
    renewed: list[asyncio.Task[None]] = []
    absent: list[asyncio.Task[None]] = []
    for group, several in names.items():
        missing = {named: groups[group][row] for row, named in enumerate(several) if named[0] not in found}
        if not missing:
            continue
        one = _OfGroup(group, missing, places)
        if renewing is None:
            found |= await one.add_up(connection, asking)
            continue
        is_old = all(key in looked.old for key, _ in missing)
        (renewed if is_old else absent).append(_renewed(asking, renewing, one))
    if absent:
        await asyncio.wait(absent)  # which leaves them running where this is cancelled
        for task in absent:
            task.result()
    if renewing is not None and renewed:
        await asyncio.wait(renewed, timeout=max(0.0, began + renewing.wait_seconds - time.monotonic()))
    since: dict[str, datetime] = {}
    for key in {key for several in names.values() for key, _ in several if key not in found}:
        now = kept.get(scope, key)
        if key in looked.old and (now is None or now.snapshot == looked.old[key][0].snapshot):
            found[key], since[key] = looked.old[key]
        elif now is not None:
            found[key] = now
    return Added(
        {
            group: Sums(
                [found[key].by_region for key, _ in several], max(found[key].rows for key, _ in several)
            )
            for group, several in names.items()
        },
        {
            (group, column): since[key]
            for group, several in names.items()
            for column, (key, _) in enumerate(several)
            if key in since
        },
    )


def _renewed(asking: Asking, renewing: Renewing, one: _OfGroup) -> asyncio.Task[None]:
    """Return the task that adds up what lacks of a group; who asks for the same meanwhile gets the same."""
    patient = replace(asking, patience_seconds=renewing.patience_seconds, renewing=None)

    async def renew(connection: Any) -> None:
        async with scoped_reading(connection, asking.scope):
            await one.add_up(connection, patient)

    keys = frozenset(key for key, _ in one.missing)
    return renewing.begin((one.group, keys, reader_of(asking.scope)), renew)


@dataclass(frozen=True)
class _OfGroup:
    """Sums of one group that must be added up."""

    group: Group
    missing: Mapping[Named, Wanted]
    places: Sequence[Place]

    async def add_up(self, connection: Any, asking: Asking) -> dict[str, Sum]:
        """Return them by key and keep them; one at a time does it for a group."""
        kept = asking.kept.sums
        async with kept.turn(self.group):
            # who had the turn before may have brought them
            found = (await kept.look(connection, asking.scope, dict(self.missing.keys()))).current
            rest = {named: wanted for named, wanted in self.missing.items() if named[0] not in found}
            if rest:
                await wait_for(connection, asking.patience_seconds)
                snapshot = await connection.fetchval("SELECT pg_current_snapshot()::text")
                wanted = list(rest.values())
                ways = await _find_ways(connection, wanted, asking, self.places)
                layer = asking.catalog.layer(self.group.layer)
                sums = await make_pass(layer, wanted, asking.catalog, asking.clock, ways).run(connection)
                for (key, tables), column in zip(rest, sums.columns, strict=True):
                    found[key] = Sum(column, sums.rows, snapshot, tables, asking.clock.day)
                    kept.put(asking.scope, key, found[key])
        return found


async def _find_ways(
    connection: Any, wanted: Sequence[Wanted], asking: Asking, places: Sequence[Place]
) -> Ways:
    """Find what conditions by road and along lines need, where there are any."""
    amounts = [(one.amount.layer or "", one.amount) for one in wanted]
    by_road = {(layer, amount.by_road): None for layer, amount in amounts if amount.by_road is not None}
    along = {(layer, amount.along): None for layer, amount in amounts if amount.along is not None}
    if not (by_road or along) or not places:
        return Ways()
    looking = Looking(asking.catalog, asking.scope, asking.clock, asking.kept.ways, places[0].bbox)
    return await looking.find(connection, by_road, along)
