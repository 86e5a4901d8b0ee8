"""One point as a run of radio sees it: the same parameters, layers and scenario, sector by sector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import psycopg
import shapely
from shapely.geometry.base import BaseGeometry

from geo.cells import polygons
from geo.crs import metric_crs
from geo.radio import Explanation, Samples, explain, predict_at, samples_of
from geo.radio.environment import AROUND_M
from layers.definitions.loading import Catalog
from layers.runs.inputs import read_here
from layers.runs.kinds import Inputs
from layers.runs.radio_indoor import DEPTH_M, class_in
from layers.runs.radio_inputs import (
    DOCUMENTS,
    Model,
    RadioParameters,
    Sight,
    antennas_in,
    ground_of,
    sectors_of,
    wanted,
)
from layers.scenarios.changes import Change
from layers.scenarios.naming import reference
from layers.scenarios.record import read as read_scenario

#: More than a straight line of 5 km bends when it is drawn in degrees: 2 m.
_BEND_DEG = 2e-5
_KNOWN = """
SELECT EXISTS (SELECT FROM city.buildings WHERE height_m > 0 AND status = 'in_service'),
    EXISTS (SELECT FROM city.buildings WHERE status = 'in_service')
"""
#: A building reaches so far beyond its middle at most, which tells what it stands around.
_BESIDE_M = 200.0
#: What the signal of a point follows from; the rest of what a run reads only sums it up.
LAYERS = ("sectors", "base_stations", "buildings")


@dataclass(frozen=True, slots=True)
class Indoors:
    """The signal inside a building at the point.

    Attributes
    ----------
    building_class : str
        Of `geo.radio.indoor`.
    building : int, optional
        Id of the one that holds the point; None where none does: a dwelling is meant then.
    level_dbm, sinr_db : float
        NaN without any signal.
    """

    building_class: str
    building: int | None
    level_dbm: float
    sinr_db: float
    covered: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """The signal of a point.

    Attributes
    ----------
    explanation : Explanation
        Its sectors and buildings are ids of features.
    codes, buildings : mapping of int to str
        Codes of sectors and buildings that have one.
    models : mapping of int to str
        Path-loss model of each sector.
    indoors : Indoors
    past_buildings, over_terrain : bool
        What lines of sight and diffraction were taken from.
    cell_dbm : tuple of float, optional
        Lowest and highest level at the points by which a run judges the cell asked for; None where no sector
        reaches any of them.
    """

    explanation: Explanation
    codes: Mapping[Any, str]
    buildings: Mapping[Any, str]
    models: Mapping[Any, str]
    indoors: Indoors
    past_buildings: bool
    over_terrain: bool
    cell_dbm: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Around:
    """What decides the signal of a point.

    Attributes
    ----------
    inputs : Inputs
        Of the buildings those that may stand in the way, and those around masts that choose their model.
    heights_known, mapped : bool
        Whether any building of the city has a height, and whether there is any.
    """

    inputs: Inputs
    heights_known: bool
    mapped: bool


def read_around(  # noqa: PLR0917 - one place
    connection: psycopg.Connection[Any],
    catalog: Catalog,
    parameters: RadioParameters,
    lon: float,
    lat: float,
    cell: int | None = None,
) -> Around:
    """Read what decides the signal of a point, over the scenario of the parameters.

    Parameters
    ----------
    connection : psycopg.Connection
        Inside a transaction under the reader's scope.
    cell : int, optional
        H3 cell of a run that holds the point: what decides its signal is read, too.

    Raises
    ------
    NoScenario
        Where the reader may not open the scenario.
    """
    changes: Sequence[Change] = ()
    if parameters.scenario is not None:
        changes = read_scenario(connection, reference(parameters.scenario), also_deleted=True).changes
    needed = {one.layer: one for one in wanted(parameters) if one.layer in LAYERS}
    houses = needed.pop("buildings")
    point = shapely.Point(lon, lat)
    inputs = read_here(
        connection, catalog, list(needed.values()), region="", around=point, documents=DOCUMENTS,
        changes=changes,
    ).inputs  # fmt: skip
    # Only buildings over which somebody might look count, and those that choose the model of a mast in reach.
    own = inputs.frames["sectors"]
    own = own[own["technology"] == parameters.technology.value]
    by_sight = cell if parameters.sight is Sight.BUILDINGS else None
    reached = _in_reach(own, point, cell, parameters.reach_m)
    over = _looked_over(reached, point, by_sight)
    if parameters.model is Model.AUTO:
        over = over.union(_surroundings(reached))
    read = read_here(connection, catalog, [houses], region="", around=over, meeting=True, changes=changes)
    heights_known, mapped = connection.execute(_KNOWN).fetchone() or (False, False)
    inputs = replace(inputs, frames={**inputs.frames, **read.inputs.frames})
    return Around(inputs, heights_known, mapped)


def _in_reach(
    sectors: gpd.GeoDataFrame, point: shapely.Point, cell: int | None, reach_m: float
) -> gpd.GeoDataFrame:
    """Return the sectors that may reach a point or any place of a cell."""
    if not len(sectors):
        return sectors
    shapes = [point] if cell is None else [point, polygons([cell]).iloc[0]]
    crs = metric_crs(sectors)
    place = gpd.GeoSeries(shapes, crs=4326).to_crs(crs).union_all()
    # Of the projection 5 km are a metre or two short.
    return sectors[(sectors.geometry.to_crs(crs).distance(place) <= reach_m * 1.001).to_numpy()]


def _surroundings(sectors: gpd.GeoDataFrame) -> BaseGeometry:
    """Return, in degrees, the ground around masts that chooses their path-loss model."""
    masts = gpd.GeoSeries(sectors.geometry.unique(), crs=sectors.crs)
    if not len(masts):
        return shapely.Polygon()
    discs = masts.to_crs(metric_crs(masts)).buffer(AROUND_M + _BESIDE_M)
    return shapely.union_all(discs.to_crs(4326).to_numpy())


def _looked_over(sectors: gpd.GeoDataFrame, point: shapely.Point, cell: int | None) -> BaseGeometry:
    """Return what the straight lines from a point, or from anywhere in a cell, to masts pass over."""
    # A line that is straight on the ground bends in degrees by less than a metre in 5 km.
    place: BaseGeometry = point.buffer(_BEND_DEG)
    if cell is not None:
        place = place.union(polygons([cell]).iloc[0].buffer(_BEND_DEG))
    corners = shapely.get_coordinates(place.convex_hull)
    masts = np.unique(shapely.get_coordinates(sectors.geometry.to_numpy()), axis=0)
    fans = [shapely.MultiPoint(np.vstack([corners, mast])).convex_hull for mast in masts]
    return shapely.union_all([place, *fans])


def seen_at(
    parameters: RadioParameters, around: Around, lon: float, lat: float, cell: int | None = None
) -> Seen:
    """Explain the signal of a point, and tell the levels at the points of a cell.

    Parameters
    ----------
    around : Around
        Of `read_around`.
    cell : int, optional
        H3 cell of a run that holds the point.
    """
    inputs = around.inputs
    sectors = sectors_of(parameters, inputs, operator=parameters.operator, mapped=around.mapped)
    at = gpd.GeoDataFrame(geometry=[shapely.Point(lon, lat)], crs=4326)
    crs = metric_crs(sectors if len(sectors) else at)
    past = parameters.model_copy(update={"sight": Sight.BUILDINGS})
    surface, terrain = ground_of(past, inputs, at.geometry.iloc[0], crs, heights_known=around.heights_known)
    common: dict[str, Any] = {
        "model": parameters.usual_model, "settings": parameters.settings(), "patterns": antennas_in(inputs),
        "terrain": terrain,
    }  # fmt: skip
    by_chance = parameters.sight is Sight.PROBABILITY
    placed = sectors.to_crs(crs)
    working = placed[placed["in_service"]]
    between = None if by_chance else surface
    levels = None
    if cell is not None and len(working):
        points = samples_of(np.array([cell], dtype=np.uint64), crs, parameters.settings().samples)
        reached = _within(working, points, parameters.reach_m)
        if len(reached):
            places = gpd.GeoSeries(gpd.points_from_xy(points.x, points.y), crs=crs)
            found = predict_at(reached, places, surface=between, **common)["rsrp_dbm"].dropna()
            levels = (float(found.min()), float(found.max())) if len(found) else None
    explanation = explain(lon, lat, placed, surface=surface, by_chance=by_chance, **common)
    return Seen(
        explanation,
        sectors["code"].dropna().to_dict(),
        inputs.frames["buildings"]["code"].dropna().to_dict(),
        sectors["model"].to_dict(),
        _indoors(parameters, inputs.frames["buildings"], at.geometry.iloc[0], explanation),
        surface is not None and not by_chance,
        terrain is not None,
        levels,
    )


def _within(sectors: gpd.GeoDataFrame, points: Samples, reach_m: float) -> gpd.GeoDataFrame:
    """Return the sectors that may reach any of some points."""
    x, y = sectors.geometry.x.to_numpy(), sectors.geometry.y.to_numpy()
    aside = (
        np.maximum(points.x.min() - x, x - points.x.max()),
        np.maximum(points.y.min() - y, y - points.y.max()),
    )
    return sectors[np.maximum(*aside) <= reach_m]


def _indoors(
    parameters: RadioParameters, buildings: gpd.GeoDataFrame, at: shapely.Point, explanation: Explanation
) -> Indoors:
    holding = buildings[buildings.intersects(at)]
    kind = class_in(parameters, holding["use"].iloc[0] if len(holding) else None)
    level, ratio = explanation.indoors(kind, DEPTH_M)
    settings = parameters.settings()
    covered = level >= settings.rsrp_threshold and ratio >= settings.sinr_threshold
    return Indoors(kind, int(holding.index[0]) if len(holding) else None, level, ratio, covered)
