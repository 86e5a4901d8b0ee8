"""One site of a plan explained: who gains, what stands in the way, what other sites reach as well."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.cameras import Assumed, Samples, sample, viewsheds, with_assumed, working
from geo.cells.covering import touched
from geo.crs import metric_crs
from geo.radio import Settings, Surface
from geo.radio.environment import AROUND_M as SURROUNDINGS_M
from geo.siting.radio_gain import radio_covers
from layers.runs.cameras.scene import RESOLUTION, CameraParameters, camera_layers, excluded, middles, watch
from layers.runs.kinds import Inputs, Wanted
from layers.runs.people import people_by_cell
from layers.runs.radio_inputs import RadioParameters, antennas_in, sectors_of, with_models
from layers.runs.radio_inputs import wanted as wanted_for_radio
from layers.runs.siting.cameras import CAMERA
from layers.runs.siting.parameters import Device, SitingParameters
from layers.runs.siting.shared_poles import MICRO
from layers.runs.siting.stations import RESOLUTION as RADIO_RESOLUTION
from layers.runs.siting.stations import SECTOR, predicted, wanted_settings

#: How far around a site layers are read, in metres: as far as it counts.
AROUND_M = {Device.STATIONS: 3_000.0, Device.CAMERAS: 400.0, Device.POLES: 800.0}
#: Buildings up to here can stand in the way of a station.
OBSTACLES_M = 600.0
#: Places where a line of sight is tried, those with most people first.
MOST_LINES = 250
MOST_LISTED, MOST_PLACES = 8, 20
#: A place is covered where at least half of it can be expected to be.
COVERED = 0.5

Row = Mapping[str, Any]


def layers_around(device: Device) -> list[Wanted]:
    """Return the layers that an explanation reads around a site."""
    # What stands around the masts whose signal reaches here chooses their models.
    radio = RadioParameters()
    margin = 0.0 if device is Device.CAMERAS else radio.reach_m + SURROUNDINGS_M
    common = [
        Wanted("buildings", ("height_m", "use", "floor_area_m2", "name"), "buildings", margin_m=margin),
        Wanted("communities", ("name",), "communities"),
        Wanted("key_places", ("name", "class"), "places"),
        Wanted("water", ("kind", "name"), "water"),
    ]
    if device is Device.CAMERAS:
        return [*common, *(replace(one, margin_m=0.0) for one in camera_layers() if one.role == "cameras")]
    needed = {"sectors", "stations", "people"}
    return [*common, *(one for one in wanted_for_radio(radio) if one.role in needed)]


def explained(
    parameters: SitingParameters, site: Row, others: gpd.GeoDataFrame, inputs: Inputs
) -> dict[str, Any]:
    """Explain one site.

    Parameters
    ----------
    site : mapping
        Row of the plan with ``geometry`` in degrees.
    others : GeoDataFrame
        All other sites of the plan, in degrees; those of a lower rank stand before this one.
    inputs : Inputs
        `layers_around` the site; ``region`` is the area that was read.

    Returns
    -------
    dict
        As the address tells it, without its sentences.
    """
    near = _near(site, others, 2 * AROUND_M[parameters.device])
    if parameters.device is Device.CAMERAS:
        return _camera(parameters, site, near, inputs)
    return _station(parameters, site, near, inputs)


def _near(site: Row, others: gpd.GeoDataFrame, metres: float) -> gpd.GeoDataFrame:
    """Return the sites within a distance, with ``distance_m``, nearest first."""
    at = gpd.GeoSeries([site["geometry"]], crs=4326)
    crs = metric_crs(gpd.GeoDataFrame(geometry=at))
    away = others.geometry.to_crs(crs).distance(at.to_crs(crs).iloc[0])
    return others.assign(distance_m=away)[(away <= metres).to_numpy()].sort_values(["distance_m", "rank"])


def _station(
    parameters: SitingParameters, site: Row, near: gpd.GeoDataFrame, inputs: Inputs
) -> dict[str, Any]:
    people = people_by_cell(inputs.frames["people"], RADIO_RESOLUTION, None)
    people = people[people > 0]
    cells, weight = people.index.to_numpy(dtype=np.uint64), people.to_numpy(dtype=float)
    places = inputs.frames["places"]
    points = places.geometry.representative_point()
    spots = np.column_stack([points.x, points.y]).reshape(-1, 2)
    settings = wanted_settings(parameters)
    radio = RadioParameters(scenario=parameters.scenario)
    sectors = sectors_of(radio, inputs)
    now = predicted(sectors[sectors["in_service"]], cells, settings, radio, inputs)
    has = now["covered_probability"].clip(0, 1).to_numpy(dtype=float)
    own = _alone(site, cells, settings, inputs, parameters)
    beside = {str(name): _alone(row, cells, settings, inputs, parameters) for name, row in _rows(near)}
    before = has.copy()
    for name, row in _rows(near):
        if float(row["rank"]) < float(site["rank"]):
            before = 1 - (1 - before) * (1 - beside[name])
    reached, gained = weight * own, weight * own * (1 - before)
    at = middles(cells)
    whole = float(reached.sum())
    common = {name: float((reached * one).sum()) for name, one in beside.items()}
    return {
        "people": {
            "reached": round(whole, 1), "already": round(whole - float(gained.sum()), 1),
            "gained": round(float(gained.sum()), 1),
        },
        "towns": _by_community(at, gained, inputs),
        "places": _places_at(places, spots, at, before, 1 - (1 - before) * (1 - own)),
        "obstacles": _in_the_way(site, at, weight * (own > 0), inputs),
        "overlap": _overlaps(near, common, whole),
        "overlap_existing": round(float((reached * has).sum()) / whole, 4) if whole > 0 else 0.0,
        "shapes": [],
    }  # fmt: skip


def _rows(frame: gpd.GeoDataFrame) -> Iterator[tuple[str, Row]]:
    for name, row in frame.iterrows():
        yield str(name), row.to_dict()


def _alone(
    site: Row, cells: NDArray[np.uint64], settings: Settings, inputs: Inputs, parameters: SitingParameters
) -> NDArray[np.float64]:
    """Return the probability with which a site alone covers each cell, as the plan took it."""
    if not len(cells) or not np.isfinite(site["azimuth_deg"]):
        return np.zeros(len(cells))
    micro = parameters.device is Device.POLES
    one = gpd.GeoDataFrame(
        {**{name: [value] for name, value in (MICRO if micro else SECTOR).items()},
         "height_m": [float(site["height_m"])]},
        geometry=[site["geometry"]], crs=4326,
    )  # fmt: skip
    if not micro:
        one = with_models(one, RadioParameters(scenario=parameters.scenario), inputs)
    found = radio_covers(
        one, cells, model="umi", settings=settings, patterns=antennas_in(inputs),
        rotations_deg=(float(site["azimuth_deg"]),), tilts_deg=(float(site["tilt_deg"]),),
    )  # fmt: skip
    alone: NDArray[np.float64] = found.covers.toarray()[0]
    return alone


def _by_community(
    at: NDArray[np.float64], gained: NDArray[np.float64], inputs: Inputs
) -> list[dict[str, Any]]:
    """Return the communities that gain, those first that gain most."""
    areas = inputs.frames["communities"]
    points: Any = shapely.points(at)
    place, area = shapely.STRtree(areas.geometry.to_numpy()).query(points, predicate="intersects")
    sums = np.bincount(area, weights=gained[place], minlength=len(areas))
    order = [row for row in np.argsort(-sums, kind="stable").tolist() if sums[row] > 0][:MOST_LISTED]
    return [
        {
            "code": areas["code"].iloc[row], "name": areas["name"].iloc[row],
            "gained": round(float(sums[row]), 1),
        }
        for row in order
    ]  # fmt: skip


def _places_at(
    places: gpd.GeoDataFrame,
    spots: NDArray[np.float64],
    at: NDArray[np.float64],
    before: NDArray[np.float64],
    after: NDArray[np.float64],
) -> list[dict[str, Any]]:
    """Return the key places with people around them, by the nearest cell; those won come first."""
    if not len(places) or not len(at):
        return []
    scale = np.array([np.cos(np.radians(at[:, 1].mean())), 1.0])
    away = np.hypot(*((spots[:, None, :] - at[None]) * scale).transpose(2, 0, 1))
    cell = away.argmin(axis=1)
    touched_ = (away.min(axis=1) < 0.002) & (after[cell] - before[cell] > 1e-6)
    return _listed_places(places, touched_, before[cell] >= COVERED, after[cell] >= COVERED)


def _listed_places(
    places: gpd.GeoDataFrame, some: NDArray[np.bool_], before: NDArray[np.bool_], after: NDArray[np.bool_]
) -> list[dict[str, Any]]:
    won = after & ~before
    order = sorted(np.flatnonzero(some).tolist(), key=lambda row: (not won[row], row))[:MOST_PLACES]
    return [
        {
            "id": int(places.index[row]), "code": places["code"].iloc[row], "name": places["name"].iloc[row],
            "class": places["class"].iloc[row], "before": bool(before[row]), "after": bool(after[row]),
        }
        for row in order
    ]  # fmt: skip


def _in_the_way(
    site: Row, at: NDArray[np.float64], weight: NDArray[np.float64], inputs: Inputs
) -> list[dict[str, Any]]:
    """Return the buildings that cut most lines from a site to people near it."""
    base = gpd.GeoSeries([site["geometry"]], crs=4326)
    crs = metric_crs(gpd.GeoDataFrame(geometry=base))
    foot = base.to_crs(crs).iloc[0]
    users = gpd.GeoSeries(gpd.points_from_xy(*at.T), crs=4326).to_crs(crs)
    away = np.hypot(users.x - foot.x, users.y - foot.y).to_numpy()
    rows = np.flatnonzero((away <= OBSTACLES_M) & (away > 0) & (weight > 0))
    rows = rows[np.argsort(-weight[rows], kind="stable")][:MOST_LINES]
    houses = inputs.frames["buildings"].to_crs(crs)
    houses = houses[houses.geometry.intersects(foot.buffer(OBSTACLES_M)).to_numpy()]
    surface = Surface(houses)
    hidden: dict[Any, float] = {}
    for row in rows.tolist():
        user = (users.iloc[row].x, users.iloc[row].y)
        found = surface.blocking((foot.x, foot.y), float(site["height_m"]), user, 1.5)
        if not found.clear:
            hidden[found.building] = hidden.get(found.building, 0.0) + float(weight[row])
    return _obstacles(hidden, float(weight[rows].sum()), houses, foot)


def _obstacles(
    hidden: Mapping[Any, float], whole: float, houses: gpd.GeoDataFrame, foot: Any
) -> list[dict[str, Any]]:
    listed = []
    for name in sorted(hidden, key=lambda one: (-hidden[one], one))[:MOST_LISTED]:
        house = houses.loc[name]
        middle = house.geometry.centroid
        turn = float(np.degrees(np.arctan2(middle.x - foot.x, middle.y - foot.y)))
        listed.append(
            {
                "id": int(name), "code": house["code"], "name": house["name"],
                "height_m": None if pd.isna(house["height_m"]) else float(house["height_m"]),
                "distance_m": round(float(house.geometry.distance(foot)), 1),
                "azimuth_deg": round(turn % 360),
                "hides": round(hidden[name] / whole, 4) if whole > 0 else 0.0,
            }
        )  # fmt: skip
    return listed


def _overlaps(near: gpd.GeoDataFrame, common: Mapping[str, float], whole: float) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "id": name, "rank": int(row["rank"]), "distance_m": round(float(row["distance_m"]), 1),
            "share": round(common[name] / whole, 4) if whole > 0 else 0.0,
        }
        for name, row in _rows(near)
    ]  # fmt: skip
    some = [one for one in found if one["share"] > 0]
    return sorted(some, key=lambda one: (-one["share"], one["rank"]))[:MOST_LISTED]


def _camera(
    parameters: SitingParameters, site: Row, near: gpd.GeoDataFrame, inputs: Inputs
) -> dict[str, Any]:
    houses, task = inputs.frames["buildings"], str(parameters.task)
    both = _cameras([site, *(row for _, row in _rows(near))])
    views = viewsheds(both, houses, task=task).to_crs(4326)
    # The same camera without a building in its way.
    free = viewsheds(both.iloc[:1], houses.iloc[:0], task=task).to_crs(4326).geometry.iloc[0]
    own = views.geometry.iloc[0]
    points = sample(touched(np.array([free], dtype=object), RESOLUTION), excluded(inputs))
    cameras = with_assumed(inputs.frames["cameras"], Assumed(None, None, False))
    standing = watch(cameras, inputs, task, CameraParameters().target_height_m).to_crs(4326)
    working_views = standing[working(standing)]
    wide, inside = _within(points, [free]), _within(points, [own])
    seen = _within(points, working_views.geometry)
    beside = [_within(points, [shape]) for shape in views.geometry.iloc[1:]]
    before = seen.copy()
    for (_, row), view in zip(_rows(near), beside, strict=True):
        if float(row["rank"]) < float(site["rank"]):
            before |= view
    area = points.area
    whole, gained = float(area[inside].sum()), area * (inside & ~before)
    at = gpd.GeoSeries(gpd.points_from_xy(points.x, points.y), crs=points.crs).to_crs(4326)
    common = {
        name: float(area[inside & view].sum()) for (name, _), view in zip(_rows(near), beside, strict=True)
    }
    places = inputs.frames["places"]
    reached = places.geometry.intersects(own).to_numpy(dtype=bool)
    known = places.geometry.intersects(shapely.union_all(working_views.geometry.to_numpy())).to_numpy(
        dtype=bool
    )
    return {
        "ground": {
            "reached_m2": round(whole, 1), "already_m2": round(whole - float(gained.sum()), 1),
            "gained_m2": round(float(gained.sum()), 1),
        },
        "towns": _by_community(np.column_stack([at.x, at.y]), gained, inputs),
        "places": _listed_places(places, reached, known, reached | known),
        "obstacles": _hiding(site, points, wide & ~inside, float(area[wide].sum()), inputs),
        "overlap": _overlaps(near, common, whole),
        "overlap_existing": round(float(area[inside & seen].sum()) / whole, 4) if whole > 0 else 0.0,
        "shapes": [] if own.is_empty else [json.loads(shapely.to_geojson(shapely.set_precision(own, 1e-7)))],
    }  # fmt: skip


def _cameras(sites: list[Row]) -> gpd.GeoDataFrame:
    """Return cameras as the plan would put them up."""
    heights = [float(one["height_m"]) for one in sites]
    turns = [float(one["azimuth_deg"]) for one in sites]
    return gpd.GeoDataFrame(
        {"height_m": heights, "azimuth_deg": turns}, geometry=[one["geometry"] for one in sites], crs=4326
    ).assign(**CAMERA, online=True)


def _within(points: Samples, shapes: Iterable[Any]) -> NDArray[np.bool_]:
    """Return the points that lie in any of some shapes in degrees."""
    views = gpd.GeoSeries(list(shapes), crs=4326).to_crs(points.crs)
    at: Any = shapely.points(points.x, points.y)
    found = np.zeros(len(points.x), dtype=bool)
    found[shapely.STRtree(at).query(views.to_numpy(), predicate="intersects")[1]] = True
    return found


def _hiding(
    site: Row, points: Samples, hidden: NDArray[np.bool_], whole: float, inputs: Inputs
) -> list[dict[str, Any]]:
    """Return the buildings behind which most of the ground lies that a camera could see without them."""
    foot = gpd.GeoSeries([site["geometry"]], crs=4326).to_crs(points.crs).iloc[0]
    houses = inputs.frames["buildings"].to_crs(points.crs)
    rows = np.flatnonzero(hidden)
    ends = np.column_stack([points.x[rows], points.y[rows]])
    starts = np.broadcast_to([foot.x, foot.y], ends.shape)
    rays: Any = (
        shapely.linestrings(np.stack([starts, ends], axis=1)) if len(rows) else np.zeros(0, dtype=object)
    )
    shapes = houses.geometry.to_numpy()
    ray, house = shapely.STRtree(shapes).query(rays, predicate="intersects")
    # What is nearest to the camera hides first; what carries it hides nothing.
    away = shapely.distance(shapes[house], foot)
    kept = away > 0
    order = np.lexsort((house[kept], away[kept], ray[kept]))
    ray, house = ray[kept][order], house[kept][order]
    first = np.unique(ray, return_index=True)[1]
    behind: dict[Any, float] = {}
    for one, by in zip(ray[first].tolist(), house[first].tolist(), strict=True):
        name = houses.index[by]
        behind[name] = behind.get(name, 0.0) + float(points.area[rows[one]])
    return _obstacles(behind, whole, houses, foot)
