"""Counts and lists of what lies around a place, ways by road to it, and the nearest store of each item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.cutting import parts_inside
from geo.reach import DETOUR, STRAIGHT_KMH, RoadGraph, snap, times_at, travel_times
from layers.around.area import Area
from layers.around.kept import Rows
from layers.around.subjects import Subject

#: Features of a subject that are told one by one.
MOST_LISTED = 12
#: Nobody comes from farther away.
MOST_MINUTES = 90.0


@dataclass(frozen=True, slots=True)
class Met:
    """One feature around the place.

    Attributes
    ----------
    distance_m : float
        On the ground, from the shape; 0 inside.
    minutes : float, optional
        Driving time to the place, of those that come by road.
    """

    id: int
    code: str | None
    facts: Mapping[str, Any]
    distance_m: float
    minutes: float | None
    at: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Found:
    """One subject around the place.

    Attributes
    ----------
    within : tuple of float
        The amount inside each ring; rings hold the smaller ones.
    parts : mapping
        The same by the code of the field that splits it.
    nearest : tuple of Met
        By distance, or by driving time.
    """

    subject: Subject
    within: tuple[float, ...]
    parts: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    nearest: tuple[Met, ...] = ()


@dataclass
class Ways:
    """Driving times to the middle of a place, found once for each layer.

    Attributes
    ----------
    graph : RoadGraph, optional
        Of the roads; without one, times are those of straight lines.
    """

    area: Area
    graph: RoadGraph | None
    found: dict[int, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def by_road(self) -> bool:
        """Tell whether there are roads."""
        return self.graph is not None and self.graph.edges > 0

    def minutes(self, rows: Rows) -> NDArray[np.float64]:
        """Return minutes from each feature of a layer."""
        if id(rows) not in self.found:
            self.found[id(rows)] = self._minutes(rows.shapes)
        return self.found[id(rows)]

    def _minutes(self, places: NDArray[np.object_]) -> NDArray[np.float64]:
        points = shapely.point_on_surface(places)
        crs = self.area.crs
        if self.graph is None or not self.graph.edges:
            straight: NDArray[np.float64] = shapely.distance(self.area.middle, points)
            return straight * DETOUR / (STRAIGHT_KMH / 3.6) / 60
        here = snap(self.graph, gpd.GeoSeries([self.area.middle], crs=crs))
        there = snap(self.graph, gpd.GeoSeries(points, crs=crs))
        seconds, source = travel_times(self.graph, here, most_seconds=MOST_MINUTES * 60, reverse=True)
        best, _ = times_at(self.graph, seconds, source, there, here, reverse=True)
        return best / 60


def look_around(area: Area, subject: Subject, rows: Rows, ways: Ways) -> Found:
    """Return what of a subject lies around a place."""
    chosen = _chosen(subject, rows)
    parts: dict[str, tuple[float, ...]] = {}
    if subject.split is None:
        within = tuple(float(_amounts(subject, rows, chosen, ring).sum()) for ring in area.rings)
    else:
        amounts = [_amounts(subject, rows, chosen, ring) for ring in area.rings]
        # a city has far more pipes than lie around a place
        there = np.flatnonzero(amounts[-1])
        codes = rows.columns[subject.split][there]
        for code in sorted({one for one in codes if one is not None}):
            own = there[codes == code]
            parts[code] = tuple(float(one[own].sum()) for one in amounts)
        within = tuple(float(one.sum()) for one in amounts)
    nearest: tuple[Met, ...] = ()
    if subject.listed:
        nearest = _by_road(area, subject, rows, chosen, ways) if subject.by_road else _near(
            area, subject, rows, chosen
        )  # fmt: skip
    return Found(subject, within, parts, nearest)


def _chosen(subject: Subject, rows: Rows) -> NDArray[np.bool_]:
    chosen = np.ones(len(rows), dtype=bool)
    for name, values in subject.only.items():
        chosen &= np.isin(rows.columns[name].astype(str), values)
    return chosen


def _amounts(
    subject: Subject, rows: Rows, chosen: NDArray[np.bool_], ring: BaseGeometry
) -> NDArray[np.float64]:
    """Return what each feature adds inside a ring; only those on its edge are cut."""
    amounts = np.zeros(len(rows))
    if not len(rows.shapes):
        return amounts
    shapely.prepare(ring)
    touching = rows.tree.query(ring, predicate="intersects")
    touching = touching[chosen[touching]]
    if subject.measure == "count":
        amounts[touching] = 1.0
        return amounts
    shapes = rows.shapes[touching]
    parts = parts_inside(shapes, ring)
    if subject.measure == "length":
        amounts[touching] = shapely.length(parts) / 1000
        return amounts
    own, size = shapely.area(parts), shapely.area(shapes)
    value = rows.numbers(subject.of or "")[touching]
    share = np.divide(own, size, out=np.zeros_like(own), where=size > 0)
    amounts[touching] = np.nan_to_num(value) * share
    return amounts


def _near(area: Area, subject: Subject, rows: Rows, chosen: NDArray[np.bool_]) -> tuple[Met, ...]:
    """Return the nearest features inside the largest ring."""
    if not len(rows.shapes):
        return ()
    touching = rows.tree.query(area.rings[-1], predicate="intersects")
    touching = touching[chosen[touching]]
    away = shapely.distance(area.shape, rows.shapes[touching])
    order = np.lexsort((touching, away))[:MOST_LISTED]
    return tuple(_met(rows, subject, int(touching[one]), float(away[one]), None) for one in order)


def _by_road(
    area: Area, subject: Subject, rows: Rows, chosen: NDArray[np.bool_], ways: Ways
) -> tuple[Met, ...]:
    """Return those that are there first, wherever they stand."""
    minutes = ways.minutes(rows)
    away = shapely.distance(area.shape, rows.shapes)
    order = np.lexsort((away, minutes))
    order = order[chosen[order] & (minutes[order] <= MOST_MINUTES)][:MOST_LISTED]
    return tuple(_met(rows, subject, one, float(away[one]), float(minutes[one])) for one in order.tolist())


def _met(rows: Rows, subject: Subject, row: int, distance_m: float, minutes: float | None) -> Met:
    at = shapely.point_on_surface(rows.shapes[row])
    facts = {name: rows.columns[name][row] for name in subject.shown}
    code = rows.columns["code"][row]
    return Met(int(rows.ids[row]), code, facts, distance_m, minutes, (float(at.x), float(at.y)))


@dataclass(frozen=True, slots=True)
class Stock:
    """What the store that is there first holds of one item."""

    item: str
    name: str
    quantity: float
    unit: str
    below_minimum: bool
    store: Met


def nearest_stock(
    subject: Subject, stores: Rows, supplies: Rows, ways: Ways, *, item: str | None = None
) -> list[Stock]:
    """Return for each item the store that holds any of it and is there first.

    Parameters
    ----------
    stores, supplies : Rows
        Emergency resources, and what lies in them: ``store_code``, ``item_code``, ``item``, ``quantity``,
        ``unit``, ``minimum``, ``stage``.
    item : str, optional
        Only this item.
    """
    some = np.flatnonzero(_chosen(subject, stores))
    minutes = ways.minutes(stores)
    row_of = {stores.columns["code"][row]: int(row) for row in some if minutes[row] <= MOST_MINUTES}
    held = supplies.columns
    quantity, minimum = supplies.numbers("quantity"), supplies.numbers("minimum")
    there = (held["stage"] == "stored") & (quantity > 0)
    if item is not None:
        there &= held["item_code"] == item
    best: dict[str, tuple[float, str, int]] = {}
    for row in np.flatnonzero(there).tolist():
        store, code = held["store_code"][row], held["item_code"][row]
        if store in row_of:
            best[code] = min(best.get(code, (np.inf, "", row)), (float(minutes[row_of[store]]), store, row))
    found = []
    for code, (time, store, row) in sorted(best.items()):
        place = row_of[store]
        away = float(shapely.distance(ways.area.shape, stores.shapes[place]))
        below = bool(quantity[row] < minimum[row])
        met = _met(stores, subject, place, away, time)
        found.append(Stock(code, held["item"][row], float(quantity[row]), held["unit"][row], below, met))
    return found
