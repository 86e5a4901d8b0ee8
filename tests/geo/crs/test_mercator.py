"""Web mercator in closed form, against PROJ."""

import numpy as np
import pyproj
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import mercator, mercator_to_degrees

TO_MERCATOR = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)
places = st.lists(st.tuples(st.floats(-180, 180), st.floats(-85.06, 85.06)), min_size=1, max_size=20)


@given(places)
def test_the_closed_form_is_what_proj_computes_to_the_micrometre(given_places):
    degrees = np.array(given_places)
    expected = np.column_stack(TO_MERCATOR.transform(*degrees.T))
    np.testing.assert_allclose(mercator(degrees), expected, rtol=0, atol=1e-6)


@given(places)
def test_the_way_back_leads_to_where_it_began(given_places):
    degrees = np.array(given_places)
    np.testing.assert_allclose(mercator_to_degrees(mercator(degrees)), degrees, rtol=0, atol=1e-11)
