"""The whole city, planted truth and all, is the same to the byte for a seed, whatever process makes it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from sample_gis.city import City
from sample_gis.making import make_city
from sample_gis.profile import read_profile


def digests(city: City) -> dict[str, str]:
    """Return a digest of each layer and of the truth."""
    truth = json.dumps(city.truth, sort_keys=True, ensure_ascii=False).encode()
    return {
        "truth": hashlib.sha256(truth).hexdigest(),
        **{name: digest(frame) for name, frame in city.layers.items()},
    }


def digest(frame: pd.DataFrame) -> str:
    """Return a digest of a layer."""
    shapes = b"".join(
        b"".join(wkb or b"-" for wkb in shapely.to_wkb(frame[column].to_numpy(), byte_order=1))
        for column in frame.columns
        if isinstance(frame[column], gpd.GeoSeries)
    )
    plain = frame[[column for column in frame.columns if not isinstance(frame[column], gpd.GeoSeries)]]
    text = plain.to_json(orient="split", double_precision=15, default_handler=str)
    return hashlib.sha256(shapes + text.encode()).hexdigest()


@pytest.mark.soak
def test_another_process_makes_the_same_city_to_the_byte_and_hands_over_what_stays(yeji: City) -> None:
    program = "import json; from tests.sample_gis.test_same_city import main; print(json.dumps(main()))"
    environment = {**os.environ, "PYTHONHASHSEED": "77"}
    other = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
    )
    # Above the last line stand the steps as they were made.
    assert json.loads(other.stdout.splitlines()[-1]) == digests(yeji)


def main() -> dict[str, str]:
    """Make the city with forks; return the digests of its layers as handed over, and of the truth."""
    handed: dict[str, str] = {}
    city = make_city(
        read_profile("yeji"),
        complete=lambda name, frame: handed.update({name: digest(frame)}),
        forks=True,
    )
    return {"truth": digests(city)["truth"], **handed}
