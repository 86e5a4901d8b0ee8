"""The analysis of hotspots over a small region: what is counted, told, hidden, and one resolution up."""

from __future__ import annotations

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import shapely
from esda.smoothing import Empirical_Bayes

from geo.cells import index, parents, polygons, resolution_of, to_text
from geo.errors import Refused
from layers.definitions.loading import read_catalog
from layers.runs.errors import BadRunParameter
from layers.runs.hotspot_findings import LEAST_SHOWN, hides, sensitive_classes, within_rights
from layers.runs.hotspot_parameters import HotspotParameters
from layers.runs.hotspots import INCIDENT_HOTSPOTS, compute
from layers.runs.kinds import Inputs
from layers.runs.legend import summary
from layers.runs.parameters import parse
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
    assert top["above"]["n"] > 2 * top["above"]["expected"]
    assert top["above"]["category_title"]["zh"]
    assert len(top["series"]) == len(top["hot_steps"]) == 12
    assert sum(top["series"]) == top["n"]
    assert sum(top["series"][6:]) > sum(top["series"][:6])
    assert (
        sum(one["n"] for one in outcome.findings if one["resolution"] == 10) < outcome.note.facts["counted"]
    )


@pytest.mark.parametrize("resolution", [10, 9])
def test_the_hotspots_of_a_grid_are_the_hot_cells_that_its_legend_counts(outcome, resolution):
    """Each hot cell is in one hotspot; two cells are in one where they touch (h3-py 4)."""
    level = next(
        one for one in summary(INCIDENT_HOTSPOTS, outcome.cells)["levels"] if one["resolution"] == resolution
    )
    told = [one for one in outcome.findings if one["resolution"] == resolution]
    assert told
    assert sum(one["cells"] for one in told) == sum(level["in_class"][1:])
    hot = outcome.cells[
        (resolution_of(outcome.cells.index.to_numpy()) == resolution) & (outcome.cells["category"] > 0)
    ]
    middles = shapely.points([h3.cell_to_latlng(one)[::-1] for one in to_text(hot.index.to_numpy())])
    shapes = [shapely.union_all([shapely.Polygon(ring) for ring in one["outline"]]) for one in told]
    assert [sum(shape.contains(middle) for shape in shapes) for middle in middles] == [1] * len(hot)


def test_hot_cells_have_more_than_expected_themselves_and_places_together(outcome):
    """Also those of one resolution up; a neighbourhood's test alone calls more cells hot."""
    cells = outcome.cells
    hot = cells["category"] > 0
    assert (cells.loc[hot, "n"] > 0).all()
    lent = ~hot & (cells["whole"] > 0) & (cells["share_hot"] > 0.5)
    assert (cells.loc[lent, "n"] < cells.loc[lent, "expected"]).sum() >= 5
    for one in outcome.findings:
        if "z" in one and all(one["hot_steps"]):
            assert one["n"] > one["expected"]


def test_other_pictures_of_the_same_cells_tell_the_spot_too(outcome):
    fine = outcome.cells[resolution_of(outcome.cells.index.to_numpy()) == 10]
    spot = fine.loc[index([SPOT.x], [SPOT.y], 10)[0]]
    assert spot["quadrant"] == 4
    assert spot["rate"] > 100 * fine["rate"].median()
    assert outcome.units == {"rate": "1/km²"}
    legend = summary(INCIDENT_HOTSPOTS, outcome.cells)["pictures"]
    of_quadrants = next(one for one in legend["quadrant"] if one["resolution"] == 10)
    assert of_quadrants["in_class"] == [int((fine["quadrant"] == one).sum()) for one in (1, 2, 3, 4)]
    assert of_quadrants["empty"] == (fine["quadrant"] == 0).sum() > 0.8 * len(fine)
    assert len(next(one for one in legend["rate"] if one["resolution"] == 9)["breaks"]) > 1


def test_rates_are_those_of_esda_per_thousand_residents_and_none_where_nobody_lives():
    """Empirical Bayes by esda 2.9."""
    frame = incidents(["0501"])
    cells = np.unique(index(frame.geometry.x, frame.geometry.y, 10))
    lived_in = cells[::2]
    residents = np.random.default_rng(1).integers(1, 400, len(lived_in))
    people = gpd.GeoDataFrame(
        {"cell": to_text(lived_in), "residents": residents}, geometry=polygons(lived_in).to_numpy(), crs=4326
    )
    told = compute(
        HotspotParameters(), Inputs({"incidents": frame, "people": people}, region=REGION), lambda share: None
    )
    fine = told.cells[resolution_of(told.cells.index.to_numpy()) == 10]
    here = fine.index.isin(lived_in)
    own = fine.loc[here, "n"].to_numpy()
    theirs = Empirical_Bayes(own, residents).r.ravel()
    assert fine.loc[here, "rate"].to_numpy() / 1000 == pytest.approx(theirs)
    assert (fine.loc[~here, "rate"] == 0).all()
    assert fine.loc[~here, "n"].sum() > 100
    assert told.units == {"rate": "1/1000 people"}


def test_cells_on_the_edge_of_the_area_are_told(outcome):
    fine = outcome.cells[resolution_of(outcome.cells.index.to_numpy()) == 10]
    area = set(to_text(fine.index.to_numpy()))
    edge = [not set(h3.grid_disk(one, 1)) <= area for one in to_text(fine.index.to_numpy())]
    assert (fine["edge"] > 0).tolist() == edge
    assert 0 < sum(edge) < len(fine) / 2


def test_a_span_ends_where_it_is_said_to():
    frame = incidents(["0501"])
    told = run(frame, until="2020-06-30", steps=3)
    assert (told.note.facts["first_step"], told.note.facts["last_step"]) == ("2020-04-01", "2020-06-01")
    month = pd.DatetimeIndex(frame["occurred_at"]).tz_convert("Asia/Shanghai").month
    assert told.note.facts["counted"] == month.isin([4, 5, 6]).sum()
    day = run(frame, step="hour", steps=96, until="2020-06-28")
    assert (day.note.facts["first_step"], day.note.facts["last_step"]) == ("2020-06-25", "2020-06-28 23:00")


def test_days_are_parted_by_the_midnight_of_the_city_or_of_the_zone_that_is_named():
    frame = incidents(["0501"])
    frame["occurred_at"] = pd.to_datetime("2020-12-31T17:00:00Z")
    one = frame.assign(occurred_at=pd.to_datetime("2020-12-30T17:00:00Z"))
    both = pd.concat([frame, one], ignore_index=True)
    facts = {zone: run(both, step="day", steps=2, timezone=zone).note.facts for zone in (None, "UTC")}
    assert facts[None]["last_step"] == "2021-01-01"
    assert facts["UTC"]["last_step"] == "2020-12-31"
    with pytest.raises(BadRunParameter, match="timezone"):
        parse(INCIDENT_HOTSPOTS, {"timezone": "Asia/Yeji"}, read_catalog())


@pytest.mark.parametrize("method", ["dbscan", "hdbscan"])
def test_dense_groups_of_points_stand_beside_what_was_tested(outcome, method):
    told = run(incidents(["0501", "0502"]), clusters=method)
    groups = [one for one in told.findings if one["category"] == "dense_cluster"]
    assert [one for one in told.findings if one not in groups] == outcome.findings
    assert groups[0]["n"] > 200
    assert shapely.Polygon(groups[0]["outline"][0]).contains(SPOT)
    assert (groups[0]["expected"], groups[0]["region_name"]) == (None, "花园")


def test_near_repeats_are_told_with_what_chance_gives():
    frame = incidents(["0501"], background=300, spot=0)
    again = frame.assign(occurred_at=frame["occurred_at"] + pd.Timedelta(days=3))
    calm, close = (
        run(one, near_repeats=True, permutations=99).note.facts
        for one in (frame, pd.concat([frame, again], ignore_index=True))
    )
    assert close["near_repeat_pairs"] > 2 * close["near_repeat_expected"]
    assert close["near_repeat_p"] == 0.01
    assert calm["near_repeat_p"] > 0.05


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
    assert hidden["rate"].isna().equals(small)
    assert hidden["moran"].isna().equals(small)
    series = [n for one in run(frame).findings for n in one["series"] if n is not None]
    assert series
    assert not any(0 < n < LEAST_SHOWN for n in series)
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
