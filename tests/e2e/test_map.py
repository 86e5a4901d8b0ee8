"""The map in a real browser on the real service: what it draws, and every way to reach a feature."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.e2e.screen import SIZES, Screen
from tests.e2e.small_city import CAMERAS, CENTRE, COMMUNITY

pytestmark = [pytest.mark.e2e, pytest.mark.postgis]

ALL = "counties,towns,communities,governance_grids,water,roads,buildings,pipes,cameras,base_stations"
STREET = f"?c={CENTRE[1]},{CENTRE[0]}&z=16"


ALL_SIZES = pytest.mark.parametrize("size", list(SIZES), indirect=True)


@ALL_SIZES
def test_the_whole_city_is_shown_first_on_every_screen(screen: Screen, size: str) -> None:
    screen.open()
    assert screen.features()["towns"] == 2
    assert {"史河街道", "姚李镇"} <= set(screen.hook("labels"))
    assert screen.query() == {}, "an unmoved map needs no place in its address"
    theme = screen.page.evaluate("() => document.documentElement.dataset.theme")
    assert theme == ("dark" if size == "wall" else "light")


@ALL_SIZES
def test_cameras_stations_pipes_grids_and_buildings_are_drawn(screen: Screen) -> None:
    screen.open(f"?c={CENTRE[1]},{CENTRE[0]}&z=15&l={ALL}")
    found = screen.features()
    for layer in ("cameras", "base_stations", "pipes", "governance_grids", "buildings", "roads"):
        assert found.get(layer, 0) > 0, f"{layer} is not drawn"


def test_every_camera_is_drawn_once(screen: Screen) -> None:
    screen.open(f"?c={CENTRE[1]},{CENTRE[0]}&z=14")
    assert screen.features()["cameras"] == CAMERAS


@ALL_SIZES
def test_the_approval_line_and_the_scale_stand_on_the_map(screen: Screen, size: str) -> None:
    screen.open()
    line = screen.page.locator(".approval")
    expect(line).to_contain_text("内部使用 · 未公开")
    expect(line).to_contain_text("CGCS2000")
    expect(line).to_contain_text("乡镇界为合成示意，非法定界线")
    expect(screen.page.locator(".scale")).to_have_text(re.compile(r"\d+ (米|公里)"))
    box, page = line.bounding_box(), SIZES[size]
    assert box is not None
    assert box["y"] > page[1] * 0.6, "it stands at the lower left"


@pytest.mark.parametrize("size", ["wall"], indirect=True)
def test_on_the_wall_no_text_is_smaller_than_36_pixels(screen: Screen) -> None:
    screen.open()
    smallest = screen.page.evaluate(
        "() => Math.min(...[...document.querySelectorAll('body *')]"
        ".filter((one) => one.offsetParent)"
        ".filter((one) => [...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))"
        ".map((one) => parseFloat(getComputedStyle(one).fontSize)))"
    )
    assert smallest >= 36


@pytest.mark.parametrize("size", ["field"], indirect=True)
def test_on_the_phone_every_target_is_48_pixels(screen: Screen) -> None:
    screen.open(STREET)
    screen.page.get_by_role("button", name="图层", exact=True).click()
    small = screen.page.evaluate(
        "() => [...document.querySelectorAll('button, a.button, [role=switch]')]"
        ".map((one) => [one.getAttribute('aria-label') || one.textContent, one.getBoundingClientRect()])"
        ".filter(([, box]) => box.width > 0 && Math.min(box.width, box.height) < 47.5).map(([name]) => name)"
    )
    assert small == []


def test_the_legend_switches_layers(screen: Screen) -> None:
    screen.open(STREET)
    switch = screen.page.locator("[data-layer=cameras]")
    expect(switch).to_have_attribute("aria-checked", "true")
    switch.click()
    screen.idle()
    assert "cameras" not in screen.features()
    assert "cameras" not in screen.query()["l"][0].split(",")
    switch.click()
    screen.idle()
    assert screen.features()["cameras"] > 0


def test_switching_a_layer_on_fetches_that_layer_and_nothing_else(screen: Screen) -> None:
    screen.open(STREET)
    asked: list[str] = []
    screen.page.context.on("request", lambda request: asked.append(urlsplit(request.url).path))
    screen.page.locator("[data-layer=pipes]").click()
    screen.idle()
    tiles = [path for path in asked if path.startswith("/tiles/")]
    assert tiles
    assert all(path.startswith("/tiles/pipes/") for path in tiles)


def test_a_layer_below_its_zoom_says_so_and_goes_there(screen: Screen) -> None:
    screen.open(f"?c={CENTRE[1]},{CENTRE[0]}&z=11")
    row = screen.page.locator("li", has=screen.page.locator("[data-layer=buildings]"))
    expect(row).to_contain_text("放大后可见")
    row.get_by_role("button", name="放大后可见").click()
    screen.idle()
    assert screen.features()["buildings"] > 0


def test_a_click_opens_a_card_in_words(screen: Screen) -> None:
    screen.open(STREET)
    camera = screen.positions("cameras")[0]
    screen.page.mouse.click(camera["x"], camera["y"])
    card = screen.page.locator("[data-feature]")
    expect(card).to_contain_text("摄像机")
    expect(card).to_contain_text("合成")
    expect(card).to_contain_text("枪机（固定）")
    expect(card).to_contain_text("60°")
    expect(screen.shown("已联网")).to_have_text("未知")
    expect(screen.shown("所在区域")).to_contain_text("341504")
    assert screen.query()["sel"] == [screen.hook("selection")]


def test_zero_is_a_direction_and_a_missing_one_is_unknown(screen: Screen) -> None:
    screen.open(STREET)
    for code, shown in (("SXT0000", "0°"), ("SXT0001", "未知")):
        screen.page.keyboard.press("Control+k")
        screen.page.keyboard.type(code)
        screen.page.get_by_role("option", name=re.compile(code)).click()
        expect(screen.page.locator("[data-feature] .card-sub")).to_contain_text(code)
        expect(screen.shown("方位角")).to_have_text(shown)


def test_search_finds_a_community_and_goes_there(screen: Screen) -> None:
    screen.open(STREET)
    screen.page.keyboard.press("Control+k")
    box = screen.page.get_by_role("combobox")
    box.fill("花园社区")
    expect(screen.page.get_by_role("option").first).to_contain_text("花园")
    # Names repeat: the town stands beside what it is.
    expect(screen.page.get_by_role("option").first.locator(".result-layer")).to_contain_text(" · 史河")
    box.press("Enter")
    screen.idle()
    view = screen.hook("view")
    assert 115.86 < view["lng"] < 115.90
    assert 31.85 < view["lat"] < 31.88
    expect(screen.page.locator("[data-feature]")).to_contain_text(COMMUNITY)
    # The layer of communities, not all regions with every grid under it.
    assert "sel=communities" in screen.page.url


def test_search_says_when_there_is_nothing(screen: Screen) -> None:
    screen.open()
    opener = screen.page.get_by_role("button", name=re.compile("搜地名"))
    opener.click()
    screen.page.get_by_role("combobox").fill("没有这个地方")
    expect(screen.page.locator(".palette")).to_contain_text("没有找到「没有这个地方」")
    screen.page.keyboard.press("Escape")
    expect(screen.page.locator(".palette")).to_have_count(0)
    expect(opener).to_be_focused()


@pytest.mark.parametrize("size", ["desk", "field"], indirect=True)
def test_what_was_searched_stands_in_the_middle_of_what_the_card_leaves_free(screen: Screen) -> None:
    screen.open()
    screen.page.locator("[data-search]").click()
    screen.page.get_by_role("combobox").fill("SXT0003")
    expect(screen.page.get_by_role("option").first).to_contain_text("SXT0003")
    screen.page.keyboard.press("Enter")
    expect(screen.page.locator("[data-feature] .fields").first).to_be_visible()
    screen.idle()
    chosen = int(screen.hook("selection").split(":")[1])
    place = next(one for one in screen.positions("cameras") if one["id"] == chosen)
    box = screen.page.locator("#map").bounding_box()
    sheet = screen.page.locator(".sheet").bounding_box() if screen.page.locator(".sheet").count() else None
    assert box is not None
    bottom = sheet["y"] if sheet else box["y"] + box["height"]
    assert abs(place["x"] - (box["x"] + box["width"] / 2)) < 20
    assert abs(place["y"] - (box["y"] + bottom) / 2) < 60
    assert place["y"] < bottom - 40


def test_a_card_that_opens_leaves_the_whole_city_as_it_stood(screen: Screen) -> None:
    screen.open()
    before = screen.hook("view")["zoom"]
    box = screen.page.locator("#map").bounding_box()
    assert box is not None
    screen.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(screen.page.locator("[data-feature]")).to_have_count(1)
    screen.idle()
    assert screen.hook("view")["zoom"] == before
    screen.page.keyboard.press("Escape")
    expect(screen.page.locator("[data-feature]")).to_have_count(0)
    screen.idle()
    assert screen.hook("view")["zoom"] == before


def test_the_map_ends_where_the_world_ends(screen: Screen) -> None:
    screen.open(f"?c={CENTRE[1]},{CENTRE[0]}&z=5&l=counties")
    box = screen.page.locator("#map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for _ in range(6):
        screen.page.mouse.move(x + 300, y)
        screen.page.mouse.down()
        screen.page.mouse.move(x - 300, y, steps=4)
        screen.page.mouse.up()
    screen.idle()
    east = screen.hook("view")["lng"]
    assert CENTRE[0] < east <= 180
    assert float(screen.query()["c"][0].split(",")[1]) == pytest.approx(east, abs=1e-4)


def test_cards_that_were_closed_leave_nothing_to_go_back_through(screen: Screen) -> None:
    screen.open(STREET)
    before = screen.page.evaluate("history.length")
    for camera in screen.positions("cameras")[:3]:
        screen.page.mouse.click(camera["x"], camera["y"])
        expect(screen.page.locator("[data-feature]")).to_have_count(1)
        screen.page.keyboard.press("Escape")
        expect(screen.page.locator("[data-feature]")).to_have_count(0)
        screen.page.wait_for_function("() => !location.search.includes('sel=')")
    # The last card is ahead; nothing of the others is behind.
    assert screen.page.evaluate("[history.length, history.state.trail.length]") == [before + 1, 1]


def test_a_reload_restores_the_view(screen: Screen) -> None:
    screen.open(STREET)
    screen.page.locator("[data-layer=pipes]").click()
    screen.page.locator("#map").focus()
    screen.page.keyboard.press("Shift+ArrowRight")
    screen.page.keyboard.press("+")
    screen.idle()
    camera = screen.positions("cameras")[0]
    screen.page.mouse.click(camera["x"], camera["y"])
    expect(screen.page.locator("[data-feature]")).to_contain_text("摄像机")
    screen.idle()
    before = (screen.hook("view"), sorted(screen.hook("layers")), screen.hook("selection"), screen.page.url)
    screen.page.reload()
    screen.idle()
    after = (screen.hook("view"), sorted(screen.hook("layers")), screen.hook("selection"), screen.page.url)
    assert after[1:] == before[1:]
    assert after[0]["zoom"] == before[0]["zoom"] == 17
    assert after[0]["lng"] == pytest.approx(before[0]["lng"], abs=2e-5)
    assert after[0]["lat"] == pytest.approx(before[0]["lat"], abs=2e-5)


def test_back_undoes_a_selection_and_not_a_pan(screen: Screen) -> None:
    screen.open(STREET)
    camera = screen.positions("cameras")[0]
    screen.page.mouse.click(camera["x"], camera["y"])
    expect(screen.page.locator("[data-feature]")).to_have_count(1)
    screen.page.go_back()
    expect(screen.page.locator("[data-feature]")).to_have_count(0)
    assert screen.hook("selection") is None


def test_unknown_keys_and_nonsense_in_the_address_are_ignored(screen: Screen) -> None:
    screen.open("?c=999,999&z=abc&l=no_such_layer,roads&sel=&lang=xx&theme=blue&utm_source=mail")
    assert screen.features().get("roads", 0) > 0
    assert screen.features().get("cameras", 0) == 0


def test_a_feature_that_does_not_exist_is_told_with_the_title_of_its_layer(screen: Screen) -> None:
    screen.watch.allow("404")
    screen.page.goto(f"{screen.address}/{STREET}&sel=cameras:999999999")
    alert = screen.page.locator("[data-feature] [role=alert]")
    expect(alert).to_contain_text("图层「摄像机」中没有编号为 999999999 的要素")
    expect(alert).to_contain_text("请求编号")


def test_the_whole_map_can_be_used_by_keyboard_alone(screen: Screen) -> None:
    screen.open(f"{STREET}&l={ALL}")
    page = screen.page
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#map")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[aria-live=polite]")).to_have_text(re.compile(r".+，\d+/\d+"))
    page.keyboard.press("Enter")
    card = page.locator("[data-feature]")
    expect(card).to_have_count(1)
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    expect(page.locator("#map")).to_be_focused()


def test_an_area_is_drawn_by_pointer_and_a_line_by_keyboard_and_what_lies_there_is_told(
    screen: Screen,
) -> None:
    screen.open(STREET)
    page = screen.page
    page.get_by_role("button", name="周边查询").click()
    card = page.locator(".around")
    card.locator("[data-kind=polygon]").click()
    expect(card.locator("[data-finish]")).to_be_disabled()
    box = page.locator("#map").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for dx, dy in ((-90, -90), (90, -90), (-90, 90), (90, 90)):
        page.mouse.click(x + dx, y + dy)
    expect(card.get_by_role("alert")).to_contain_text("相交")
    expect(card.locator("[data-finish]")).to_be_disabled()
    card.get_by_role("button", name="撤销一点").click()
    page.mouse.dblclick(x - 120, y)
    expect(card).to_have_attribute("data-around", "told", timeout=30_000)
    expect(card.locator(".around-draw")).to_have_attribute("data-corners", "4")
    expect(card.locator(".card-sub")).to_contain_text("平方公里")
    expect(card.locator("thead")).to_contain_text("范围内")

    card.locator("[data-kind=line]").click()
    page.locator("#map").focus()
    for key in ("Enter", "Shift+ArrowRight", "Enter", "Enter"):
        page.keyboard.press(key)
    expect(card).to_have_attribute("data-around", "told", timeout=30_000)
    expect(card.locator(".around-draw")).to_have_attribute("data-corners", "2")
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)


def test_the_list_of_features_is_the_map_in_words(screen: Screen) -> None:
    screen.open(f"{STREET}&l=roads,cameras")
    page = screen.page
    page.get_by_role("tab", name=re.compile("图中要素")).click()
    rows = page.get_by_role("option")
    assert rows.count() == screen.features()["cameras"]
    page.get_by_role("listbox").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("[data-feature]")).to_contain_text("摄像机")
    assert str(screen.hook("selection")).startswith("cameras:")


def test_english_says_everything_in_english(screen: Screen) -> None:
    screen.open(f"{STREET}&lang=en")
    page = screen.page
    expect(page.locator(".topbar h1")).to_have_text("One Map")
    expect(page.locator("[data-layer=cameras]")).to_contain_text("Cameras")
    expect(page.locator(".approval")).to_contain_text("Internal use")
    assert page.evaluate("() => document.documentElement.lang") == "en"
    page.get_by_role("button", name="中文").click()
    expect(page.locator("[data-layer=cameras]")).to_contain_text("摄像机")
    assert "lang" not in screen.query()


def test_dark_repaints_the_map(screen: Screen) -> None:
    screen.open(STREET)
    pixel = (
        "() => { const c = document.querySelector('canvas.leaflet-tile'); "
        "return [...c.getContext('2d').getImageData(3, 3, 1, 1).data].slice(0, 3).reduce((a, b) => a + b); }"
    )
    light = screen.page.evaluate(pixel)
    screen.page.get_by_role("button", name="换成深色").click()
    screen.idle()
    screen.watch.allow("Canvas2D: Multiple readback")
    dark = screen.page.evaluate(pixel)
    assert light > 500
    assert dark < 250
    assert screen.query()["theme"] == ["dark"]


@pytest.mark.parametrize("size", ["field"], indirect=True)
def test_on_the_phone_a_tap_opens_a_sheet_that_grows_by_a_button(screen: Screen) -> None:
    screen.open(STREET)
    camera = next(one for one in screen.positions("cameras") if 100 < one["y"] < 380)
    screen.page.mouse.click(camera["x"], camera["y"])
    sheet = screen.page.locator(".sheet")
    expect(sheet).to_contain_text("摄像机")
    low = sheet.bounding_box()
    screen.page.get_by_role("button", name="更多").click()
    high = sheet.bounding_box()
    assert low is not None
    assert high is not None
    assert high["height"] > low["height"] * 1.5


def test_without_a_connection_the_map_stays_and_says_so(screen: Screen) -> None:
    screen.open(STREET)
    screen.page.context.set_offline(True)
    expect(screen.page.locator(".notice")).to_contain_text("连接已断开")
    assert screen.features()["cameras"] > 0
    screen.page.context.set_offline(False)
    expect(screen.page.locator(".notice")).to_have_count(0)


def test_a_service_that_does_not_answer_is_said_with_a_way_to_try_again(screen: Screen) -> None:
    screen.watch.allow("net::ERR_FAILED")
    screen.page.route("**/layers", lambda route: route.abort())
    screen.page.goto(screen.address)
    alert = screen.page.get_by_role("alert")
    expect(alert).to_contain_text("没有收到服务的回答")
    screen.page.unroute("**/layers")
    alert.get_by_role("button", name="重试").click()
    screen.idle()
    assert screen.features()["towns"] == 2
