import hashlib

import numpy as np
import pytest
import shapely

from sample_gis.land import ponds
from sample_gis.making import make_city
from sample_gis.profile import read_profile
from sample_gis.settling import hamlets
from sample_gis.shapes.noise import Noise


def _digest(city):
    digest = hashlib.sha256(city.terrain.height_m.tobytes())
    for geometry in (*city.ponds.geometry, *city.streams.geometry, city.river, city.canal):
        digest.update(shapely.to_wkb(geometry))
    return digest.hexdigest()


@pytest.fixture(scope="module")
def other_ground():
    profile = read_profile("yeji").model_copy(update={"seed": 7})
    return make_city(profile, until=hamlets)


def test_the_same_seed_gives_the_same_bytes():
    one, two = (make_city(read_profile("yeji"), until=ponds) for _ in range(2))
    assert _digest(one) == _digest(two)


def test_another_ground_gives_other_ground(city, other_ground):
    assert np.abs(city.terrain.height_m - other_ground.terrain.height_m).mean() > 2
    assert city.canal.hausdorff_distance(other_ground.canal) > 100


def test_another_ground_gives_valid_ground(other_ground):
    terrain = other_ground.terrain
    giver = np.flatnonzero(terrain.receiver >= 0)
    heights = terrain.height_m.ravel()
    assert (heights[terrain.receiver[giver]] <= heights[giver]).all()
    assert 1800 < len(other_ground.hamlets) < 3000
    assert shapely.is_valid(other_ground.ponds.geometry.to_numpy()).all()
    assert shapely.contains_xy(other_ground.outline, *other_ground.hamlets.T).all()


def test_steps_do_not_share_random_numbers(city):
    assert city.random("one").random() == city.random("one").random()
    assert city.random("one").random() != city.random("two").random()


def test_hashes_are_the_same_everywhere():
    values = Noise(341504).uniform([0, 1, -5], [0, 7, 3], salt=11)
    assert values.round(12).tolist() == [0.872642739821, 0.964704922695, 0.025879108893]
