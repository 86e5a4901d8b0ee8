"""``onemap analyse radio-measurements``: a drive test set against the city's sectors, on a real database."""

from __future__ import annotations

import json

import numpy as np
import pytest

from layers.database import admin_connection, set_scope
from layers.scope import Scope
from tests.api.routes.test_explain_radio import ROW

pytestmark = pytest.mark.postgis


def test_a_drive_test_gives_errors_and_a_correction_as_json(onemap, database, tmp_path):
    named = {"ONEMAP_DATABASE_URL": database.application, "ONEMAP_DATABASE_ADMIN_URL": database.admin}
    with admin_connection(database) as connection, connection.transaction():
        set_scope(connection, Scope.everything("tests"))
        connection.execute(ROW.encode())
    lon = np.linspace(115.82, 115.84, 60)
    rows = [f"{one:.6f},31.8,{level}" for one, level in zip(lon, np.linspace(-100, -70, 60), strict=True)]
    file = tmp_path / "drive.csv"
    file.write_text("\n".join(["lon,lat,rsrp", *rows, "0,0,-500"]), encoding="utf-8")
    done = onemap("analyse", "radio-measurements", str(file), "--datum", "wgs84", "--json", **named)
    assert done.returncode == 0, done.stderr
    assert "1 rows refused (rsrp_dbm: range)" in done.stderr
    found = json.loads(done.stdout)
    assert (found["measurements"], found["out_of_reach"], found["level"]["count"]) == (60, 0, 60)
    assert found["classes"]["open"]["own"] is True
    assert found["calibration"]["folds"] >= 2
    unsaid = onemap("analyse", "radio-measurements", str(file), **named)
    assert (unsaid.returncode, "--datum" in unsaid.stderr) == (1, True)
