"""Blind spots in the browser: by rank, why a place is not seen, sight lines; the grid worker's own grid."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from layers.database import Addresses, connect_application, scoped
from layers.definitions.loading import Catalog
from layers.runs.requesting import request
from layers.scope import Scope
from tests.e2e.screen import Screen
from tests.e2e.small_city import CENTRE
from tests.layers.runs.workers import carry_out

pytestmark = [pytest.mark.e2e, pytest.mark.postgis]

PLACE = f"?c={CENTRE[1] + 0.001},{CENTRE[0] - 0.001}&z=17&l=buildings,cameras,roads,communities&p=sight"


@pytest.fixture(scope="module")
def analysed(small_city: Addresses, catalog: Catalog) -> None:
    scope = Scope.everything("tests")
    with connect_application(small_city) as connection, scoped(connection, scope):
        request(connection, scope, catalog, kind="camera_blind_spots", parameters={}, region="")
    carry_out(small_city, 180.0)


def keep(screen: Screen, name: str) -> None:
    """Keep a picture to look at where somebody asks for it."""
    if folder := os.environ.get("ONEMAP_PICTURES"):
        screen.page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.usefixtures("analysed")
def test_a_blind_spot_is_opened_from_the_list_and_explained(screen: Screen) -> None:
    screen.open(PLACE)
    expect(screen.page.locator(".finding")).to_contain_text("处盲区")
    first = screen.page.locator(".spot").first
    expect(first).to_contain_text("道路")
    first.click()
    card = screen.page.locator(".why")
    expect(card).to_have_attribute("data-cause", re.compile("^[a-z_]+$"), timeout=30_000)
    screen.idle()
    sight = screen.hook("sight")
    assert 0 < len(sight["cameras"]) <= 5
    assert [one["letter"] for one in sight["cameras"]] == ["A", "B", "C", "D", "E"][: len(sight["cameras"])]
    row = card.locator(".sight-camera").first
    tests = [re.compile(name) for name in ("在线", "距离", "视角", "视线")]
    expect(row.locator(".sight-tests li")).to_have_text(tests)
    assert screen.hook("results")["camera_blind_spots"]
    keep(screen, "desk-list")
    row.get_by_role("button").first.click()
    screen.page.wait_for_function("() => window.__onemap.selection?.startsWith('cameras:')")
    expect(card).to_have_count(0)


@pytest.mark.usefixtures("analysed")
def test_the_map_is_asked_why_and_draws_what_the_camera_sees(screen: Screen) -> None:
    screen.open(PLACE)
    screen.page.get_by_role("button", name="点选地图").click()
    box = screen.page.locator("#map").bounding_box()
    assert box is not None
    screen.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    card = screen.page.locator(".why")
    expect(card).to_have_attribute("data-cause", re.compile("^[a-z_]+$"), timeout=30_000)
    screen.idle()
    lines = [one["line"] for one in screen.hook("sight")["cameras"]]
    assert all(line["fails"] for line in lines)
    keep(screen, "desk-asked")
    card.locator(".sight-head button").first.click()
    screen.page.wait_for_function("() => window.__onemap.sight?.own")
    assert screen.hook("sight")["own"]["geometry"]["type"] in ("Polygon", "MultiPolygon")
    keep(screen, "desk-camera")


@pytest.mark.usefixtures("analysed")
@pytest.mark.parametrize("size", ["field"], indirect=True)
def test_a_grid_worker_sees_the_own_grid_and_why_a_spot_is_blind(screen: Screen) -> None:
    screen.open(f"?c={CENTRE[1] + 0.003},{CENTRE[0] - 0.003}&z=16&l=buildings,cameras,roads&p=sight")
    offered = screen.page.locator("[data-grid-row]")
    expect(offered.first).to_contain_text("中心所在")
    screen.page.get_by_role("searchbox").fill("花园")
    expect(offered.first).to_contain_text("花园第")
    screen.page.get_by_role("searchbox").fill("")
    offered.filter(has_text="中心所在").click()
    sheet = screen.page.locator(".grid-sheet[data-grid]")
    expect(sheet).to_contain_text("花园第")
    expect(sheet.locator(".grid-numbers dd").first).to_have_text(re.compile(r"^\d+$"))
    expect(sheet.locator(".grid-numbers dd").last).to_have_text(re.compile(r"^\d+$"))
    screen.idle()
    keep(screen, "field-grid")
    sheet.locator(".spot").first.click()
    card = screen.page.locator(".why")
    expect(card.locator(".sight-fails").first).to_be_visible(timeout=30_000)
    screen.idle()
    assert screen.hook("sight")["point"]
    keep(screen, "field-why")
    screen.page.reload()
    screen.idle()
    expect(screen.page.locator(".grid-sheet[data-grid]")).to_contain_text("花园第")
