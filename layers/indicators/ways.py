"""What conditions by a way ask for: features reached by road, stretches of lines near something."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from psycopg import sql

from geo.crs import metric_crs
from geo.reach import RoadGraph, snap, stretches_within, times_at, travel_times
from layers.around.kept import Around, Rows, read_kept
from layers.around.subjects import ROAD_FIELDS
from layers.definitions.conditions import Along, ByRoad, Others
from layers.definitions.layer import LayerDefinition
from layers.definitions.loading import Catalog
from layers.features.cql2_filters import Bound
from layers.indicators.clock import Clock
from layers.indicators.conditions import Conditioned, Members, Stretch, Ways
from layers.indicators.staleness import stale
from layers.scope import Scope

ROADS = "roads"
MOST_KEPT = 32

_CHOSEN = sql.SQL("SELECT o.id FROM {others} AS o")


@dataclass(frozen=True, slots=True)
class Minutes:
    """Driving times to the features of a layer from the nearest of some others."""

    ids: NDArray[np.int64]
    minutes: NDArray[np.float64]


@dataclass
class KeptWays:
    """Ways that were found, until a layer that they come from changes; the least used go first."""

    layers: Around = field(default_factory=Around)
    found: OrderedDict[tuple[Any, ...], tuple[str, frozenset[str], Minutes | Stretch]] = field(
        default_factory=OrderedDict
    )


@dataclass(frozen=True)
class Looking:
    """Who looks for ways, where and when.

    Attributes
    ----------
    box : tuple of float
        West, south, east, north in degrees of some place of the city: gives the metric system.
    """

    catalog: Catalog
    scope: Scope
    clock: Clock
    kept: KeptWays
    box: tuple[float, float, float, float]

    @property
    def crs(self) -> int:
        """EPSG code of the metric system."""
        return metric_crs(gpd.GeoSeries([shapely.box(*self.box)], crs=4326))

    async def find(
        self, connection: Any, by_road: Iterable[tuple[str, ByRoad]], along: Iterable[tuple[str, Along]]
    ) -> Ways:
        """Return what conditions need, read and computed anew only where a layer has changed.

        Parameters
        ----------
        connection : asyncpg.Connection
            Inside a `layers.scoped_reading.scoped_reading` of the scope.
        by_road, along : iterable
            Layers of the features with their conditions.
        """
        reached: dict[tuple[str, ByRoad], Members] = {}
        for target, condition in by_road:
            # 5, 10 and 15 minutes are one search
            same = condition.model_copy(update={"minutes": 60.0})
            key, times = await self._kept(connection, target, same)
            ids = times.ids[times.minutes <= condition.minutes].tolist()
            reached[target, condition] = Members(ids, f"{key}/{condition.minutes}")
        stretches: dict[tuple[str, Along], Stretch] = {}
        for target, sensed in along:
            _, stretches[target, sensed] = await self._kept(connection, target, sensed)
        return Ways(reached, stretches)

    async def _kept(self, connection: Any, target: str, condition: ByRoad | Along) -> tuple[str, Any]:
        reader = tuple(sorted(self.scope.classifications)), self.scope.region_prefixes
        key = (target, condition, reader, self.clock.end)
        kept = self.kept.found.get(key)
        if kept is None or await stale(connection, [(kept[0], kept[1])]):
            snapshot = await connection.fetchval("SELECT pg_current_snapshot()::text")
            names = [target, condition.layer]
            names += [*condition.among] if isinstance(condition, Along) else [ROADS]
            tables = frozenset(self.catalog.layer(name).table for name in names)
            label = f"{target}/{condition.model_dump_json()}/{snapshot}"
            if isinstance(condition, ByRoad):
                kept = (snapshot, tables, await self._minutes(connection, target, condition))
            else:
                kept = (snapshot, tables, await self._stretches(connection, target, condition, label))
        self.kept.found[key] = kept
        self.kept.found.move_to_end(key)
        while len(self.kept.found) > MOST_KEPT:
            self.kept.found.popitem(last=False)
        return f"{target}/{condition.model_dump_json()}/{kept[0]}", kept[2]

    async def _read(
        self, connection: Any, wanted: Mapping[str, tuple[LayerDefinition, tuple[str, ...]]]
    ) -> dict[str, Rows]:
        at: datetime = self.clock.end
        return await read_kept(connection, self.kept.layers, self.scope, wanted, at=at, crs=self.crs)

    async def _chosen(self, connection: Any, others: Others) -> NDArray[np.int64]:
        """Return the ids of the others that pass their filter."""
        bound = Bound([self.clock.day, self.clock.timezone.key, self.clock.end])
        made = Conditioned(self.catalog.layers, self.catalog.code_lists, bound, Ways())
        statement = _CHOSEN.format(others=made.others(others, sql.SQL("t.id"))).as_string()
        rows = await connection.fetch(statement, *bound.values)
        return np.array([row["id"] for row in rows], dtype=np.int64)

    async def _minutes(self, connection: Any, target: str, condition: ByRoad) -> Minutes:
        layers = self.catalog.layers
        rows = await self._read(
            connection,
            {
                ROADS: (layers[ROADS], ROAD_FIELDS),
                "origins": (layers[condition.layer], ()),
                "targets": (layers[target], ()),
            },
        )
        chosen = await self._chosen(connection, condition)
        graph = await asyncio.to_thread(self.kept.layers.graph, rows[ROADS])
        origins = rows["origins"].shapes[np.isin(rows["origins"].ids, chosen)]
        return await asyncio.to_thread(
            _driven, graph, origins, rows["targets"], condition.minutes, self.crs
        )  # fmt: skip

    async def _stretches(self, connection: Any, target: str, condition: Along, label: str) -> Stretch:
        layers, alike = self.catalog.layers, condition.alike
        rows = await self._read(
            connection,
            {
                "lines": (layers[target], (alike,)),
                "sensors": (layers[condition.layer], (condition.key,)),
                **{f"thing {name}": (layers[name], (alike,)) for name in condition.among},
            },
        )
        chosen = await self._chosen(connection, condition)
        things = [rows[f"thing {name}"] for name in condition.among]
        return await asyncio.to_thread(
            _near_sensors, rows["lines"], rows["sensors"], chosen, things, condition=condition, label=label
        )


def _driven(
    graph: RoadGraph, origins: NDArray[np.object_], targets: Rows, most_minutes: float, crs: int
) -> Minutes:
    begin = snap(graph, gpd.GeoSeries(shapely.point_on_surface(origins), crs=crs))
    at = snap(graph, gpd.GeoSeries(shapely.point_on_surface(targets.shapes), crs=crs))
    seconds, source = travel_times(graph, begin, most_seconds=most_minutes * 60)
    best, _ = times_at(graph, seconds, source, at, begin)
    return Minutes(targets.ids, best / 60)


def _near_sensors(
    lines: Rows,
    sensors: Rows,
    chosen: NDArray[np.int64],
    things: list[Rows],
    *,
    condition: Along,
    label: str,
) -> Stretch:
    """Return the stretches near sensors, one kind of line after the other."""
    kind_of = {
        code: kind
        for rows in things
        for code, kind in zip(rows.columns["code"], rows.columns[condition.alike], strict=True)
    }
    asked = np.isin(sensors.ids, chosen)
    kinds = np.array([kind_of.get(code) for code in sensors.columns[condition.key]], dtype=object)
    own = lines.columns[condition.alike]
    found = []
    for kind in sorted({one for one in kinds[asked] if one is not None}):
        network = gpd.GeoDataFrame(geometry=lines.shapes[own == kind], index=lines.ids[own == kind])
        network = network.set_crs(lines.crs).to_crs(4326)
        origins = gpd.GeoDataFrame(geometry=sensors.shapes[asked & (kinds == kind)], crs=sensors.crs)
        if len(network):
            found.append(stretches_within(network, origins, condition.metres))
    columns = ["line", "part", "first", "last"]
    told = pd.concat(found) if found else pd.DataFrame(columns=columns)
    lists = [Members(told[name].tolist(), f"{label}/{name}") for name in columns]
    return Stretch(*lists)
