"""The live result on an open map: an edit of a feature is seen in its cell, and the published run stays."""

from __future__ import annotations

from collections.abc import Iterator

import h3
import httpx
import pytest
from playwright.sync_api import expect

from layers.database import Addresses, admin_connection
from layers.definitions.loading import Catalog
from tests.e2e.screen import Screen
from tests.e2e.small_city import CENTRE
from tests.layers.runs.workers import ask, wait_for, worker_here

pytestmark = [pytest.mark.e2e, pytest.mark.postgis]

PLACE = f"?c={CENTRE[1]},{CENTRE[0]}&z=14&l=counties,roads"
COUNTED = (
    "([run, cell, n]) => window.__onemap.cells(run).some((one) => one.cell === cell && one.values.n === n)"
)


@pytest.fixture
def followed(small_city: Addresses, catalog: Catalog) -> Iterator[int]:
    """Give the published run of a density whose live result a worker keeps."""
    run = ask(small_city, catalog, layer="cameras", resolution=9)

    def is_kept() -> bool:
        with admin_connection(small_city) as connection:
            query = "SELECT FROM onemap.live_result WHERE base = %s"
            return connection.execute(query, [run]).fetchone() is not None

    with worker_here(small_city):
        wait_for(is_kept, "the live result")
        yield run


def counts(screen: Screen, run: int) -> dict[str, float]:
    """Return the numbers of cameras in the cells that are drawn."""
    found = screen.page.evaluate("(run) => window.__onemap.cells(run)", run)
    return {one["cell"]: one["values"]["n"] for one in found}


def test_an_edit_by_the_api_changes_its_cell_on_the_open_map_and_not_the_published_run(
    screen: Screen, followed: int
) -> None:
    screen.open(f"{PLACE}&r=density.cameras")
    legend = screen.page.locator(".legend")
    expect(legend.locator("[data-live]")).to_contain_text("实时")
    before = counts(screen, followed)
    cell = next(cell for cell, n in before.items() if n > 0)
    n = before[cell]
    latitude, longitude = h3.cell_to_latlng(cell)
    screen.open(f"{PLACE}&r=density.cameras&cell={followed}:{cell}")
    shown = screen.page.locator("[data-cell] [data-value=n] dd")
    expect(shown).to_have_text(f"{n:g}")
    screen.page.evaluate("() => { window.sameDocument = true; }")

    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
        "properties": {"code": "SXT-LIVE"},
    }
    with httpx.Client(base_url=screen.address, timeout=30) as editor:
        made = editor.post(
            "/ogc/collections/cameras/items",
            json=feature, headers={"Content-Type": "application/geo+json"},
        )  # fmt: skip
        assert made.status_code == 201, made.text
        screen.page.wait_for_function(COUNTED, arg=[followed, cell, n + 1])
        expect(shown).to_have_text(f"{n + 1:g}")
        # The card covers a part of the map.
        now = counts(screen, followed)
        assert {one for one in now if now[one] != before[one]} == {cell}
        assert screen.page.evaluate("() => window.sameDocument")

        screen.open(f"{PLACE}&r=density:{followed}")
        assert counts(screen, followed) == before, "who names the run sees the run"
        expect(legend.locator("[data-live]")).to_have_count(0)

        screen.open(f"{PLACE}&r=density.cameras&lang=en")
        expect(legend.locator("[data-live]")).to_contain_text("Live")
        assert counts(screen, followed)[cell] == n + 1
        gone = editor.delete(made.headers["location"], headers={"If-Match": made.headers["etag"]})
        assert gone.status_code == 204, gone.text
        screen.page.wait_for_function(COUNTED, arg=[followed, cell, n])
