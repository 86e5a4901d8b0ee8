"""A planner's task: ask for cameras, move one and see at once what it gains, have the plan written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from layers.database import Addresses, admin_connection, set_scope
from layers.scope import Scope
from tests.e2e.screen import Screen
from tests.e2e.small_city import CENTRE
from tests.layers.runs.workers import worker_here

pytestmark = [pytest.mark.e2e, pytest.mark.postgis]

PATIENCE = 180_000
#: Lamp posts along the middle street, between the cameras of the corners.
POSTS = """
INSERT INTO city.poles (code, geom, provenance, source, status, kind, height_m, power)
SELECT 'GJ' || n, ST_SetSRID(ST_Point(115.8945 + n * 0.001, 31.8491), 4326), 'synthetic', 'tests',
    'in_service', 'lamp', 6, 'mains'
FROM generate_series(0, 9) AS n
"""


@pytest.fixture(scope="module")
def with_posts(small_city: Addresses) -> Iterator[Addresses]:
    everything = Scope.everything("tests")
    with admin_connection(small_city) as connection:
        with connection.transaction():
            set_scope(connection, everything)
            connection.execute(POSTS.encode())
        with worker_here(small_city):
            yield small_city
        with connection.transaction():
            set_scope(connection, everything)
            connection.execute(b"DELETE FROM city.poles WHERE code LIKE 'GJ%'")
            connection.execute(b"DELETE FROM city.cameras WHERE provenance = 'plan'")


def asked(page: Page, button: str) -> dict[str, Any]:
    """Press a button that asks for a plan, and return the run once its rows are there."""
    with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        page.locator(button).click()
    run: dict[str, Any] = answered.value.json()
    expect(page.locator(f"[data-plan='{run['id']}'] [data-proof]")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("tr[data-site]")).to_have_count(2, timeout=PATIENCE)
    return run


@pytest.mark.parametrize("size", ["desk"])
def test_a_planner_places_cameras_moves_one_and_has_the_scenario_written(
    screen: Screen, with_posts: Addresses
) -> None:
    page = screen.page
    page.goto(f"{screen.address}/desk/siting?c={CENTRE[1]},{CENTRE[0]}&z=15.5")
    page.get_by_role("button", name="改 需求").click()
    page.locator("[data-choice=cameras]").click()
    page.get_by_role("button", name="改 预算").click()
    page.locator("[data-sites]").fill("2")
    page.get_by_role("button", name="改 运行").click()
    page.get_by_label("求解时限（秒）").fill("0")
    asked(page, "[data-run-plan]")

    # The pin of the second site is dragged along the street; what it would gain is told on the way.
    page.locator("tr[data-site='0002'] th button").click()
    card = page.locator("[data-held='2']")
    expect(card.locator("[data-candidate]").first).to_be_visible(timeout=PATIENCE)
    screen.idle()
    pin = page.locator(".map-half:nth-child(2) [data-pin='2']")
    box = pin.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y, steps=4)
    page.mouse.move(x + 150, y, steps=6)
    expect(page.locator(".site-tip").first).to_be_visible()
    assert screen.hook("gainMs") < 100
    page.mouse.up()
    moved = page.locator("[data-moved='1']")
    expect(moved).to_be_visible()
    page.wait_for_function("() => document.querySelector('[data-moved]').dataset.covered !== ''")
    covered = float(moved.get_attribute("data-covered") or "nan")

    # Planned anew with both places fixed, the engine comes to the same number.
    page.get_by_role("button", name="锁定全部").click()
    asked(page, "[data-moved] .button")
    proof = page.locator("[data-plan] [data-proof]")
    assert float(proof.get_attribute("data-covered") or "nan") == pytest.approx(covered, rel=1e-9)

    page.get_by_role("button", name="存为方案").click()
    page.get_by_label("方案名称").fill("东街")
    page.get_by_role("button", name="存为方案").click()
    page.get_by_role("link", name="打开方案").click()
    for state in ("review", "final"):
        page.locator(f"[data-to-state={state}]").click()
        expect(page.locator(f"[data-scenario='东街'][data-state={state}]")).to_be_visible()
    page.locator("[data-apply]").click()
    expect(page.locator("[data-adds=cameras]")).to_contain_text("写入 2 个规划")
    page.locator("[data-confirm]").click()
    expect(page.locator("[data-applied='2']")).to_be_visible()
    assert page.url.split("?")[0].endswith("/desk/siting/%E4%B8%9C%E8%A1%97")


@pytest.mark.parametrize("size", ["desk"])
def test_from_the_map_the_page_comes_with_both_maps_that_show_the_whole_and_back(screen: Screen) -> None:
    page = screen.page
    screen.open()
    whole = screen.hook("view")["zoom"]
    page.get_by_role("link", name="选址", exact=True).click()
    expect(page.locator(".twin .leaflet-map-pane")).to_be_attached()
    screen.idle()
    # The whole of the city in a narrower map, never a street of it.
    assert abs(screen.hook("view")["zoom"] - whole) < 2
    page.get_by_text("返回地图").click()
    expect(page.locator(".twin")).to_have_count(0)
    screen.idle()
    assert abs(screen.hook("view")["zoom"] - whole) < 2
    assert screen.hook("view")["lat"] == pytest.approx(CENTRE[1], abs=0.02)
