"""The map while its database is dead: it shows what it has, and says how old that is."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from api.embedded.cluster import Cluster
from layers.definitions.loading import Catalog
from layers.schema.migrating import migrate
from tests.e2e.conftest import opened
from tests.e2e.small_city import CAMERAS, CENTRE, fill
from tests.layers.runs.workers import wait_for
from tests.serving import kill, serving

pytestmark = [pytest.mark.e2e, pytest.mark.postgis]

TILE = "/tiles/cameras/14/13466/6661.mvt"
VIEW = f"?c={CENTRE[1]},{CENTRE[0]}&l=counties,roads,cameras&z="


def test_with_the_database_killed_the_map_says_how_old_its_tiles_are_until_it_is_back(
    browser: Browser, own_cluster: Cluster, catalog: Catalog, tmp_path: Path
) -> None:
    addresses = own_cluster.start()
    migrate(addresses)
    fill(addresses, catalog)
    with serving(addresses, tmp_path / "home") as service:
        with opened(browser, service, "desk") as before:
            before.open(f"{VIEW}14")  # somebody has looked at the city from farther away
        with opened(browser, service, "desk") as screen:
            screen.watch.allow("503")
            screen.open(f"{VIEW}15")
            notice = screen.page.locator(".notice")
            expect(notice).to_have_count(0)
            assert screen.page.request.get(f"{service}{TILE}").status == 200
            kill(own_cluster)
            # the service knows that kept tiles are old as soon as it misses the log
            wait_for(
                lambda: "x-tile-stale-seconds" in screen.page.request.get(f"{service}{TILE}").headers,
                "a tile that says how old it is",
            )
            screen.page.get_by_role("button", name="缩小").click()
            expect(notice).to_have_text("数据库暂不可用，显示的是不到 1 分钟前的数据")
            screen.idle()
            assert screen.features()["cameras"] == CAMERAS, "the old tiles are drawn"
            own_cluster.start()
            expect(notice).to_have_count(0, timeout=30_000)
            screen.idle()
            assert screen.features()["cameras"] == CAMERAS
