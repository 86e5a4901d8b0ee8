"""The ground of the sample city, for tests of what stands on it."""

from __future__ import annotations

import pytest

from sample_gis.city import City


@pytest.fixture(scope="session")
def city(yeji: City) -> City:
    """Return the whole city: later themes leave the ground as it was made."""
    return yeji
