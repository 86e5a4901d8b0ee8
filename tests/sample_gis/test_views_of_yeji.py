"""Every view on the whole sample city: it opens, its layers have features, numbers have parts or reasons."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from layers.database import Addresses, admin_connection, open_reading_pool
from layers.definitions.loading import Catalog
from layers.indicators.adding_up import Asking
from layers.indicators.clock import Clock
from layers.indicators.known import views_of
from layers.indicators.places import read_family
from layers.indicators.telling import tell_view
from layers.scope import Scope
from sample_gis.apart import made_apart
from sample_gis.loading import load_city
from sample_gis.profile import read_profile

pytestmark = [pytest.mark.soak, pytest.mark.postgis]

#: Nothing in the sample city says these: the view says so.
WITHOUT = {"high_rises_monitored": "all-unknown"}


async def test_every_view_tells_yeji_and_its_77_communities(
    database: Addresses, catalog: Catalog, tmp_path
) -> None:
    with made_apart(read_profile("yeji"), lambda step, share: None) as maker:
        load_city(database, maker, catalog, rasters=tmp_path / "rasters", files=tmp_path / "files")
    views = views_of(catalog)
    with admin_connection(database) as connection:
        rows = dict(connection.execute("SELECT layer, rows FROM onemap.layer_statistics").fetchall())
    day = date(2020, 12, 31)
    scope = Scope.everything("tests")
    clock = Clock(day, day, ZoneInfo("Asia/Shanghai"))
    asking = Asking(scope, catalog, clock, "341504", patience_seconds=60)
    pool = await open_reading_pool(database, size=1)
    async with pool.acquire() as connection:
        family = await read_family(connection, scope, "341504", "community")
        assert len(family.parts) == 77
        for view in views.views.values():
            told = await tell_view(connection, asking, views, view, family)
            for layer in view.layers:
                assert rows.get(catalog.layer(layer).table, 0) > 0, (view.name, layer)
            for indicator in told.indicators:
                figure = told.figures["341504"][indicator.name]
                if figure.value is None:
                    reason = None if figure.reason is None else figure.reason.code
                    expected = "no-run" if indicator.whole.run else WITHOUT.get(indicator.name)
                    assert reason == expected, (view.name, indicator.name)
                    continue
                parts = figure.numerator.value
                if figure.denominator is not None:
                    parts = figure.numerator.value / figure.denominator.value * indicator.per
                assert figure.value == pytest.approx(parts), (view.name, indicator.name)
    await pool.close()
