"""Real cameras among real buildings: Monaco from OpenStreetMap, where lenses are not on record."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geo.crs import metric_crs
from layers.definitions.loading import Catalog
from layers.importing.osm import OsmSummary, read_osm
from layers.importing.tags import read_mapping
from layers.runs.cameras.coverage import CAMERA_COVERAGE
from layers.runs.cameras.viewsheds import ViewshedParameters, compute, wanted
from layers.runs.kinds import Inputs, Outcome
from layers.runs.publishing import area_rows

FIXED = {0.0, 160.0, 240.0}


@pytest.fixture(scope="module")
def inputs(test_data: Path, catalog: Catalog) -> Inputs:
    """Return the layers as a run reads them: every column there, empty where OpenStreetMap says nothing."""
    read: dict[str, list[gpd.GeoDataFrame]] = {}
    file = test_data / "osm/monaco.osm.pbf"
    for layer, frame in read_osm(file, read_mapping(catalog), catalog, OsmSummary()):
        read.setdefault(layer, []).append(frame)
    return Inputs(
        {
            one.role: pd.concat(read[one.layer], ignore_index=True).reindex(
                columns=["code", *one.fields, "geometry"]
            )
            for one in wanted(ViewshedParameters())
            if one.layer in read
        }
    )


def drawn(inputs: Inputs, **given: object) -> Outcome:
    return compute(ViewshedParameters.model_validate(given), inputs, lambda share: None)


def test_without_lenses_on_record_nothing_is_said_to_be_seen(inputs: Inputs) -> None:
    outcome = drawn(inputs)
    assert len(outcome.cells) == 0
    facts = outcome.note.facts
    assert (facts["cameras"], facts["unknown_view"], facts["assumed"]) == (10, 10, 0)


def test_with_a_lens_assumed_three_cameras_look_where_they_point_and_seven_are_told_as_unknown(
    inputs: Inputs,
) -> None:
    outcome = drawn(inputs, assumed_view_angle_deg=90, assumed_pixels=1920, assumed_online=True)
    facts = outcome.note.facts
    assert (facts["ok"], facts["unknown_direction"], facts["assumed"]) == (3, 7, 10)
    assert any("was assumed" in limit for limit in outcome.note.limits)
    cameras = inputs.frames["cameras"].set_index("code")
    assert set(cameras.loc[outcome.cells.index, "azimuth_deg"]) == FIXED
    assert set(outcome.cells["assumed"]) == {"view_angle_deg,pixels_horizontal,online"}
    assert (outcome.cells["covers"] == 1).all()
    crs = metric_crs(cameras)
    views, eyes = outcome.cells.to_crs(crs), cameras.to_crs(crs)
    houses = inputs.frames["buildings"].to_crs(crs).geometry
    for code, view in views.geometry.items():
        eye, middle = eyes.geometry[code], view.centroid
        bearing = np.degrees(np.arctan2(middle.x - eye.x, middle.y - eye.y)) % 360
        off = (bearing - cameras["azimuth_deg"][code] + 180) % 360 - 180
        assert abs(off) < 45  # inside the view, which buildings cut
        # 38.40 m along the axis at 25 px/m: 54.3 m at the corners, 1,474.6 m² without buildings
        assert view.hausdorff_distance(eye) <= 54.4
        assert 100 < view.area < 1474.7
        # seen through none of the houses but the one that carries the camera
        through = houses[houses.intersection(view).area > 0.01 * view.area]
        assert (through.distance(eye) < 2).all()


def test_a_city_without_regions_has_rows_of_streets_alone() -> None:
    streets = pd.DataFrame(
        {"layer": ["roads"], "code": ["Rue"], "name": ["Rue"], "street_m": [10.0], "street_seen_m": [4.0]}
    )
    (row,) = area_rows(CAMERA_COVERAGE, streets)
    assert row["measures"]["street_seen_m"] == 4.0
    assert row["measures"]["seen_1"] is None
