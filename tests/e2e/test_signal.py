"""Radio on the desk: the predicted level, why a place has its signal, and the list of gaps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from layers.database import Addresses, admin_connection, connect_application, scoped, set_scope
from layers.definitions.loading import Catalog
from layers.runs.requesting import request
from layers.scope import Scope
from tests.e2e.screen import Screen
from tests.e2e.small_city import CENTRE
from tests.layers.runs.workers import carry_out

pytestmark = [pytest.mark.e2e, pytest.mark.postgis]

#: Three masts east of the middle; the nearest one is out of order.
ROW = """
INSERT INTO city.sectors (code, geom, provenance, source, status, site_code, technology, frequency_mhz,
    bandwidth_mhz, azimuth_deg, mechanical_tilt_deg, electrical_tilt_deg, height_m, power_dbm, pattern)
SELECT 'XH' || n, ST_SetSRID(ST_Point(115.905 + n * 0.006, 31.85), 4326), 'synthetic', 'tests',
    CASE n WHEN 0 THEN 'fault' ELSE 'in_service' END, 'JZ', '5g', 3450, 100, 90, 2, 4, 30, 53, '8x8'
FROM generate_series(0, 2) AS n
"""


@pytest.fixture(scope="module")
def predicted(small_city: Addresses, catalog: Catalog) -> Iterator[None]:
    """Put up the masts, and have their coverage and its gaps analysed."""
    everything = Scope.everything("tests")
    with admin_connection(small_city) as connection:
        with connection.transaction():
            set_scope(connection, everything)
            connection.execute(ROW.encode())
        with connect_application(small_city) as own, scoped(own, everything):
            for kind in ("radio_coverage", "radio_gaps"):
                request(own, everything, catalog, kind=kind, parameters={"resolution": 9}, region="")
        carry_out(small_city, 120.0)
        yield
        with connection.transaction():
            set_scope(connection, everything)
            connection.execute(b"DELETE FROM city.sectors")
            connection.execute(b"DELETE FROM onemap.run_publication WHERE kind LIKE 'radio_%'")


def decibels(text: str) -> float:
    return float(text.replace("−", "-").split()[0])


@pytest.mark.parametrize("size", ["desk"])
def test_a_click_tells_sectors_a_budget_that_adds_up_and_what_would_help(
    screen: Screen, predicted: None
) -> None:
    page = screen.page
    screen.open(f"?c={CENTRE[1]},{CENTRE[0]}&z=15&r=radio_coverage.5g")
    assert screen.hook("results")["radio_coverage"]
    page.get_by_role("button", name="信号查询").click()
    expect(page.get_by_text("点地图上任意一处")).to_be_visible()
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    card = page.locator("[data-signal]")
    expect(card.get_by_text("最强五个扇区")).to_be_visible()
    # What the map shows of the cell stands beside what was computed for the point.
    expect(card.locator("[data-map-class]")).to_contain_text("地图上此处所在单元")
    # All sectors face away, and the nearest is broken: repairing or turning is told before a new site.
    expect(card.locator("[data-remedy]").first).to_be_visible()
    names = card.locator("tr[data-sector]").evaluate_all("rows => rows.map(row => row.dataset.sector)")
    assert sorted(names) == ["XH1", "XH2"]
    lines = {
        row.get_attribute("data-line"): decibels(row.locator("td").inner_text())
        for row in card.locator("tr[data-line]").all()
    }
    total = lines.pop("level")
    assert sum(lines.values()) == pytest.approx(total, abs=0.3)
    assert screen.query()["sig"][0].endswith(",5g")

    card.get_by_role("button", name="看 XH2 的链路预算").click()
    expect(card.get_by_text("链路预算 · XH2")).to_be_visible()
    card.get_by_role("tab", name="4G").click()
    expect(card.get_by_text("计算半径内没有在用扇区。")).to_be_visible()
    # The address alone brings the answer back, in the other language too.
    page.goto(f"{page.url}&lang=en".replace(",4g", ",5g"))
    screen.idle()
    expect(page.locator("[data-signal]").get_by_text("Five strongest sectors")).to_be_visible()
    page.keyboard.press("Tab")
    page.locator("[data-signal]").get_by_role("button", name="Close").click()
    expect(page.locator("[data-signal]")).to_have_count(0)
    assert "sig" not in screen.query()


@pytest.mark.parametrize("size", ["desk"])
def test_a_gap_is_opened_from_the_list_and_its_cell_says_what_the_whole_of_it_has(
    screen: Screen, predicted: None
) -> None:
    page = screen.page
    screen.open(f"?c={CENTRE[1]},{CENTRE[0]}&z=14&r=radio_gaps.5g")
    gap = page.locator("[data-gap]").first
    # Nobody is on record as living here: what lacks a signal is the road.
    expect(gap).to_contain_text("G312")
    code = gap.get_attribute("data-gap")
    gap.click()
    card = page.locator("[data-cell]")
    expect(card.locator(f"[data-gap-of='{code}']")).to_contain_text("公里")
    expect(card.get_by_text("面积", exact=True)).to_have_count(1)
    # One click from there it is told why.
    card.locator("[data-why-gap]").click()
    expect(page.locator("[data-signal]").get_by_text("最强五个扇区")).to_be_visible()

    # On the phone the same list is a sheet, from which a tap goes to the map and why it is weak there.
    page.set_viewport_size({"width": 390, "height": 844})
    screen.open("?p=gaps")
    expect(page.locator(f"[data-gap='{code}']")).to_contain_text("公里")
    page.locator(f"[data-gap='{code}']").click()
    page.locator("[data-why-gap]").click()
    expect(page.get_by_text("服务扇区")).to_be_visible()
    # The address alone brings it back, and its place is not under the sheet that tells of it.
    south, east = CENTRE[1] - 0.008, CENTRE[0]
    screen.open(f"?c={CENTRE[1]},{CENTRE[0]}&z=15&sig={south},{east},5g")
    expect(page.get_by_text("服务扇区")).to_be_visible()
    screen.idle()
    sheet, mark = (page.locator(one).bounding_box() for one in (".sheet", ".signal-place"))
    assert sheet is not None and mark is not None
    assert mark["y"] + mark["height"] < sheet["y"]
