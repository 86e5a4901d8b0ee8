"""The paragraph of a run of hotspots has the numbers of its findings, and none that is hidden."""

from __future__ import annotations

import re

import pytest

from layers.runs.hotspot_parameters import HotspotParameters
from layers.runs.hotspot_words import Said, paragraph
from layers.runs.hotspots import INCIDENT_HOTSPOTS
from layers.runs.kinds import Outcome
from layers.runs.legend import summary
from tests.layers.runs.test_hotspots import incidents, run

GROWING = {"background": 700, "spot": 300}


def said(outcome: Outcome, catalog, **given: object) -> Said:
    """Return the paragraph of an outcome, as it is read from a run that was kept."""
    record = {
        "kind": INCIDENT_HOTSPOTS.name,
        "parameters": HotspotParameters(**{"against": "area", **given}).model_dump(mode="json"),
        "note": {"facts": outcome.note.facts},
        "summary": {**summary(INCIDENT_HOTSPOTS, outcome.cells), "findings": outcome.findings},
    }
    return paragraph(record, catalog)


@pytest.fixture(scope="module")
def outcome():
    return run(incidents(["0501", "0502"], **GROWING))


def test_it_tells_the_first_place_and_what_all_add_up_to(outcome, catalog):
    fine = [one for one in outcome.findings if one["resolution"] == 10]
    top = fine[0]
    for text in said(outcome, catalog):
        assert f"{outcome.note.facts['counted']:,}" in text
        assert f"{sum(one['n'] for one in fine):,}" in text
        assert f"{top['n']:,}" in text
        assert top["since"] in text
        assert "花园" in text
        assert "nan" not in text.lower()
        assert "None" not in text
    zh, en = said(outcome, catalog)
    assert zh.startswith("2020-01 至 2020-12（12 个月）计入事件 ")
    assert "加强热点" in zh
    assert "错误发现率 5%" in zh
    assert "intensifying hot spot" in en
    assert "cells of about 150 m" in en
    assert not re.search(r"[\u4e00-\u9fff]", en.replace("花园", ""))


def test_a_class_and_a_short_step_are_named(catalog):
    frame = incidents(["0501"], **GROWING)
    given = {"classes": "0501", "step": "day", "steps": 14, "until": "2020-12-20"}
    zh, en = said(run(frame, **given), catalog, **given)
    assert zh.startswith("2020-12-07 至 2020-12-20（14 日）计入")
    assert en.startswith("From 2020-12-07 to 2020-12-20 (14 days) ")


def test_it_says_where_nothing_stands_out(catalog):
    calm = run(incidents(["0501"], spot=0))
    zh, en = said(calm, catalog)
    assert not [one for one in calm.findings if one["resolution"] == 10]
    assert zh.endswith("没有明显多于期望的地方（期望依据：面积；错误发现率 5%）。")
    assert en.endswith("No place has clearly more than expected (from: Area; false discovery rate 5%).")


def test_numbers_that_are_hidden_are_not_told_by_it(catalog):
    hidden = run(incidents(["S01"], **GROWING))
    for one in hidden.findings:
        one["n"] = None
    zh, en = said(hidden, catalog)
    assert "件数不公开" in zh
    assert "number not shown" in en
    assert "合计" not in zh
