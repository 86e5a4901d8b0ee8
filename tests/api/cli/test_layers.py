"""``onemap layers add``: a layer from its document, on a real database."""

from __future__ import annotations

import pytest

from layers.database import admin_connection
from tests.api.routes.test_admin import BENCHES
from tests.layers.little_city import one

pytestmark = pytest.mark.postgis


def test_a_layer_is_added_from_its_file_and_a_flawed_one_is_not(onemap, database, tmp_path):
    named = {"ONEMAP_DATABASE_URL": database.application, "ONEMAP_DATABASE_ADMIN_URL": database.admin}
    file = tmp_path / "benches.yaml"
    file.write_text(BENCHES, encoding="utf-8")
    done = onemap("layers", "add", str(file), **named)
    assert (done.returncode, done.stdout) == (0, "benches: benches\n"), done.stderr
    assert onemap("layers", "add", str(file), **named).stdout == "benches: nothing to change\n"
    file.write_text(BENCHES.replace("point", "pint", 1), encoding="utf-8")
    refused = onemap("layers", "add", str(file), **named)
    assert refused.returncode == 1
    assert "geometry" in refused.stderr
    with admin_connection(database) as connection:
        assert one(connection, "SELECT count(*) FROM city.benches") == 0
