"""What others change is on this screen without a reload, and nothing flickers on the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from layers.database import Addresses, admin_connection
from tests.e2e.screen import Screen
from tests.e2e.small_city import CENTRE

pytestmark = [pytest.mark.e2e, pytest.mark.postgis]

STREET = f"?c={CENTRE[1]},{CENTRE[0]}&z=16&l=counties,roads,cameras"
MOVE = "UPDATE city.cameras SET geom = ext.ST_Translate(geom, 0, %s) WHERE code = 'SXT0024' RETURNING id"
RENAME = "UPDATE city.cameras SET name = %s WHERE code = 'SXT0024' RETURNING id"


def change(addresses: Addresses, statement: str, value: float | str) -> int:
    """Change the city as another program would, and return the id of what changed."""
    with admin_connection(addresses) as connection, connection.transaction():
        row = connection.execute(statement.encode(), [value]).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture
def camera_at_home(small_city: Addresses) -> Iterator[None]:
    """Put the camera that a test moves north back into its place."""
    yield
    change(small_city, MOVE, -0.0008)


@pytest.mark.usefixtures("camera_at_home")
def test_a_camera_that_is_moved_elsewhere_moves_on_the_map(screen: Screen, small_city: Addresses) -> None:
    screen.open(STREET)
    heights = {one["id"]: one["y"] for one in screen.positions("cameras")}
    screen.page.evaluate(
        "() => { window.fewest = 1e9; const look = () => {"
        " window.fewest = Math.min(window.fewest, window.__onemap.positions('roads').length);"
        " requestAnimationFrame(look); }; look(); }"
    )
    camera = change(small_city, MOVE, 0.0008)
    box = screen.page.locator("#map").bounding_box()
    assert box is not None
    screen.page.wait_for_function(
        "([id, y]) => window.__onemap.positions('cameras').some((one) => one.id === id && one.y < y - 20)",
        arg=[camera, heights[camera] - box["y"]],
    )
    rest = {one["id"]: one["y"] for one in screen.positions("cameras") if one["id"] != camera}
    assert rest == pytest.approx({key: value for key, value in heights.items() if key != camera}, abs=0.01)
    assert screen.page.evaluate("() => window.fewest") > 0, "no layer was gone while the new tiles came"


def test_the_open_card_follows_a_change(screen: Screen, small_city: Addresses) -> None:
    camera = change(small_city, RENAME, "路口24号")
    screen.open(f"{STREET}&sel=cameras:{camera}")
    title = screen.page.locator("[data-feature] h2")
    for name in ("改名", "路口24号"):
        change(small_city, RENAME, name)
        expect(title).to_have_text(name)
