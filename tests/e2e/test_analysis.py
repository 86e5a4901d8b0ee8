"""Asking for an analysis in the browser: the form, progress, cancelling, and what is said of a failure."""

from __future__ import annotations

import os
import re
import signal

import pytest
from playwright.sync_api import Locator, expect

from layers.database import Addresses
from tests.e2e.screen import Screen
from tests.e2e.small_city import CAMERAS, CENTRE
from tests.layers.runs.workers import held, record, wait_for, worker, worker_here

pytestmark = [pytest.mark.e2e, pytest.mark.postgis]

DESK = f"?c={CENTRE[1]},{CENTRE[0]}&z=14&l=counties,towns,communities,roads,water&p=analysis"
PATIENCE = 90_000


def ask(screen: Screen, resolution: str = "9") -> tuple[int, Locator]:
    """Ask for the density of cameras in the form, and return the run with its row."""
    form = screen.page.locator("form[data-kind=density]")
    form.get_by_label("图层").select_option(label="摄像机")
    form.get_by_label("单元级别").fill(resolution)
    with screen.page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        form.get_by_role("button", name="开始分析").click()
    run = int(answered.value.json()["id"])
    row = screen.page.locator(f"[data-run='{run}']").first
    expect(row).to_be_visible()
    return run, row


def test_an_analysis_is_asked_for_watched_and_comes_to_the_map(screen: Screen, small_city: Addresses) -> None:
    screen.open(DESK)
    with worker_here(small_city):
        with held(small_city, "publish", 0):
            run, row = ask(screen)
            bar = row.get_by_role("progressbar")
            expect(bar).to_have_attribute("aria-valuetext", re.compile("发布"), timeout=PATIENCE)
            assert int(bar.get_attribute("aria-valuenow") or 0) >= 75
            assert run not in screen.hook("results").values(), "what is not published is not shown"
        expect(row).to_have_attribute("data-state", "succeeded", timeout=PATIENCE)
    screen.page.wait_for_function("(run) => window.__onemap.results.density === run", arg=run)
    screen.idle()
    cells = screen.page.evaluate("(run) => window.__onemap.cells(run)", run)
    assert sum(one["values"]["n"] for one in cells) == CAMERAS
    assert screen.query()["r"] == ["density.cameras"]
    expect(screen.page.locator(f".legend[data-run='{run}']")).to_contain_text("密度 · 摄像机")
    expect(row).to_contain_text("当前发布")


def test_a_run_that_goes_on_is_called_off(screen: Screen, small_city: Addresses) -> None:
    screen.open(DESK)
    shown = screen.hook("results")
    with held(small_city, "read", 0), worker_here(small_city):
        run, row = ask(screen)
        bar = row.get_by_role("progressbar")
        expect(bar).to_have_attribute("aria-valuetext", re.compile("读取数据"), timeout=PATIENCE)
        row.get_by_role("button", name=f"取消任务 #{run}").click()
        expect(row).to_have_attribute("data-state", "cancelled", timeout=PATIENCE)
    expect(row).to_contain_text("已取消")
    assert screen.hook("results") == shown


def test_a_run_that_waits_is_called_off_at_once(screen: Screen, small_city: Addresses) -> None:
    screen.open(DESK)
    run, row = ask(screen)
    expect(row).to_contain_text("等待执行进程")
    row.get_by_role("button", name=f"取消任务 #{run}").click()
    expect(row).to_have_attribute("data-state", "cancelled")
    assert record(small_city, run)["state"] == "cancelled"


def test_a_run_that_failed_says_why(screen: Screen, small_city: Addresses) -> None:
    screen.open(DESK)
    with held(small_city, "read", 0), worker(small_city) as busy:
        run, row = ask(screen)
        wait_for(lambda: record(small_city, run)["step"] == "read", "reading")
        for child in busy.computations():
            os.kill(child, signal.SIGKILL)
        expect(row).to_have_attribute("data-state", "failed", timeout=PATIENCE)
    expect(row).to_contain_text("计算中止")
    expect(row).to_contain_text("计算没有给出结果就已中止")


def test_the_form_says_what_is_missing_and_what_is_out_of_range(screen: Screen) -> None:
    screen.open(DESK)
    asked: list[str] = []
    screen.page.on("request", lambda one: asked.append(one.method))
    form = screen.page.locator("form[data-kind=density]")
    form.get_by_label("单元级别").fill("13")
    form.get_by_role("button", name="开始分析").click()
    expect(form.get_by_role("alert").first).to_have_text("请填写「图层」")
    expect(form.get_by_label("图层")).to_be_focused()
    expect(form).to_contain_text("5 至 12")
    assert "POST" not in asked


def test_the_fields_to_add_up_are_those_of_the_chosen_layer(screen: Screen) -> None:
    screen.open(DESK)
    form = screen.page.locator("form[data-kind=density]")
    expect(form.get_by_label("合计字段")).to_be_disabled()
    form.get_by_label("图层").select_option(label="建筑物")
    field = form.get_by_label("合计字段")
    expect(field).to_be_enabled()
    field.select_option(label="高度")
    form.get_by_label("图层").select_option(label="道路")
    expect(field).to_have_value("")


def test_regions_are_offered_by_name(screen: Screen) -> None:
    screen.open(DESK)
    options = screen.page.locator("select[name=region] option")
    expect(options.filter(has_text=re.compile("^史河街道$"))).to_have_count(1)
    expect(options.first).to_have_text("全区")


def test_the_refusal_of_the_service_is_shown_in_its_words(screen: Screen, small_city: Addresses) -> None:
    screen.open(DESK)
    screen.watch.allow("400")
    screen.page.route(
        "**/runs",
        lambda route: (
            route.continue_(post_data=(route.request.post_data or "").replace("cameras", "nothing"))
            if route.request.method == "POST"
            else route.continue_()
        ),
    )
    form = screen.page.locator("form[data-kind=density]")
    form.get_by_label("图层").select_option(label="摄像机")
    form.get_by_role("button", name="开始分析").click()
    expect(form.get_by_role("alert")).to_contain_text("参数 layer 的值 nothing 无法使用")
