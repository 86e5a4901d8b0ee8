"""What analyses of radio read of a small city, made without a database."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from geo.cells import index, polygons, resolution_of, to_text
from layers.runs.kinds import Inputs
from layers.runs.radio import compute
from layers.runs.radio_gaps import RadioGapParameters
from layers.runs.radio_gaps import compute as compute_gaps
from layers.runs.radio_inputs import RadioParameters
from tests.layers.little_city import EAST, NORTH, SOUTH, WEST, regions

MIDDLE = ((WEST + EAST) / 2, (SOUTH + NORTH) / 2)
REGION = shapely.Point(MIDDLE).buffer(0.018)


def sectors(sites, *, status="in_service"):
    site = np.repeat(np.arange(len(sites)), 3)
    count = len(site)
    return gpd.GeoDataFrame(
        {
            "code": [f"S{s}-{n % 3}" for n, s in enumerate(site)],
            "site_code": [f"B{s}" for s in site],
            "technology": "5g",
            "frequency_mhz": 3450.0,
            "bandwidth_mhz": 100.0,
            "subcarrier_spacing_khz": 30.0,
            "azimuth_deg": np.tile([0.0, 120.0, 240.0], len(sites)),
            "mechanical_tilt_deg": 2.0,
            "electrical_tilt_deg": 4.0,
            "height_m": 30.0,
            "power_dbm": 53.0,
            "pattern": "8x8",
            "beamwidth_deg": 65.0,
            "status": [status] * count,
        },
        geometry=gpd.points_from_xy(*np.array(sites)[site].T),
        crs=4326,
    )


def with_fields(buildings):
    """Fill what a building does not tell."""
    usual = {"use": None, "floors": np.nan, "floor_area_m2": np.nan}
    return buildings.assign(**{name: one for name, one in usual.items() if name not in buildings})


def inputs(radio, *, people=True, region=REGION, prefix="3", operators=("cmcc", "ctcc"), buildings=None):
    sites = radio.drop_duplicates("site_code")
    cells = np.unique(index(*np.random.default_rng(4).normal(MIDDLE, 0.006, (3000, 2)).T, 10))
    frame = regions()
    admin = frame[frame["system"] == "admin"]
    return Inputs(
        {
            "sectors": radio,
            "stations": gpd.GeoDataFrame(
                {
                    "code": sites["site_code"].to_numpy(),
                    "operator": [operators[at % len(operators)] for at in range(len(sites))],
                    "sharing_operators": [["cucc"] if at == 0 else None for at in range(len(sites))],
                    "status": "in_service",
                    "technology": "5g",
                    "counting_unit": "site",
                    "commissioned_on": [f"{2019 + at}-06-30" for at in range(len(sites))],
                },
                geometry=sites.geometry.to_numpy(),
                crs=4326,
            ),
            "people": gpd.GeoDataFrame(
                {"cell": to_text(cells), "residents": np.full(len(cells), 10.0 if people else 0.0)},
                geometry=polygons(cells).to_numpy(),
                crs=4326,
            ),
            "roads": gpd.GeoDataFrame(
                {"class": ["main"]},
                geometry=[shapely.LineString([(WEST, MIDDLE[1]), (EAST, MIDDLE[1])])],
                crs=4326,
            ),
            "railways": gpd.GeoDataFrame({"name": []}, geometry=[], crs=4326),
            "water": gpd.GeoDataFrame(
                {"kind": ["river", "pond"], "name": ["史河", None]},
                geometry=[
                    shapely.LineString([(MIDDLE[0], SOUTH), (MIDDLE[0], NORTH)]),
                    shapely.Point(MIDDLE).buffer(1e-4),
                ],
                crs=4326,
            ),
            "buildings": with_fields(
                gpd.GeoDataFrame({"height_m": []}, geometry=[], crs=4326) if buildings is None else buildings
            ),
            "key_places": gpd.GeoDataFrame(
                {"code": ["hub", "school"], "name": ["站", "校"], "class": ["transport_hub", "school"]},
                geometry=[shapely.Point(MIDDLE)] * 2,
                crs=4326,
            ),
            **{
                f"{level}s"
                if level == "town"
                else {"county": "counties", "community": "communities"}[level]: (
                    admin[admin["level"] == level].reset_index(drop=True)
                )
                for level in ("county", "town", "community")
            },
        },
        region,
        prefix,
    )


def run(given, **parameters):
    return compute(RadioParameters(**{"resolution": 9, **parameters}), given, lambda share: None)


def found_gaps(given, **parameters):
    return compute_gaps(RadioGapParameters(**{"resolution": 9, **parameters}), given, lambda share: None)


def finest(outcome, resolution=9):
    return outcome.cells[resolution_of(outcome.cells.index.to_numpy()) == resolution]
