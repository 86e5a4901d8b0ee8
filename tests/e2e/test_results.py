"""Results on the map: drawn by class, rolled up by zoom, told cell by cell and region by region."""

from __future__ import annotations

import re

import h3
import httpx
import pytest
from playwright.sync_api import expect

from layers.database import Addresses, admin_connection
from layers.definitions.loading import Catalog
from tests.e2e.screen import SIZES, Screen
from tests.e2e.small_city import CAMERAS, CENTRE
from tests.layers.runs.workers import ask, carry_out, record

pytestmark = [pytest.mark.e2e, pytest.mark.postgis]

#: Zooms and the H3 resolutions that they show of a result of resolution 9.
ROLL_UP = {14: 9, 11: 8, 9: 7, 8: 6}
GROUND = "l=counties,towns,communities,roads,water"


@pytest.fixture(scope="module")
def density(small_city: Addresses, catalog: Catalog) -> int:
    """Return the run of a finished density of cameras."""
    run = ask(small_city, catalog, layer="cameras", resolution=9)
    carry_out(small_city)
    assert record(small_city, run)["state"] == "succeeded"
    return run


def at(zoom: int, more: str = "") -> str:
    """Return the address of the density at a zoom, without features that a click could hit."""
    return f"?c={CENTRE[1]},{CENTRE[0]}&z={zoom}&{GROUND}&r=density.cameras{more}"


def drawn(screen: Screen, run: int) -> dict[str, dict[str, float]]:
    """Return the values of the cells that are drawn in the view, by cell."""
    found = screen.page.evaluate("(run) => window.__onemap.cells(run)", run)
    return {one["cell"]: one for one in found}


def inhabited(screen: Screen, run: int) -> dict[str, float]:
    """Return a cell that holds cameras, with its place on the page."""
    box = screen.page.locator("#map").bounding_box()
    assert box is not None
    legend = screen.page.locator(".legends").bounding_box()
    assert legend is not None
    reach = legend["x"] - 20
    for one in drawn(screen, run).values():
        x, y = one["x"] + box["x"], one["y"] + box["y"]
        if (
            one["values"]["n"] > 0
            and box["x"] + 20 < x < reach
            and box["y"] + 80 < y < box["y"] + box["height"] - 80
        ):
            return {**one, "x": x, "y": y}
    raise AssertionError("no cell with cameras is beside the legend")


@pytest.mark.parametrize("zoom", ROLL_UP)
def test_each_zoom_shows_its_resolution_and_every_camera_once(
    screen: Screen, density: int, zoom: int
) -> None:
    screen.open(at(zoom))
    assert screen.hook("results") == {"density": density}
    cells = drawn(screen, density)
    assert {h3.get_resolution(cell) for cell in cells} == {ROLL_UP[zoom]}
    assert sum(one["values"]["n"] for one in cells.values()) == CAMERAS


def test_zooming_out_rolls_up_without_a_bare_moment(screen: Screen, density: int) -> None:
    screen.open(at(14))
    screen.page.evaluate(
        "() => { window.bare = 0; const look = () => {"
        " const tiles = [...document.querySelectorAll('canvas.leaflet-tile')];"
        " if (!tiles.some((one) => one.width > 0)) window.bare++;"
        " requestAnimationFrame(look); }; look(); }"
    )
    screen.page.locator("#map").focus()
    for _ in range(5):
        screen.page.keyboard.press("-")
        screen.idle()
    assert {h3.get_resolution(cell) for cell in drawn(screen, density)} == {7}
    assert screen.page.evaluate("() => window.bare") == 0


def test_a_click_on_a_cell_tells_what_the_interface_tells(screen: Screen, density: int) -> None:
    screen.open(at(14))
    cell = inhabited(screen, density)
    screen.page.mouse.click(cell["x"], cell["y"])
    card = screen.page.locator(f"[data-cell='{cell['cell']}']")
    told = httpx.get(f"{screen.address}/runs/{density}/cells/{cell['cell']}").json()
    expect(card.locator("[data-value=n] dd")).to_have_text(f"{told['values']['n']:,.0f}")
    shown = card.locator("[data-value=density] dd")
    expect(shown).to_contain_text("/平方公里")
    number = float(re.sub(r"[^0-9.]", "", shown.inner_text()))
    assert number == pytest.approx(told["values"]["density"], abs=0.051)
    expect(card).to_contain_text(str(cell["cell"]))
    expect(card).to_contain_text(f"#{density}")
    for region in told["regions"]:
        if region["level"] == "community":
            expect(card).to_contain_text(" › ".join(region["path"]))
    assert screen.query()["cell"] == [f"{density}:{cell['cell']}"]


def test_the_address_holds_result_cell_and_table(screen: Screen, density: int) -> None:
    screen.open(at(14))
    cell = inhabited(screen, density)
    screen.page.mouse.click(cell["x"], cell["y"])
    screen.page.locator(".legend").get_by_role("button", name="统计表").click()
    expect(screen.page.locator(f"[data-table='{density}'] tbody tr")).to_have_count(2)
    screen.page.reload()
    screen.idle()
    expect(screen.page.locator(f"[data-cell='{cell['cell']}']")).to_contain_text("密度")
    expect(screen.page.locator(f"[data-table='{density}'] tbody tr")).to_have_count(2)
    assert screen.hook("results") == {"density": density}
    screen.page.go_back()
    expect(screen.page.locator("[data-table]")).to_have_count(0)
    screen.page.go_back()
    expect(screen.page.locator("[data-cell]")).to_have_count(0)


def test_a_run_by_its_number_is_shown_and_an_unknown_one_is_not(screen: Screen, density: int) -> None:
    screen.open(at(14).replace("density.cameras", f"density:{density}"))
    assert screen.hook("results") == {"density": density}
    screen.watch.allow("404")
    screen.open(at(14).replace("density.cameras", "density:99999999"))
    assert screen.hook("results") == {}


@pytest.fixture(scope="module")
def roads(small_city: Addresses, catalog: Catalog, density: int) -> int:
    """Return the run of a density of roads, published beside that of cameras."""
    run = ask(small_city, catalog, layer="roads", resolution=8)
    carry_out(small_city)
    assert record(small_city, run)["state"] == "succeeded"
    return run


def test_two_densities_keep_their_addresses_and_the_legend_switches_between_them(
    screen: Screen, density: int, roads: int
) -> None:
    address = at(13)
    screen.open(address)
    assert screen.hook("results") == {"density": density}
    legend = screen.page.locator(".legend")
    expect(legend.locator("h3")).to_contain_text("密度 · 摄像机")
    choice = legend.get_by_label("换看「密度」的其他结果")
    choice.select_option(label="道路 · 全区")
    screen.idle()
    assert screen.hook("results") == {"density": roads}
    assert screen.query()["r"] == ["density.roads"]
    expect(legend.locator("h3")).to_contain_text("密度 · 道路")
    expect(legend).to_contain_text("按长度分摊到各单元")
    assert drawn(screen, roads)
    screen.open(address)
    assert screen.hook("results") == {"density": density}, "the link still shows what was linked"


def test_a_link_that_names_the_kind_only_shows_the_newest_and_then_says_which(
    screen: Screen, density: int, roads: int
) -> None:
    screen.open(at(13).replace("density.cameras", "density"))
    assert screen.hook("results") == {"density": roads}
    assert screen.query()["r"] == ["density.roads"]


def test_a_link_to_a_result_that_nobody_published_says_so(screen: Screen, density: int) -> None:
    screen.open(at(13).replace("density.cameras", "density.buildings"))
    assert screen.hook("results") == {}
    told = screen.page.locator("[data-missing='density.buildings']")
    expect(told).to_contain_text("没有发布")
    told.get_by_role("button").click()
    expect(told).to_have_count(0)
    assert "r" not in screen.query()


def test_a_switch_in_the_layer_panel_shows_and_hides_the_result(screen: Screen, density: int) -> None:
    screen.open(at(14).replace("&r=density.cameras", ""))
    switch = screen.page.get_by_role("switch", name=re.compile("密度 · 摄像机"))
    expect(switch).to_have_attribute("aria-checked", "false")
    switch.focus()
    screen.page.keyboard.press("Space")
    screen.idle()
    assert screen.query()["r"] == ["density.cameras"]
    assert len(drawn(screen, density)) > 7
    switch.click()
    screen.idle()
    assert "r" not in screen.query()
    assert drawn(screen, density) == {}


def test_the_legend_prints_classes_units_count_run_and_on_demand_the_method(
    screen: Screen, density: int
) -> None:
    screen.open(at(14))
    legend = screen.page.locator(f".legend[data-run='{density}']")
    expect(legend.locator("h3")).to_have_text(re.compile(r"密度 · 摄像机\s*/平方公里"))
    result = next(
        one for one in httpx.get(f"{screen.address}/layers").json()["results"] if one["run"] == density
    )
    level = result["style"]["levels"][0]
    expect(legend.locator(".legend-classes li")).to_have_count(len(level["breaks"]) + 2)
    expect(legend).to_contain_text(f"{level['empty']:,} 格")
    expect(legend).to_contain_text(f"计入要素 {CAMERAS} 个")
    expect(legend).to_contain_text("无数据：0%")
    expect(legend).to_contain_text(f"任务 #{density}")
    expect(legend).not_to_contain_text("H3 单元只是分析索引")
    legend.get_by_role("button", name="方法").click()
    expect(legend).to_contain_text("H3 单元只是分析索引")


@pytest.mark.parametrize("level", ["counties", "towns", "communities"])
def test_the_sums_of_the_table_equal_the_layers_count_at_every_level(
    screen: Screen, density: int, level: str
) -> None:
    screen.open(at(14, f"&table={density}"))
    table = screen.page.locator("[data-table]")
    table.locator(f"[data-level={level}]").click()
    expect(table.locator("[data-sum]")).to_have_attribute("data-sum", str(CAMERAS))
    expect(table.locator("[data-sum]")).to_contain_text("与图层计入要素数一致")
    expect(table.locator("tfoot td").first).to_have_text(str(CAMERAS))
    rows = table.locator("tbody tr")
    assert rows.count() == {"counties": 1, "towns": 2, "communities": 4}[level]
    assert sum(int(row.locator("td").first.inner_text()) for row in rows.all()) == CAMERAS


def test_the_table_is_sorted_by_keyboard_and_a_row_goes_to_its_region(screen: Screen, density: int) -> None:
    screen.open(at(12, f"&table={density}"))
    table = screen.page.locator("[data-table]")
    table.locator("[data-level=communities]").click()
    heading = table.get_by_role("columnheader", name=re.compile("要素数"))
    heading.get_by_role("button").focus()
    for order in ("descending", "ascending"):
        screen.page.keyboard.press("Enter")
        expect(heading).to_have_attribute("aria-sort", order)
        shown = [int(row.locator("td").first.inner_text()) for row in table.locator("tbody tr").all()]
        assert shown == sorted(shown, reverse=order == "descending")
    before = screen.hook("view")
    table.get_by_role("button", name=re.compile("花园")).click()
    expect(screen.page.locator("[data-feature]")).to_contain_text("花园社区")
    screen.idle()
    after = screen.hook("view")
    assert after["lng"] < before["lng"], "the community lies west of the middle"
    expect(table.locator("tr[aria-selected=true]")).to_contain_text("花园")
    table.get_by_role("button", name="关闭").press("Escape")
    expect(table).to_have_count(0)


@pytest.mark.parametrize("size", ["field"], indirect=True)
def test_on_the_phone_the_value_that_is_mapped_stands_beside_the_name(screen: Screen, density: int) -> None:
    screen.open(at(12, f"&table={density}"))
    shown = screen.page.locator("[data-table] tbody td.shown").first.bounding_box()
    assert shown is not None
    assert shown["x"] + shown["width"] <= 390


def test_the_table_of_a_cleaned_run_says_so_and_adds_up_no_densities(
    screen: Screen, density: int, small_city: Addresses
) -> None:
    # What retention leaves: the record without cells.
    with admin_connection(small_city) as connection, connection.transaction():
        connection.execute("UPDATE onemap.run SET has_results = false WHERE id = %s", [density])
    try:
        screen.open(f"?table={density}")
        table = screen.page.locator("[data-table]")
        expect(table.get_by_role("status")).to_contain_text("已清理")
        expect(table.locator("tfoot td").first).to_have_text(str(CAMERAS))
        expect(table.locator("tfoot td").last).to_have_text("")
        expect(table.get_by_role("columnheader", name=re.compile("密度"))).to_have_attribute(
            "aria-sort", "descending"
        )
    finally:
        with admin_connection(small_city) as connection, connection.transaction():
            connection.execute("UPDATE onemap.run SET has_results = true WHERE id = %s", [density])


def test_the_files_of_a_run_can_be_taken_along(screen: Screen, density: int) -> None:
    screen.open(at(12, f"&table={density}"))
    links = screen.page.locator("[data-table] .drawer-files a")
    expect(links).to_have_count(4)
    for link in links.all():
        answer = screen.page.request.get(str(link.get_attribute("href")))
        assert answer.status == 200
        assert len(answer.body()) > 100


def test_what_changed_since_is_marked_out_of_date(
    screen: Screen, density: int, small_city: Addresses, catalog: Catalog
) -> None:
    screen.open(at(14))
    expect(screen.page.locator(".legend .stale")).to_have_count(0)
    with admin_connection(small_city) as connection, connection.transaction():
        connection.execute("UPDATE city.cameras SET source = 'moved' WHERE code = 'SXT0000'")
    screen.page.reload()
    screen.idle()
    expect(screen.page.locator(".legend .stale")).to_have_text("已过期")
    again = ask(small_city, catalog, layer="cameras", resolution=9)
    carry_out(small_city)
    screen.page.reload()
    screen.idle()
    expect(screen.page.locator(".legend .stale")).to_have_count(0)
    assert screen.hook("results") == {"density": again}


def test_in_english_the_result_is_told_in_english(screen: Screen, density: int) -> None:
    screen.open(at(14, f"&lang=en&table={density}"))
    legend = screen.page.locator(".legend")
    expect(legend.locator("h3")).to_have_text(re.compile(r"Density · Cameras\s*/km²"))
    legend.get_by_role("button", name="Method").click()
    expect(legend).to_contain_text("An H3 cell is an index for analysis")
    expect(screen.page.locator("[data-sum]")).to_contain_text("equal to the features counted")
    chinese = re.compile(r"[\u4e00-\u9fff]")
    assert not chinese.search(legend.inner_text())


@pytest.mark.parametrize("size", ["wall"], indirect=True)
def test_on_the_wall_nothing_of_a_result_is_smaller_than_36_pixels(screen: Screen, density: int) -> None:
    screen.open(at(12, f"&table={density}&p=analysis"))
    expect(screen.page.locator("[data-table] tbody tr")).to_have_count(2)
    small = screen.page.evaluate(
        "() => [...document.querySelectorAll('body *')].filter((one) => one.offsetParent)"
        ".filter((one) => [...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))"
        ".filter((one) => parseFloat(getComputedStyle(one).fontSize) < 36).map((one) => one.textContent)"
    )
    assert small == []


@pytest.mark.parametrize("size", ["field"], indirect=True)
def test_on_the_phone_legend_card_and_form_have_targets_of_48_pixels(screen: Screen, density: int) -> None:
    script = (
        "() => [...document.querySelectorAll('button, a, select, input')]"
        ".map((one) => [one.getAttribute('aria-label') || one.textContent, one.getBoundingClientRect()])"
        ".filter(([, box]) => box.width > 0 && box.x >= 0 && box.height < 47.5).map(([name]) => name)"
    )
    screen.open(at(13))
    screen.page.locator(".legend").get_by_role("button", name=re.compile("图例")).click()
    assert screen.page.evaluate(script) == []
    for query in (at(13, "&p=analysis"), at(13, f"&table={density}")):
        screen.open(query)
        assert screen.page.evaluate(script) == []


@pytest.mark.parametrize("size", list(SIZES), indirect=True)
def test_the_legend_stays_on_the_map_of_every_screen(screen: Screen, density: int) -> None:
    screen.open(at(13))
    legend = screen.page.locator(".legend").bounding_box()
    box = screen.page.locator("#map").bounding_box()
    assert legend is not None
    assert box is not None
    assert box["x"] <= legend["x"]
    assert legend["x"] + legend["width"] <= box["x"] + box["width"]
    assert box["y"] <= legend["y"]
    assert legend["y"] + legend["height"] <= box["y"] + box["height"]
    buttons = screen.page.locator(".map-buttons").bounding_box()
    scale = screen.page.locator(".scale").bounding_box()
    assert buttons is not None
    assert scale is not None
    for other in (buttons, scale):
        assert (
            legend["x"] >= other["x"] + other["width"]
            or legend["x"] + legend["width"] <= other["x"]
            or legend["y"] >= other["y"] + other["height"]
            or legend["y"] + legend["height"] <= other["y"]
        )
