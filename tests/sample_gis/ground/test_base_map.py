import pytest
import shapely

from layers.definitions.loading import read_catalog

LAYERS = ("buildings", "roads", "railways", "water", "green_and_public_space")
SYSTEM = {"code", "status", "provenance", "source", "geometry"}


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_has_columns_of_the_catalogue(city, name):
    known = set(read_catalog().layer(name).field_names)
    assert set(city.layers[name].columns) - SYSTEM <= known


@pytest.mark.parametrize("name", LAYERS)
def test_codes_are_those_of_the_lists(city, name):
    catalog = read_catalog()
    for field in catalog.layer(name).fields:
        if field.codes and field.name in city.layers[name]:
            allowed = {code.code for code in catalog.code_lists[field.codes].codes}
            assert set(city.layers[name][field.name].dropna()) <= allowed, field.name


@pytest.mark.parametrize("name", LAYERS)
def test_every_row_says_that_it_is_synthetic(city, name):
    frame = city.layers[name]
    assert (frame["provenance"] == "synthetic").all()
    assert frame["source"].notna().all()
    assert frame["code"].is_unique
    assert shapely.is_valid(frame.geometry.to_numpy()).all()
    assert not frame.geometry.is_empty.any()


def test_a_road_opened_before_the_city_s_today(city):
    opened = city.layers["roads"]["opened_on"].dropna()
    assert len(opened) > 500
    assert max(opened) <= city.as_of


def test_the_river_and_the_canal_are_named(city):
    water = city.layers["water"]
    assert {"史河", "史河总干渠"} <= set(water["name"].dropna())


def test_there_are_forests_and_fields(city):
    area = city.layers["green_and_public_space"].groupby("kind")["area_m2"].sum() / 1e6
    assert 15 < area["forest"] < 120
    assert 200 < area["farmland"] < 500
