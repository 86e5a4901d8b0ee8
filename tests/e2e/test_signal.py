"""The signal tool: a click tells sectors, a budget that adds up and what would help, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from layers.database import Addresses, admin_connection, set_scope
from layers.scope import Scope
from tests.e2e.screen import Screen
from tests.e2e.small_city import CENTRE

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
def with_sectors(small_city: Addresses) -> Iterator[None]:
    everything = Scope.everything("tests")
    with admin_connection(small_city) as connection:
        with connection.transaction():
            set_scope(connection, everything)
            connection.execute(ROW.encode())
        yield
        with connection.transaction():
            set_scope(connection, everything)
            connection.execute(b"DELETE FROM city.sectors")


def decibels(text: str) -> float:
    return float(text.replace("−", "-").split()[0])


@pytest.mark.parametrize("size", ["desk"])
def test_a_click_tells_sectors_a_budget_that_adds_up_and_what_would_help(
    screen: Screen, with_sectors: None
) -> None:
    page = screen.page
    screen.open(f"?c={CENTRE[1]},{CENTRE[0]}&z=15")
    page.get_by_role("button", name="信号查询").click()
    expect(page.get_by_text("点地图上任意一处")).to_be_visible()
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    card = page.locator("[data-signal]")
    expect(card.get_by_text("最强五个扇区")).to_be_visible()
    # All sectors face away, and the nearest is broken: repairing or turning is told before a new site.
    expect(card.locator("[data-remedy]").first).to_be_visible()
    names = card.locator("tr[data-sector]").evaluate_all("rows => rows.map(row => row.dataset.sector)")
    assert names == ["XH1", "XH2"]
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
