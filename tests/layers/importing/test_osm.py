"""Reading OSM extracts that nobody here made."""

from collections import Counter
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from geo.errors import BadInput
from layers.definitions.loading import Catalog, read_catalog
from layers.importing.osm import OsmSummary, read_osm
from layers.importing.tags import TagMapping, read_mapping


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return read_catalog()


@pytest.fixture(scope="module")
def mapping(catalog: Catalog) -> TagMapping:
    return read_mapping(catalog)


def read(path: Path, mapping: TagMapping, catalog: Catalog) -> tuple[dict[str, gpd.GeoDataFrame], OsmSummary]:
    summary = OsmSummary()
    parts: dict[str, list[gpd.GeoDataFrame]] = {}
    for layer, frame in read_osm(path, mapping, catalog, summary):
        parts.setdefault(layer, []).append(frame)
    return {layer: pd.concat(frames, ignore_index=True) for layer, frames in parts.items()}, summary


@pytest.fixture(scope="module")
def monaco(
    test_data: Path, mapping: TagMapping, catalog: Catalog
) -> tuple[dict[str, gpd.GeoDataFrame], OsmSummary]:
    return read(test_data / "osm/monaco.osm.pbf", mapping, catalog)


def test_monaco_gives_its_1207_building_polygons_and_refuses_the_node(monaco: tuple) -> None:
    frames, summary = monaco
    buildings = frames["buildings"]
    assert len(buildings) == 1207
    assert set(buildings.geom_type) <= {"Polygon", "MultiPolygon"}
    refused = [one for one in summary.refused if one.layer == "buildings"]
    assert [(one.reason, one.element.split("/")[0]) for one in refused] == [("shape", "node")]


def test_monaco_gives_ten_cameras_and_three_directions_of_which_one_is_zero(monaco: tuple) -> None:
    cameras = monaco[0]["cameras"]
    assert len(cameras) == 10
    assert sorted(cameras["azimuth_deg"].dropna()) == [0.0, 160.0, 240.0]
    assert Counter(cameras["kind"]) == {"fixed": 3, "ptz": 3, "dome": 4}


def test_complete_boundaries_become_regions_and_incomplete_ones_are_listed(monaco: tuple) -> None:
    frames, summary = monaco
    assert sorted(frames["regions"]["name"]) == [
        "Fontvieille", "La Condamine", "La Rousse", "Larvotto", "Monaco-Ville", "Monte-Carlo",
    ]  # fmt: skip
    assert set(frames["regions"]["system"]) == {"osm"}
    refused = [one for one in summary.refused if one.layer == "regions"]
    assert len(refused) == 22 - 6
    assert Counter(one.reason for one in refused) == {"incomplete": 15, "shape": 1}
    assert next(one.name for one in refused if one.reason == "shape") == "France - Monaco"
    assert all(one.element.startswith("relation/") for one in refused)


def test_codes_are_unique_and_every_taken_object_is_counted(monaco: tuple) -> None:
    frames, summary = monaco
    assert summary.taken == Counter({layer: len(frame) for layer, frame in frames.items()})
    for layer, frame in frames.items():
        assert frame["code"].is_unique, layer
        assert frame.crs.to_epsg() == 4326
        assert not frame.geometry.is_empty.any()


@pytest.mark.parametrize(
    ("extract", "layer", "least"),
    [
        ("nyc_manhattan_buildings", "buildings", 1500),
        ("porto_alegre_roads", "roads", 15000),
        ("liechtenstein", "regions", 11),
    ],
)
def test_other_extracts_are_read_to_their_end(
    test_data: Path, mapping: TagMapping, catalog: Catalog, extract: str, layer: str, least: int
) -> None:
    frames, _ = read(test_data / f"osm/{extract}.osm.pbf", mapping, catalog)
    assert len(frames[layer]) >= least


def test_manhattan_buildings_have_heights(test_data: Path, mapping: TagMapping, catalog: Catalog) -> None:
    frames, _ = read(test_data / "osm/nyc_manhattan_buildings.osm.pbf", mapping, catalog)
    buildings = frames["buildings"]
    known = buildings["height_m"].notna() | buildings["floors"].notna()
    assert known.sum() >= 1400
    assert buildings["height_m"].max() < 600


@pytest.mark.parametrize("share", [0.02, 0.4, 0.97])
def test_an_extract_that_is_cut_off_is_refused_whole(
    test_data: Path, mapping: TagMapping, catalog: Catalog, tmp_path: Path, share: float
) -> None:
    whole = (test_data / "osm/monaco.osm.pbf").read_bytes()
    cut = tmp_path / "cut.osm.pbf"
    cut.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BadInput, match=r"cut\.osm\.pbf"):
        read(cut, mapping, catalog)


@pytest.mark.parametrize("content", [b"", b"not a protocol buffer at all", bytes(5000)])
def test_a_file_that_is_no_extract_is_refused(
    mapping: TagMapping, catalog: Catalog, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "strange.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"strange\.osm\.pbf"):
        read(path, mapping, catalog)
