"""Figures of the wall while sums are added up anew: the last ones say so; new ones come by themselves."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from layers.database import Addresses, admin_connection
from tests.e2e.screen import Screen
from tests.e2e.small_city import CAMERAS

pytestmark = [pytest.mark.e2e, pytest.mark.postgis]

SWITCH = "UPDATE city.cameras SET online = NOT online WHERE code = 'SXT0024'"
HOLD = "LOCK TABLE city.cameras IN ACCESS EXCLUSIVE MODE"


@pytest.mark.parametrize("size", ["wall"], indirect=True)
def test_old_figures_say_since_when_and_the_new_ones_come_by_themselves(
    screen: Screen, small_city: Addresses
) -> None:
    page = screen.page
    screen.open("wall/video")
    parts = page.locator("[data-indicator=cameras_online] .tile-parts")
    expect(parts).to_contain_text(f"/ {CAMERAS}", timeout=30_000)
    before = parts.inner_text()
    old = page.locator(".headline .old-figures")
    expect(old).to_have_count(0, timeout=20_000)
    with admin_connection(small_city) as connection:
        with connection.transaction():
            connection.execute(SWITCH)
        try:
            with connection.transaction():
                connection.execute(HOLD)  # whoever adds up cameras waits
                expect(old).to_contain_text("数据更新中，显示的是", timeout=20_000)
                expect(page.locator("[data-indicator=cameras_online] .tile-old")).to_be_visible()
                expect(parts).to_have_text(before)
            expect(old).to_have_count(0, timeout=20_000)
            expect(parts).not_to_have_text(before)
            expect(parts).to_contain_text(f"/ {CAMERAS}")
        finally:
            with connection.transaction():
                connection.execute(SWITCH)
