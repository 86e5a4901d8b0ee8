"""Files of features: each row has what its heading names, read back with Python's own csv module."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator

import geopandas as gpd
import pytest
import shapely

from api.run_files import features_csv
from layers.runs.kinds import kinds

SQUARE = shapely.box(115.9, 31.8, 115.92, 31.82)


async def pages_of(frame: gpd.GeoDataFrame) -> AsyncIterator[gpd.GeoDataFrame]:
    yield frame


async def rows_of(columns: list[str], values: dict[str, object]) -> list[dict[str | None, object]]:
    frame = gpd.GeoDataFrame({name: [values.get(name)] for name in columns}, geometry=[SQUARE], crs=4326)
    frame.index = ["a"]
    text = b"".join([part async for part in features_csv(pages_of(frame), columns)]).decode()
    heading = text.splitlines()[0].split(",")
    assert len(set(heading)) == len(heading), "a name twice"
    return list(csv.DictReader(io.StringIO(text)))


async def test_a_point_inside_is_added_to_each_feature():
    [row] = await rows_of(["people"], {"people": 3})
    point = shapely.Point(float(row["lon"]), float(row["lat"]))
    assert SQUARE.contains(point)
    assert (row["id"], row["people"]) == ("a", "3")


async def test_the_place_of_a_kind_that_has_one_is_told_once_and_as_it_is():
    columns = kinds()["camera_blind_spots"].column_names
    [row] = await rows_of(columns, {"lon": 115.901, "lat": 31.815, "grid": "G1"})
    assert (row["lon"], row["lat"], row["grid"]) == ("115.901", "31.815", "G1")


@pytest.mark.parametrize("name", [name for name, kind in kinds().items() if kind.result == "features"])
async def test_every_row_has_as_many_values_as_the_heading_has_names(name):
    [row] = await rows_of(kinds()[name].column_names, {})
    assert None not in row, "more values than names"
    assert None not in row.values(), "fewer values than names"
