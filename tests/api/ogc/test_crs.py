"""Reference systems: axis order as the registry has it, boxes as an independent library turns them."""

import numpy as np
import pytest
from pyproj import CRS, Transformer

from api.errors import BadParameter
from api.ogc.crs import CRS84, SUPPORTED, box_in_degrees, parse_crs


@pytest.mark.parametrize("system", SUPPORTED.values(), ids=lambda system: system.uri.rsplit("/", 1)[1])
def test_the_axis_order_is_that_of_the_registry(system):
    registered = CRS.from_user_input("OGC:CRS84" if system.uri == CRS84 else system.epsg)
    assert (registered.axis_info[0].direction == "north") is system.north_first


@pytest.mark.parametrize("system", SUPPORTED.values(), ids=lambda system: system.uri.rsplit("/", 1)[1])
def test_a_turned_box_holds_every_point_of_the_box(system):
    to_system = Transformer.from_crs("OGC:CRS84", system.uri if system.uri == CRS84 else system.epsg)
    corners = to_system.transform([115.8, 115.8, 115.95, 115.95], [31.75, 31.85, 31.75, 31.85])
    box = (min(corners[0]), min(corners[1]), max(corners[0]), max(corners[1]))
    west, south, east, north = box_in_degrees(box, system)
    first, second = np.meshgrid(np.linspace(box[0], box[2], 9), np.linspace(box[1], box[3], 9))
    lon, lat = to_system.transform(first.ravel(), second.ravel(), direction="INVERSE")
    slack = 1e-9
    assert (lon >= west - slack).all() and (lon <= east + slack).all()
    assert (lat >= south - slack).all() and (lat <= north + slack).all()
    assert abs(west - lon.min()) < 1e-6 and abs(north - lat.max()) < 1e-6


@pytest.mark.parametrize("text", ["", "EPSG:4326", "http://www.opengis.net/def/crs/EPSG/0/2154", "x'\"; --"])
def test_a_system_that_is_not_offered_is_refused_with_those_that_are(text):
    with pytest.raises(BadParameter) as caught:
        parse_crs(text, "crs")
    assert CRS84 in caught.value.details["known"]
