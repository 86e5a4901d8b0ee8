"""What sensors are put on: nodes of pipes, poles, buildings, streets, banks, villages and fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from sample_gis.devices.places import Ground, Points

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from sample_gis.city import City


@dataclass(frozen=True)
class Objects:
    """Places of one kind, with what is sensed there and what carries the sensor."""

    xy: Points
    layer: str | None = None
    code: NDArray[np.object_] | None = None
    carrier_kind: str | None = None
    carrier_code: NDArray[np.object_] | None = None


#: Kinds and media of pipe nodes by name.
_NODES = {
    "water_nodes": (("valve", "junction"), ("water",)),
    "sewer_wells": (("manhole",), ("sewage", "rain")),
    "gas_nodes": (("valve", "regulator"), ("gas",)),
    "wells": (("manhole",), ("sewage", "rain", "comms", "power")),
    "hydrants": (("hydrant",), ("water",)),
}
_BUILDINGS = {
    "homes": ("house", "apartment", "shop", "village"),
    "workplaces": ("factory", "commercial", "civic", "school", "office", "shop"),
    "apartments": ("apartment",),
    "factories": ("factory",),
}
_POLES = {"lamps": ("lamp",), "camera_poles": ("camera", "signal"), "multi_use": ("multi_use",)}


def objects_of(city: City, ground: Ground, name: str) -> Objects:
    """Return the places of one kind in the city, in the order of their layers; may be empty.

    Raises
    ------
    KeyError
        Where the kind is not known.
    """
    if name in _NODES:
        return _nodes(city, name)
    if name in _BUILDINGS:
        return _buildings(city, city.buildings["use"].isin(_BUILDINGS[name]).to_numpy())
    if name in _POLES:
        return _poles(city, _POLES[name])
    if name in {"streets", "kerbs", "trunk_roads", "low_streets", "bridges"}:
        return _streets(city, name)
    return {
        "old_buildings": lambda: _buildings(city, city.buildings["built"].to_numpy() < 1995),
        "tall_buildings": lambda: _buildings(city, city.buildings["floors"].to_numpy() >= 7),
        "water_mains": lambda: _mains(city),
        "banks": lambda: _banks(city),
        "villages": lambda: _near_villages(city, ground, (12.0, 25.0, 45.0), 0.5),
        "fields": lambda: _near_villages(city, ground, (130.0, 190.0, 260.0), 8.0),
    }[name]()


def _nodes(city: City, name: str) -> Objects:
    kinds, media = _NODES[name]
    nodes = city.layers["pipe_nodes"]
    chosen = nodes[nodes["kind"].isin(kinds) & nodes["medium"].isin(media)]
    # What the owner has registered as watched comes first.
    watched = chosen[chosen["monitored"].to_numpy(dtype=bool)]
    return _on("pipe_nodes", watched if len(watched) > 700 else chosen)


def _mains(city: City) -> Objects:
    pipes = city.layers["pipes"]
    mains = pipes[(pipes["medium"] == "water") & (pipes["kind"] == "trunk")]
    middle = shapely.line_interpolate_point(mains.geometry.to_numpy(), 0.5, normalized=True)
    return Objects(shapely.get_coordinates(middle), "pipes", mains["code"].to_numpy(dtype=object))


def _on(layer: str, chosen: GeoDataFrame) -> Objects:
    return Objects(
        shapely.get_coordinates(chosen.geometry.to_numpy()), layer, chosen["code"].to_numpy(dtype=object)
    )


def _buildings(city: City, chosen: NDArray[np.bool_]) -> Objects:
    mine = city.buildings[chosen]
    inside = shapely.get_coordinates(shapely.point_on_surface(mine.geometry.to_numpy()))
    return Objects(inside, "buildings", mine["code"].to_numpy(dtype=object), "building")


def _poles(city: City, kinds: tuple[str, ...]) -> Objects:
    poles = city.layers["poles"]
    mine = poles[poles["kind"].isin(kinds)]
    code = mine["code"].to_numpy(dtype=object)
    xy = shapely.get_coordinates(mine.geometry.to_numpy())
    if "lamp" in kinds:
        return Objects(xy, "poles", code, "pole", code)
    if "camera" in kinds:
        return Objects(xy, "roads", mine["road_code"].to_numpy(dtype=object), "pole", code)
    return Objects(xy, None, None, "pole", code)


def _streets(city: City, name: str) -> Objects:
    roads = city.roads
    rank = roads["class"].to_numpy(dtype=np.int64)
    in_town = roads["town"].to_numpy(dtype=object) != ""
    chosen = {
        "streets": in_town & (rank >= 2),
        "kerbs": in_town & (rank == 2),
        "trunk_roads": ~in_town & (rank == 0),
        "low_streets": in_town & (rank <= 3),
        "bridges": rank <= 2,
    }[name]
    lines = roads.geometry.to_numpy()
    if name == "bridges":
        water = shapely.union_all([city.river, *city.streams.geometry.to_numpy(), city.canal])
        shapely.prepare(water)
        chosen &= shapely.intersects(water, lines)
    rows = np.flatnonzero(chosen)
    middle = shapely.line_interpolate_point(lines[rows], 0.5, normalized=True)
    at = shapely.get_coordinates(middle)
    if name == "low_streets" and len(rows):
        # The lowest fifth of the streets is where water stands after a storm.
        level = np.round(city.terrain.at(at[:, 0], at[:, 1]), 2)
        low = np.sort(np.lexsort([rows, level])[: max(1, len(rows) // 5)])
        rows, at = rows[low], at[low]
    if name in {"streets", "kerbs"}:
        ahead = shapely.get_coordinates(
            shapely.line_interpolate_point(lines[rows], 0.5 * shapely.length(lines[rows]) + 1.0)
        )
        normal = np.column_stack([at[:, 1] - ahead[:, 1], ahead[:, 0] - at[:, 0]])
        normal /= np.maximum(np.hypot(normal[:, 0], normal[:, 1]), 1e-9)[:, None]
        half = roads["width_m"].to_numpy(dtype=float)[rows] / 2
        at = at + normal * (half + (-1.2 if name == "kerbs" else 1.2))[:, None]
    return Objects(at, "roads", roads["code"].to_numpy(dtype=object)[rows])


def _banks(city: City) -> Objects:
    rims = [shapely.boundary(city.river), city.canal, *city.streams.geometry.to_numpy()]
    rims += [shapely.boundary(area) for area in city.reservoirs.geometry.to_numpy()]
    points = [line.interpolate(way) for line in rims for way in np.arange(150.0, line.length, 700.0)]
    at = np.round(shapely.get_coordinates(np.array(points, dtype=object)), 2) if points else np.zeros((0, 2))
    return Objects(at[shapely.contains_xy(city.outline, at[:, 0], at[:, 1])])


def _near_villages(city: City, ground: Ground, distances: tuple[float, ...], margin_m: float) -> Objects:
    """Return a clear spot near each village outside the towns: amid the houses or out in the fields."""
    spot = ground.clear_spot(np.round(np.asarray(city.hamlets, dtype=float), 2), distances, margin_m)
    spot = spot[~np.isnan(spot[:, 0])]
    return Objects(spot[~ground.urban(spot)])
