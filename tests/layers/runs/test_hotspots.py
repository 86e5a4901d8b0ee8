"""The analysis of hotspots over a small region: what is counted, told, hidden, and one resolution up."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.cells import index, parents, polygons, resolution_of, to_text
from geo.errors import Refused
from layers.definitions.loading import read_catalog
from layers.runs.hotspot_findings import LEAST_SHOWN, hides, sensitive_classes, within_rights
from layers.runs.hotspots import INCIDENT_HOTSPOTS, HotspotParameters, compute
from layers.runs.kinds import Inputs, parse
from layers.runs.legend import summary
from layers.runs.requesting import request
from layers.scope import Classification, Scope, Verb

MIDDLE = (115.9, 31.85)
REGION = shapely.Point(MIDDLE).buffer(0.02)
SPOT = shapely.Point(115.907, 31.853)


def incidents(classes, *, spot=400, background=1_500, seed=5):
    """Return a year of incidents, even over the region, and those of one spot, more month by month."""
    draw = np.random.default_rng(seed)
    even = [
        point
        for point in shapely.points(draw.uniform(-0.02, 0.02, (3 * background, 2)) + MIDDLE)
        if REGION.contains(point)
    ][:background]
    near = shapely.points(draw.normal((SPOT.x, SPOT.y), 0.0004, (spot, 2)))
    month = np.concatenate([
        draw.integers(1, 13, len(even)), draw.choice(np.arange(1, 13), spot, p=np.arange(1, 13) / 78)
    ])  # fmt: skip
    day, hour = draw.integers(1, 29, len(month)), draw.integers(0, 24, len(month))
    return gpd.GeoDataFrame(
        {
            "class_code": draw.choice(classes, len(month)),
            "occurred_at": pd.to_datetime(
                [f"2020-{m:02}-{d:02}T{h:02}:15:00+08:00" for m, d, h in zip(month, day, hour, strict=True)]
            ),
            "state": "closed",
            "repeat_of": None,
        },
        geometry=[*even, *near],
        crs=4326,
    )


def run(frame, **given):
    communities = gpd.GeoDataFrame(
        {"code": ["341504001001"], "name": ["花园"]}, geometry=[shapely.box(115.8, 31.8, 116, 31.9)], crs=4326
    )
    found = {"against": "area", **given}
    inputs = Inputs({"incidents": frame, "communities": communities}, region=REGION, prefix="3415")
    return compute(HotspotParameters(**found), inputs, lambda share: None)


@pytest.fixture(scope="module")
def outcome():
    return run(incidents(["0501", "0502"]))


def test_a_spot_that_grows_is_named_with_its_numbers_and_region(outcome):
    top = outcome.findings[0]
    assert top["category"] == "intensifying_hot"
    assert top["n"] > 3 * top["expected"]
    assert (
        polygons(index([SPOT.x], [SPOT.y], 10)).iloc[0].distance(shapely.Point(top["lon"], top["lat"]))
        < 0.003
    )
    assert (top["region"], top["region_name"]) == ("341504001001", "花园")
    assert top["rule"]["zh"]
    assert top["coarser"]
    assert sum(one["n"] for one in outcome.findings) < outcome.note.facts["counted"]


def test_the_grid_one_resolution_up_is_computed_beside(outcome):
    cells = outcome.cells
    resolution = resolution_of(cells.index.to_numpy())
    fine, coarse = cells[resolution == 10], cells[resolution == 9]
    assert len(fine) > 5 * len(coarse) > 0
    assert fine["n"].sum() == coarse["n"].sum() == outcome.note.facts["counted"]
    up = fine["n"].groupby(parents(fine.index.to_numpy(), 9)).sum()
    assert up.sort_index().tolist() == coarse["n"].sort_index().tolist()
    assert (coarse["category"] > 0).any()
    assert [level["resolution"] for level in summary(INCIDENT_HOTSPOTS, cells)["levels"]] == [10, 9]


def test_default_points_void_reports_and_repeats_are_left_out():
    frame = incidents(["0501"])
    pile = frame.iloc[[0] * 60].set_geometry([shapely.Point(115.895, 31.845)] * 60, crs=4326)
    void = frame.iloc[:30].assign(state="void")
    again = frame.iloc[:20].assign(repeat_of="SJ1")
    told = run(pd.concat([frame, pile, void, again], ignore_index=True))
    facts = told.note.facts
    assert facts["counted"] == len(frame)
    assert (facts["default_points"], facts["on_default_points"]) == (1, 60)
    assert (facts["not_filed"], facts["recorded_repeats"]) == (30, 20)
    at = index([115.895], [31.845], 10)
    assert to_text(at)[0] not in [one["cell"] for one in told.findings]


def test_small_counts_of_sensitive_classes_are_not_shown():
    frame = incidents(["S01", "S03"], background=700)
    hidden = run(frame).cells
    shown = run(frame, small_counts="show").cells
    small = (shown["n"] > 0) & (shown["n"] < LEAST_SHOWN)
    assert small.sum() > 100
    assert hidden["n"].isna().equals(small)
    assert hidden.loc[~small, "n"].equals(shown.loc[~small, "n"])
    assert hidden["category"].equals(shown["category"])
    assert run(incidents(["0501"], background=700)).cells["n"].notna().all()


def test_a_rare_sensitive_class_is_not_listed_among_others():
    frame = incidents(["0501"])
    frame.loc[frame.index[-3:], "class_code"] = "S01"
    named = {code for one in run(frame).findings for code, _ in one["classes"]}
    assert "S01" not in named
    named = {code for one in run(frame, small_counts="show").findings for code, _ in one["classes"]}
    assert "S01" in named


def test_the_code_list_marks_what_is_sensitive():
    marked = sensitive_classes()
    assert {"S", "S01", "S99"} <= marked
    assert not any(code[0] in "0HT" for code in marked)
    parameters = HotspotParameters()
    assert hides(parameters, ["S01"])
    assert not hides(parameters, ["S01", "0501"])
    assert not hides(HotspotParameters(small_counts="show"), ["S01"])


def test_only_who_may_open_restricted_things_may_ask_for_small_counts():
    catalog = read_catalog()
    officer = Scope("o", frozenset({Verb.READ}), frozenset({Classification.PUBLIC, Classification.INTERNAL}))
    given = {"classes": "S", "small_counts": "show"}
    with pytest.raises(Refused):
        request(None, officer, catalog, kind="incident_hotspots", parameters=given)
    assert INCIDENT_HOTSPOTS.restricts(parse(INCIDENT_HOTSPOTS, given, catalog))
    assert not INCIDENT_HOTSPOTS.restricts(parse(INCIDENT_HOTSPOTS, {"classes": "S"}, catalog))


def test_the_scan_tells_a_cluster_in_time_and_place_the_same_for_a_seed():
    frame = incidents(["0501", "0502"])
    burst = frame.iloc[:60].assign(occurred_at=pd.Timestamp("2020-05-10T09:00:00+08:00"))
    draw = np.random.default_rng(2)
    burst = burst.set_geometry(shapely.points(draw.normal((115.892, 31.846), 0.0004, (60, 2))), crs=4326)
    both = pd.concat([frame, burst], ignore_index=True)
    plain, once, again = (
        run(both, scan=scan, permutations=99) for scan in ("off", "permutation", "permutation")
    )
    clusters = [one for one in once.findings if one["category"] == "space_time_cluster"]
    assert again.findings == once.findings
    assert plain.findings == [one for one in once.findings if one not in clusters]
    assert "clusters" not in plain.note.facts
    assert once.note.facts["clusters"] == len(clusters)
    found = next(one for one in clusters if (one["since"], one["until"]) == ("2020-05-01", "2020-05-01"))
    assert found["p"] == 0.01
    assert found["n"] >= 60 > 5 * found["expected"]
    at = shapely.Point(found["lon"], found["lat"])
    assert at.distance(shapely.Point(115.892, 31.846)) < 0.005
    assert (found["region_name"], found["hours"][0][0]) == ("花园", 9)
    assert found["rule"]["zh"].endswith("自 2020-05-01 起一步，p = 0.01")
    assert found["rule"]["en"].endswith("one step from 2020-05-01, p = 0.01")
    by_expected = run(both, scan="poisson", permutations=99).findings
    assert any(one["category"] == "space_time_cluster" for one in by_expected)


def test_small_clusters_of_sensitive_classes_have_no_number():
    found = {"n": 3, "classes": [("S01", 3)], "hours": [(9, 3)]}
    assert within_rights(found, HotspotParameters(), hidden=True) == {"n": None, "classes": [], "hours": []}
    assert within_rights(found, HotspotParameters(small_counts="show"), hidden=False) == found
