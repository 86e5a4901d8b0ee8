"""One point as a run of radio sees it: the same parameters, layers and scenario, sector by sector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import psycopg
import shapely

from geo.crs import metric_crs
from geo.radio import Explanation, explain, predict_at, samples_of
from layers.definitions.loading import Catalog
from layers.runs.inputs import read_here
from layers.runs.kinds import Inputs
from layers.runs.radio_inputs import (
    DOCUMENTS,
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

#: What the signal of a point follows from; the rest of what a run reads only sums it up.
LAYERS = ("sectors", "base_stations", "buildings")


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
    past_buildings: bool
    over_terrain: bool
    cell_dbm: tuple[float, float] | None


def read_around(
    connection: psycopg.Connection[Any], catalog: Catalog, parameters: RadioParameters, lon: float, lat: float
) -> Inputs:
    """Read what decides the signal of a point, over the scenario of the parameters.

    Parameters
    ----------
    connection : psycopg.Connection
        Inside a transaction under the reader's scope.

    Raises
    ------
    NoScenario
        Where the reader may not open the scenario.
    """
    changes: Sequence[Change] = ()
    if parameters.scenario is not None:
        changes = read_scenario(connection, reference(parameters.scenario), also_deleted=True).changes
    needed = [one for one in wanted(parameters) if one.layer in LAYERS]
    return read_here(
        connection, catalog, needed, region="", around=shapely.Point(lon, lat), documents=DOCUMENTS,
        changes=changes,
    ).inputs  # fmt: skip


def seen_at(
    parameters: RadioParameters, inputs: Inputs, lon: float, lat: float, cell: int | None = None
) -> Seen:
    """Explain the signal of a point, and tell the levels at the points of a cell.

    Parameters
    ----------
    inputs : Inputs
        Of `read_around`.
    cell : int, optional
        H3 cell of a run that holds the point.
    """
    sectors = sectors_of(parameters, inputs, operator=parameters.operator)
    at = gpd.GeoDataFrame(geometry=[shapely.Point(lon, lat)], crs=4326)
    crs = metric_crs(sectors if len(sectors) else at)
    past = parameters.model_copy(update={"sight": Sight.BUILDINGS})
    surface, terrain = ground_of(past, inputs, at.geometry.iloc[0], crs)
    common: dict[str, Any] = {
        "model": parameters.usual_model, "settings": parameters.settings(), "patterns": antennas_in(inputs),
        "terrain": terrain,
    }  # fmt: skip
    by_chance = parameters.sight is Sight.PROBABILITY
    placed = sectors.to_crs(crs)
    working = placed[placed["in_service"]]
    levels = None
    if cell is not None and len(working):
        points = samples_of(np.array([cell], dtype=np.uint64), crs, parameters.settings().samples)
        places = gpd.GeoSeries(gpd.points_from_xy(points.x, points.y), crs=crs)
        found = predict_at(working, places, surface=None if by_chance else surface, **common)[
            "rsrp_dbm"
        ].dropna()
        levels = (float(found.min()), float(found.max())) if len(found) else None
    return Seen(
        explain(lon, lat, placed, surface=surface, by_chance=by_chance, **common),
        sectors["code"].dropna().to_dict(),
        inputs.frames["buildings"]["code"].dropna().to_dict(),
        sectors["model"].to_dict(),
        surface is not None and not by_chance,
        terrain is not None,
        levels,
    )
