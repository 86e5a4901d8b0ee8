"""``onemap antennas``, and the raster that analyses take the ground from, on a real database."""

from __future__ import annotations

import json

import pytest

from geo.errors import BadInput, NotFound
from layers.antennas import SETTING, patterns_of, remove_antenna, store_antenna
from layers.city import read_setting
from layers.database import admin_connection
from layers.relief import store_relief
from layers.scope import Scope

pytestmark = pytest.mark.postgis


def planet(name: str, tilt: int) -> str:
    lobe = "".join(f"{at} {min(12 * (min(at, 360 - at) / 65) ** 2, 25):.2f}\n" for at in range(360))
    return f"NAME {name}\nGAIN 15.5 dBd\nELECTRICAL_TILT {tilt}\nHORIZONTAL 360\n{lobe}VERTICAL 360\n{lobe}"


def test_patterns_are_kept_and_listed_and_a_bad_file_leaves_nothing(onemap, database, tmp_path):
    named = {"ONEMAP_DATABASE_URL": database.application, "ONEMAP_DATABASE_ADMIN_URL": database.admin}
    good, broken = tmp_path / "AQU4518R7.msi", tmp_path / "short.pln"
    good.write_bytes(planet("华为天线", 6).encode("gb18030"))
    broken.write_text(planet("short", 0)[:-40], encoding="utf-8")
    refused = onemap("antennas", "add", str(good), str(broken), **named)
    assert refused.returncode == 1
    assert "short.pln" in refused.stderr
    assert "VERTICAL announces 360" in refused.stderr
    with admin_connection(database) as connection:
        assert read_setting(connection, SETTING) is None
    done = onemap("antennas", "add", str(good), **named)
    assert (done.returncode, done.stdout) == (0, "AQU4518R7: 17.65 dBi, 华为天线\n"), done.stderr
    listed = json.loads(onemap("antennas", "list", "--json", **named).stdout)
    assert listed["AQU4518R7"]["electrical_tilt_deg"] == 6
    with admin_connection(database) as connection:
        pattern = patterns_of(read_setting(connection, SETTING))["AQU4518R7"]
        assert (pattern.gain_dbi, pattern.horizontal_db[65], pattern.vertical_db[354]) == (17.65, 12.0, 0.0)


def test_names_that_mean_arrays_and_texts_that_are_none_are_refused(database, test_data):
    scope = Scope.everything("tests")
    with admin_connection(database) as connection:
        data = planet("panel", 0).encode()
        for name, wrong in (
            ("8x8", data),
            ("", data),
            ("a" * 81, data),
            ("utf16", "NAME x".encode("utf-16")),
        ):
            with pytest.raises(BadInput):
                store_antenna(connection, name, wrong, scope=scope)
        store_antenna(connection, "panel", data, scope=scope)
        remove_antenna(connection, "panel", scope=scope)
        with pytest.raises(NotFound):
            remove_antenna(connection, "panel", scope=scope)
        store_relief(connection, test_data / "dem" / "porto_alegre_srtm30.tif")
        assert read_setting(connection, "relief")["path"].endswith("porto_alegre_srtm30.tif")
