"""What a site gains wherever it is moved: the same that the engine finds for the whole plan."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import scipy.sparse

from geo.cells import corners, index, parents
from geo.siting import Rules, max_coverage
from layers.runs.siting.model import TOLD, Model, Reach, parts_of, read_reach
from layers.runs.siting.moving import Kept, Stand, after, by_cell, kept_of, neighbourhood

PLACES, SETTINGS, DEMANDS = 12, 3, 40


def model_of(seed: int, *, sure: bool) -> Model:
    random = np.random.default_rng(seed)
    hits = random.random((PLACES * SETTINGS, DEMANDS)) < 0.25
    share = np.ones_like(hits, dtype=float) if sure else random.uniform(0.05, 1.0, hits.shape)
    lon, lat = 115.9 + 0.002 * np.arange(DEMANDS), np.full(DEMANDS, 31.85)
    candidates = gpd.GeoDataFrame(
        {name: ["x"] * PLACES for name in TOLD}
        | {"host": [f"H{one}" for one in range(PLACES)], "height_m": np.nan, "cost": 1.0}
        | {"reasons": [("water",) if one == PLACES - 1 else () for one in range(PLACES)]},
        geometry=gpd.points_from_xy(115.9 + 0.006 * np.arange(PLACES), [31.85] * PLACES), crs=4326,
    )  # fmt: skip
    usable = np.repeat(np.arange(PLACES), SETTINGS)
    kept = usable < PLACES - 1
    return Model(
        candidates, usable[kept], np.tile([0.0, 120.0, 240.0], PLACES)[kept], np.zeros(kept.sum()),
        scipy.sparse.csr_array(hits[kept] * share[kept]), random.uniform(0, 9, DEMANDS), index(lon, lat, 10),
        1,
    )  # fmt: skip


def kept(model: Model, chosen: np.ndarray) -> tuple[Kept, dict[int, Reach]]:
    parts = parts_of(model, chosen)
    reached = {int(name[6:]): read_reach(body) for name, body in parts.items() if name.startswith("reach/")}
    return kept_of(parts), reached


@pytest.mark.parametrize("sure", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_the_gain_of_a_moved_site_is_that_of_the_plan_computed_with_it(seed, sure):
    model = model_of(seed, sure=sure)
    plan = max_coverage(model.covers, model.left, 4, rules=Rules(groups=model.place.tolist()))
    own, reached = kept(model, plan.chosen)
    taken = own.chosen[1]
    standing = [one for one in own.chosen if one != taken]
    near = own.nearest(115.9, 31.85, 6).tolist()
    assert PLACES - 1 not in own.nearest(115.9, 31.85, PLACES)  # stands in the water
    found = neighbourhood(own, near, standing, reached, taken=[taken], resolution=9)
    others = [row for row in plan.chosen.tolist() if row != plan.chosen[1]]
    filled = {stand.number for stand in standing}
    before = max_coverage(model.covers, model.left, 3, rules=Rules(forced=others)).covered
    assert found["covered"] == pytest.approx(before, rel=1e-12)
    assert [one["number"] for one in found["candidates"]] == near
    for one in found["candidates"]:
        if one["number"] in filled:
            assert one["best"] is None
            continue
        rows = [one["number"] * SETTINGS + setting for setting in range(SETTINGS)]
        whole = [
            max_coverage(model.covers, model.left, 4, rules=Rules(forced=[*others, row])).covered
            for row in rows
        ]
        assert before + one["best"]["gain"] == pytest.approx(max(whole), rel=1e-12)
        assert before + one["best"]["gain"] == pytest.approx(whole[one["best"]["setting"]], rel=1e-12)
    [stood] = found["taken"]
    assert (stood["rank"], stood["number"], stood["setting"]) == (2, taken.number, taken.setting)
    assert before + stood["gain"] == pytest.approx(plan.covered, rel=1e-12)


def test_hexagons_of_which_a_site_brings_a_part_are_told_by_their_outlines():
    model = model_of(3, sure=True)
    plan = max_coverage(model.covers, model.left, 2, rules=Rules(groups=model.place.tolist()))
    own, reached = kept(model, plan.chosen)
    near = own.nearest(115.9, 31.85, 5).tolist()
    found = neighbourhood(own, near, [], reached, resolution=8)
    for one in found["candidates"]:
        demand, _ = reached[one["number"]].row(one["best"]["setting"])
        # All of what it reaches surely is gained: no hexagon that holds much of it may be missing.
        cells = set(parents(model.cell[demand[model.left[demand] > 4.5]], 8).tolist())
        told = {tuple(found["hexagons"][number]) for number in one["best"]["hexagons"]}
        for cell in cells:
            points, _ = corners(np.array([cell], dtype=np.uint64))
            assert tuple(np.round(points[:-1], 6).ravel().tolist()) in told


def test_a_site_that_was_moved_before_leaves_what_it_reached_and_takes_what_it_reaches_now():
    model = model_of(9, sure=False)
    plan = max_coverage(model.covers, model.left, 3, rules=Rules(groups=model.place.tolist()))
    own, reached = kept(model, plan.chosen)
    free = next(one for one in range(PLACES - 1) if one not in {stand.number for stand in own.chosen})
    moved = [Stand(1, free, 2), *own.chosen[1:]]
    rows = [free * SETTINGS + 2, *plan.chosen[1:].tolist()]
    left = after(own, moved, reached)
    whole = max_coverage(model.covers, model.left, 3, rules=Rules(forced=rows)).covered
    assert own.left.sum() - left.sum() == pytest.approx(whole, rel=1e-12)
    cells = by_cell(own, left, 9)
    assert cells["gained"].sum() == pytest.approx(whole, rel=1e-12)
    assert cells["missing"].sum() == pytest.approx(model.left.sum(), rel=1e-12)
