"""The wall in a real browser: numbers with their sources, ranking, drilling, views, and what can be read."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.screen import Screen
from tests.e2e.small_city import CAMERAS

pytestmark = [pytest.mark.e2e, pytest.mark.postgis]


#: Where rows of the ranking begin: those out of sight stand in a column of their own.
ROWS = "() => [...document.querySelectorAll('.ranking li')].map((one) => one.offsetLeft)"


def see_that_nothing_stands_over_the_region(screen: Screen) -> None:
    over, foot = (screen.page.locator(one).bounding_box() for one in (".wall-over", ".map-lower"))
    assert over is not None
    assert foot is not None
    heights = [one["y"] for one in screen.positions("communities")]
    assert heights
    assert over["y"] + over["height"] < min(heights) <= max(heights) < foot["y"]


@pytest.mark.parametrize("size", ["wall"], indirect=True)
def test_a_view_is_told_drilled_into_and_left_again_on_the_wall(screen: Screen) -> None:
    page = screen.page
    screen.open("wall/video")
    online = page.locator("[data-indicator=cameras_online]")
    expect(online.locator(".tile-parts")).to_contain_text(f"/ {CAMERAS}", timeout=30_000)
    assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"
    assert {"cameras", "communities"} <= set(screen.hook("layers"))
    expect(page.locator(".wall-bar .badge")).to_have_text("样例数据")
    expect(page.locator(".wall-day")).to_contain_text("2020-12-31")

    see_that_nothing_stands_over_the_region(screen)

    # the number leads to where it comes from, and a number that is not there says why
    online.get_by_role("button").click()
    source = page.locator(".source")
    expect(source).to_contain_text("在用摄像机中在线的占比")
    expect(source).to_contain_text("摄像机 · 计数")
    covered = page.locator("[data-indicator=key_places_covered]")
    expect(covered.locator(".tile-none")).to_have_text("无数据")
    expect(covered.locator(".tile-parts")).to_contain_text("尚无")
    expect(page.locator(".targets li").first).to_contain_text("规划")

    # no row of the ranking is out of sight
    assert len(set(page.evaluate(ROWS))) == 1

    # a bar of the ranking is a way down, and going back is the way up
    region = page.locator(".ranking li").first.get_attribute("data-region")
    page.locator(".ranking li").first.get_by_role("button").click()
    expect(page.locator(".wall")).to_have_attribute("data-region", str(region))
    assert f"/wall/video/{region}" in page.url
    screen.idle()
    page.go_back()
    expect(page.locator(".wall")).to_have_attribute("data-region", "341504", timeout=20_000)

    # another view keeps the region and brings its own layers
    page.locator("[data-group=governance]").click()
    page.locator(".wall-views").get_by_role("button", name="5G 网络").click()
    expect(page.locator(".wall")).to_have_attribute("data-view", "five_g")
    screen.idle()
    assert "base_stations" in screen.hook("layers")
    assert "cameras" not in screen.hook("layers")

    # time is played: the wall tells of the day on which its clock stands, and of the present again after it
    page.locator(".wall-time").get_by_role("button", name="7 日").click()
    slider = page.locator(".wall-time [role=slider]")
    slider.press("Home")
    expect(page.locator(".wall-time")).to_have_attribute("data-day", "2020-12-25")
    expect(page.locator(".wall-day")).to_contain_text("2020-12-25")
    # targets are weighed on that day, and the map is as it was then and says so
    expect(page.locator(".targets header small")).to_contain_text("数据截至 2020-12-25", timeout=20_000)
    expect(page.locator("[data-map-day='2020-12-25']")).to_contain_text("地图为 2020-12-25 的状态")
    page.locator(".wall-time .time-play").click()
    expect(page.locator(".wall-time")).to_have_attribute("data-day", "2020-12-31", timeout=20_000)
    page.locator(".wall-bar h1").click()
    page.keyboard.press("Escape")
    expect(page.locator(".wall-time")).to_have_attribute("data-day", "")
    expect(page.locator("[data-map-day]")).to_have_count(0)

    # the view is taken along as a page that asks for nothing
    page.locator("[data-front=report]").click()
    with page.expect_download() as taken:
        page.locator("[data-form=html]").click()
    assert taken.value.suggested_filename == "five_g-341504.html"
    smallest = page.evaluate(
        "() => Math.min(...[...document.querySelectorAll('.wall *')]"
        ".filter((one) => one.offsetParent)"
        ".filter((one) => [...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))"
        ".map((one) => parseFloat(getComputedStyle(one).fontSize)))"
    )
    assert smallest >= 36


def test_the_desk_leads_to_the_views_and_back_and_nothing_runs_out_of_its_tile(screen: Screen) -> None:
    page = screen.page
    screen.open()
    page.locator("[data-views]").click()
    # the page is opened anew, and its numbers are added up for the first time
    expect(page.locator(".wall")).to_have_attribute("data-view", "overview", timeout=30_000)
    page.get_by_role("button", name="English").click()
    expect(page.locator(".wall-bar h1")).to_have_text("City overview")
    out = page.evaluate(
        "() => [...document.querySelectorAll('.tile button, .ranking button')]"
        ".filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"
    )
    assert out == []
    page.get_by_role("link", name="Desk").click()
    expect(page.locator(".desk")).to_be_visible()

    # a day reads and is written alike whatever the browser's language; what is none is said
    day = page.get_by_label("图层日期", exact=True)
    expect(day).to_have_value("2020-12-31")
    day.fill("12/01/2020")
    day.press("Enter")
    expect(page.locator(".day-wrong")).to_be_visible()
    day.fill("2020/12/1")
    day.press("Enter")
    expect(page.locator("[data-map-day='2020-12-01']")).to_be_visible()
    page.locator("[data-now]").click()
    expect(day).to_have_value("2020-12-31")


#: Names of tiles and parts of a source that are cut or wrapped to less than a word.
CUT = """() => [...document.querySelectorAll('.tile-name, .source dd')]
    .filter((one) => one.scrollWidth > one.clientWidth + 1
        || (one.matches('dd') && one.clientWidth < 8 * parseFloat(getComputedStyle(one).fontSize)))
    .map((one) => one.textContent)"""


@pytest.mark.parametrize("size", ["wall"], indirect=True)
def test_names_in_english_are_longer_and_fit_all_the_same(screen: Screen) -> None:
    page = screen.page
    screen.open("wall/emergency?lang=en")
    expect(page.locator(".tile")).to_have_count(6)
    expect(page.locator(".source")).to_contain_text("Source: ")
    assert page.evaluate(CUT) == []
    # No plan has a target here: that none is missed would be no news.
    expect(page.locator(".headline h2")).to_contain_text("Reached in 15 minutes")
    expect(page.locator(".headline p")).to_contain_text("No plan sets targets")
