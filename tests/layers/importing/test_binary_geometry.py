"""Extended WKB written for whole arrays, against GEOS and PROJ."""

import numpy as np
import pyarrow as pa
import pyproj
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.importing.binary_geometry import geometries_as_bytes

TO_MERCATOR = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)

places = st.tuples(st.floats(-180, 180), st.floats(-85, 85))
points = places.map(shapely.Point)
lines = st.lists(places, min_size=2, max_size=6).map(shapely.LineString)
rings = st.lists(places, min_size=3, max_size=6)
polygons = st.builds(shapely.Polygon, rings, st.lists(rings, max_size=2))
shapes = st.one_of(
    st.none(), points, lines, polygons,
    st.lists(points, max_size=3).map(shapely.MultiPoint),
    st.lists(lines, max_size=3).map(shapely.MultiLineString),
    st.lists(polygons, max_size=3).map(shapely.MultiPolygon),
)  # fmt: skip
columns = st.lists(shapes, min_size=1, max_size=12).map(lambda found: np.array([*found, None])[:-1])


@settings(deadline=None)
@given(columns)
def test_in_degrees_the_bytes_are_those_of_geos(column):
    expected = shapely.to_wkb(shapely.set_srid(column, 4326), byte_order=1, include_srid=True)
    assert geometries_as_bytes(column, 4326, pa.large_binary()).to_pylist() == expected.tolist()


@settings(deadline=None)
@given(columns)
def test_in_mercator_every_vertex_is_where_proj_puts_it(column):
    made = shapely.from_wkb(geometries_as_bytes(column, 3857, pa.large_binary()).to_pylist())
    assert shapely.get_type_id(made).tolist() == shapely.get_type_id(column).tolist()
    assert set(shapely.get_srid(made[shapely.is_geometry(made)])) <= {3857}
    ours, owner = shapely.get_coordinates(made, return_index=True)
    degrees, expected_owner = shapely.get_coordinates(column, return_index=True)
    assert owner.tolist() == expected_owner.tolist()
    if len(degrees):
        expected = np.column_stack(TO_MERCATOR.transform(*degrees.T))
        np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-6)
