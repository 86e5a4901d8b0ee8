import pytest

from sample_gis import base_map
from sample_gis.city import City
from sample_gis.making import make_city
from sample_gis.profile import read_profile


@pytest.fixture(scope="session")
def city() -> City:
    """Make the ground of Yeji, from the outline to the base map."""
    return make_city(read_profile("yeji"), until=base_map)
